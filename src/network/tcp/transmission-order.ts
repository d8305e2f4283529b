import type { Segment } from './segment.js';

/**
 * The segments that the sender waits for news of, in the order of their last transmission: a list, linked through them.
 */
export class TransmissionOrder {
  first: Segment | undefined;
  #last: Segment | undefined;

  /** After (re)transmission. */
  append(segment: Segment): void {
    this.remove(segment);
    segment.waiting = true;
    segment.earlier = this.#last;
    if (this.#last === undefined) this.first = segment;
    else this.#last.later = segment;
    this.#last = segment;
  }

  /** Once it is acknowledged or taken for lost. */
  remove(segment: Segment): void {
    if (!segment.waiting) return;
    segment.waiting = false;
    const { earlier, later } = segment;
    if (earlier === undefined) this.first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    segment.earlier = undefined;
    segment.later = undefined;
  }
}
