import type { CongestionWindow } from './congestion-control.js';

/** Below this window slow start is never left early, segments. */
const lowWindow = 16;
const samplesPerRound = 8;
/** Acknowledgements that come closer than this belong to one train, ms. */
const trainGapMs = 2;

/**
 * Leaves slow start before the queue overflows (Ha and Rhee's HyStart, as in Linux's CUBIC): when a round's train of
 * ACKs has grown as long as half the smallest RTT, or when the RTT itself has grown by an eighth.
 */
export class HyStart {
  #found = false;
  #roundEnd = -1;
  #roundStart = 0;
  #lastAck = 0;
  #roundRtt = Infinity;
  #samples = 0;

  reset(): void {
    this.#found = false;
    this.#roundEnd = -1;
  }

  onRtt(
    rtt: number,
    minRtt: number,
    window: CongestionWindow,
    { now, una, nxt }: { now: number; una: number; nxt: number },
  ): void {
    if (this.#found || window.cwnd >= window.ssthresh || window.cwnd < lowWindow) return;
    if (una > this.#roundEnd) this.#startRound(now, nxt);
    if (this.#trainIsLong(now, minRtt) || this.#delayHasGrown(rtt, minRtt)) {
      this.#found = true;
      window.ssthresh = window.cwnd;
    }
  }

  #startRound(now: number, nxt: number): void {
    this.#roundEnd = nxt;
    this.#roundStart = now;
    this.#lastAck = now;
    this.#roundRtt = Infinity;
    this.#samples = 0;
  }

  #trainIsLong(now: number, minRtt: number): boolean {
    if (now - this.#lastAck > trainGapMs) return false;
    this.#lastAck = now;
    return now - this.#roundStart > minRtt / 2;
  }

  #delayHasGrown(rtt: number, minRtt: number): boolean {
    this.#roundRtt = Math.min(this.#roundRtt, rtt);
    if (this.#samples < samplesPerRound) {
      this.#samples += 1;
      return false;
    }
    return this.#roundRtt > minRtt + Math.min(16, Math.max(4, minRtt / 8));
  }
}
