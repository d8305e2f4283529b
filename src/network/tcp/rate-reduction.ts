/**
 * Proportional Rate Reduction (RFC 6937, with the slow-start bound when no further loss shows): during recovery the
 * window follows what is delivered, so that it ends at the threshold.
 */
export class RateReduction {
  #priorWindow = 1;
  #delivered = 0;
  #sent = 0;

  begin(window: number): void {
    this.#priorWindow = window;
    this.#delivered = 0;
    this.#sent = 0;
  }

  noteSent(): void {
    this.#sent += 1;
  }

  /** The window after an acknowledgement that delivered segments. */
  window(
    delivered: number,
    {
      inFlight,
      ssthresh,
      advanced,
      newlyLost,
    }: { inFlight: number; ssthresh: number; advanced: boolean; newlyLost: number },
  ): number {
    this.#delivered += delivered;
    const room = ssthresh - inFlight;
    let send: number;
    if (room < 0) {
      send = Math.ceil((ssthresh * this.#delivered) / this.#priorWindow) - this.#sent;
    } else {
      send = Math.max(this.#delivered - this.#sent, delivered);
      if (advanced && newlyLost === 0) send += 1;
      send = Math.min(room, send);
    }
    // The first acknowledgement of a recovery always sends: that is the fast retransmit.
    return inFlight + Math.max(send, this.#sent > 0 ? 0 : 1);
  }
}
