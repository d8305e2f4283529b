import type { Scoreboard } from './scoreboard.js';
import type { Segment } from './segment.js';

/** Differences of times are floating-point numbers: less than this is nothing, ms. */
const roundingMs = 1e-6;

/**
 * RACK (RFC 8985 §6): a segment is lost once one that was sent later has arrived and the reordering window has passed.
 * "Later" is by order of transmission: in a model many segments share one point in time.
 */
export class Rack {
  /** Of the latest-sent segment that has arrived. */
  #order = 0;
  /** The round-trip time of the segment that was acknowledged last, ms. */
  rtt = 0;
  /** News since the last `detect`. */
  #advanced = false;

  /** `segment` was acknowledged at `now`. */
  advance(segment: Segment, now: number, minRtt: number): void {
    const rtt = now - segment.sentAt;
    // Sooner than the path allows: it answers an earlier transmission of the segment.
    if (segment.everRetransmitted && rtt < minRtt) return;
    this.#advanced = true;
    this.rtt = rtt;
    if (segment.order > this.#order) this.#order = segment.order;
  }

  /** Lets the next `detect` look again without news: what was known of losses has been undone. */
  reexamine(): void {
    this.#advanced = true;
  }

  /**
   * Marks what is lost after an acknowledgement. Returns how long to wait for the segments that are not yet, 0: there
   * are none; `undefined`: nothing new is known.
   */
  detect(board: Scoreboard, now: number, reorderingWindow: number): number | undefined {
    if (!this.#advanced) return undefined;
    this.#advanced = false;
    return this.scan(board, now, reorderingWindow);
  }

  /** The same without asking for news: when the time to wait is over. */
  scan(board: Scoreboard, now: number, reorderingWindow: number): number {
    let wait = 0;
    let segment = board.transmissions.first;
    while (segment !== undefined && segment.order < this.#order) {
      const { later } = segment;
      const remaining = this.remaining(segment, now, reorderingWindow);
      if (remaining <= roundingMs) board.markLost(segment);
      else if (remaining > wait) wait = remaining;
      segment = later;
    }
    return wait;
  }

  remaining(segment: Segment, now: number, reorderingWindow: number): number {
    return this.rtt + reorderingWindow - (now - segment.sentAt);
  }
}
