import type { Segment } from './segment.js';

/** The segments from `una` up to `nxt`, by index: an array whose acknowledged head is cut off now and then. */
export class SegmentWindow {
  /** The first segment that is not acknowledged. */
  una = 0;
  /** The index of the next new segment. */
  nxt = 0;
  #segments: Segment[] = [];
  #base = 0;

  push(segment: Segment): void {
    this.#segments.push(segment);
    this.nxt += 1;
  }

  /** `index` is within [una, nxt). */
  at(index: number): Segment {
    return this.#segments[index - this.#base] as Segment;
  }

  get length(): number {
    return this.nxt - this.una;
  }

  /** Lets go of the segment at `una`. */
  shift(): void {
    this.una += 1;
    const used = this.una - this.#base;
    if (used < 256 || used * 2 < this.#segments.length) return;
    this.#segments.splice(0, used);
    this.#base = this.una;
  }
}
