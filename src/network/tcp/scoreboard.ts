import { SegmentWindow } from './segment-window.js';
import type { Segment } from './segment.js';
import { TransmissionOrder } from './transmission-order.js';

/** What a sender knows of the segments it has sent (RFC 6675), in counts that cost nothing to ask for. */
export class Scoreboard {
  readonly window = new SegmentWindow();
  readonly transmissions = new TransmissionOrder();
  sacked = 0;
  /** Taken for lost and not acknowledged, whether retransmitted since or not. */
  lost = 0;
  retransmitted = 0;
  /** Segments ever taken for lost; a lost retransmission counts again. */
  totalLost = 0;
  /** No segment before this index is lost and not retransmitted. */
  #nextLost = 0;
  #orders = 0;

  get outstanding(): number {
    return this.window.length;
  }

  get inFlight(): number {
    return this.window.length - this.sacked - this.lost + this.retransmitted;
  }

  get head(): Segment | undefined {
    const { window } = this;
    return window.length === 0 ? undefined : window.at(window.una);
  }

  get tail(): Segment | undefined {
    const { window } = this;
    return window.length === 0 ? undefined : window.at(window.nxt - 1);
  }

  /** A transmission of `segment`, its first or a later one, goes out at `now`. */
  noteTransmission(segment: Segment, now: number): void {
    segment.sentAt = now;
    this.#orders += 1;
    segment.order = this.#orders;
    if (!segment.sacked) this.transmissions.append(segment);
  }

  markRetransmitted(segment: Segment): void {
    if (segment.retransmitted) return;
    segment.retransmitted = true;
    this.retransmitted += 1;
  }

  markLost(segment: Segment): void {
    if (segment.sacked) return;
    if (segment.lost) {
      if (!segment.retransmitted) return;
      segment.retransmitted = false;
      this.retransmitted -= 1;
    } else {
      segment.lost = true;
      this.lost += 1;
    }
    this.totalLost += 1;
    this.transmissions.remove(segment);
    if (segment.index < this.#nextLost) this.#nextLost = segment.index;
  }

  markSacked(segment: Segment): void {
    this.#forgetLoss(segment);
    segment.sacked = true;
    this.sacked += 1;
    this.transmissions.remove(segment);
  }

  /** Takes the head off: it is acknowledged. */
  shift(): Segment {
    const segment = this.window.at(this.window.una);
    if (segment.sacked) this.sacked -= 1;
    this.#forgetLoss(segment);
    this.transmissions.remove(segment);
    this.window.shift();
    return segment;
  }

  /** All that was taken for lost was not. */
  clearLoss(): void {
    for (let index = this.window.una; index < this.window.nxt; index += 1) {
      const segment = this.window.at(index);
      if (!segment.lost) continue;
      segment.lost = false;
      if (!segment.retransmitted) this.transmissions.append(segment);
    }
    this.lost = 0;
  }

  /** The first segment that is lost and not retransmitted. */
  nextLost(): Segment | undefined {
    if (this.retransmitted >= this.lost) return undefined;
    const { window } = this;
    for (let index = Math.max(this.#nextLost, window.una); index < window.nxt; index += 1) {
      const segment = window.at(index);
      if (segment.lost && !segment.retransmitted) {
        this.#nextLost = index;
        return segment;
      }
    }
    this.#nextLost = window.nxt;
    return undefined;
  }

  #forgetLoss(segment: Segment): void {
    if (segment.lost) {
      segment.lost = false;
      this.lost -= 1;
    }
    if (segment.retransmitted) {
      segment.retransmitted = false;
      this.retransmitted -= 1;
    }
  }
}
