import { initialRtoMs, maxRtoMs, minRtoMs } from './constants.js';
import { roundUpToTick } from './kernel-timer.js';

/**
 * Round-trip time and retransmission time-out (RFC 6298 in Linux's variant: a floor of 200 ms under the variance term,
 * which is the largest deviation of a round and decays by a quarter a round; a sample below the mean counts an eighth).
 * Milliseconds. Rounds are counted in segments: `una` and `nxt` are the sender's.
 */
export class RttEstimator {
  /** 0 before the first sample. */
  srtt = 0;
  /** The smallest sample so far. */
  min = Infinity;
  /** The time-out without back-off. */
  rto = initialRtoMs;
  /** Four times the mean deviation. */
  #deviation = 0;
  #largestDeviation = 0;
  #variance = 0;
  #roundEnd = 0;

  /** For the smallest RTT, the sample of the newest acknowledged segment. */
  noteMinimum(sample: number): void {
    if (sample < this.min) this.min = sample;
  }

  sample(rtt: number, una: number, nxt: number): void {
    if (this.srtt === 0) this.#first(rtt, nxt);
    else this.#update(rtt, una, nxt);
    this.rto = Math.min(maxRtoMs, roundUpToTick(this.srtt + this.#variance));
  }

  #first(rtt: number, nxt: number): void {
    this.srtt = Math.max(rtt, 0.001);
    this.#deviation = 2 * rtt;
    this.#variance = Math.max(this.#deviation, minRtoMs);
    this.#largestDeviation = this.#variance;
    this.#roundEnd = nxt;
  }

  #update(rtt: number, una: number, nxt: number): void {
    const error = rtt - this.srtt;
    this.srtt = Math.max(this.srtt + error / 8, 0.001);
    let change = Math.abs(error) - this.#deviation / 4;
    if (error < 0 && change > 0) change /= 8;
    this.#deviation += change;
    if (this.#deviation > this.#largestDeviation) {
      this.#largestDeviation = this.#deviation;
      this.#variance = Math.max(this.#variance, this.#largestDeviation);
    }
    if (una > this.#roundEnd) {
      if (this.#largestDeviation < this.#variance) this.#variance -= (this.#variance - this.#largestDeviation) / 4;
      this.#roundEnd = nxt;
      this.#largestDeviation = minRtoMs;
    }
  }
}
