import type { CongestionWindow } from './congestion-control.js';

interface Flight {
  una: number;
  nxt: number;
  outstanding: number;
}

/** Whether the congestion window is what limits the sender (RFC 7661 §4, as Linux does it): only then may it grow. */
export class WindowUse {
  #limited = false;
  /** The largest flight of the current window of data, and where that window ends. */
  #largest = 0;
  #windowEnd = 0;

  isLimit({ cwnd, ssthresh }: CongestionWindow): boolean {
    // In slow start the window may reach twice what was in flight.
    return this.#limited || (cwnd < ssthresh && cwnd < 2 * this.#largest);
  }

  /** After sending, or when the window did not let anything be sent. */
  update({ una, nxt, outstanding }: Flight, limited: boolean): void {
    if (una < this.#windowEnd && !limited && (this.#limited || outstanding <= this.#largest)) return;
    this.#limited = limited;
    this.#largest = outstanding;
    this.#windowEnd = nxt;
  }
}
