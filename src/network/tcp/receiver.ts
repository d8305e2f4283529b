import type { EventQueue } from '../event-queue.js';
import { Timer } from '../timer.js';
import { initialWindow } from './constants.js';
import { kernelTimerExpiry } from './kernel-timer.js';
import type { Segment } from './segment.js';

/** Delayed ACK (RFC 1122 §4.2.3.2 allows 500 ms), ms. */
const delayedAckMs = 40;
/** How long the reader takes to run; one ACK then covers what arrived together, ms. */
const readerMs = 0.15;
/** ACKs that are sent at once, one a segment, at the start of a connection and after a segment that came twice. */
const quickAckBudget = 16;
/** The receive buffer before any tuning (Linux's 128 KiB with its overhead), segments. */
const initialBuffer = 56;
/** Duplicate ACKs that are sent at once for one hole; further ones wait for `compressionMs` and merge. */
const promptDuplicates = 3;
const compressionMs = 1;

/** What an ACK says. Selective acknowledgement (RFC 2018) is complete: blocks are not limited to three. */
export interface Ack {
  /** All before this index has arrived. */
  next: number;
  /** Of the segments that arrived out of order, as listed in `outOfOrder`, the first so many have. */
  outOfOrderCount: number;
  /** A segment that had arrived before (RFC 2883); -1: none. */
  duplicate: number;
  /** When the segment that this answers was sent (RFC 7323). */
  echo: number;
}

/**
 * The receiving end: puts segments in order and acknowledges them as Linux does (RFC 5681 §4.2, RFC 1122, RFC 2018),
 * with a reader who takes all that arrives.
 */
export class TcpReceiver {
  /** The first index that is missing. */
  next = 0;
  /** Indices in the order in which they arrived, of those that arrived out of order. Read by the sender, by count. */
  readonly outOfOrder = new ArrivalLog();
  readonly #events: EventQueue;
  readonly #send: (ack: Ack) => void;
  readonly #segmentAt: (index: number) => Segment | undefined;
  readonly #delayed: Timer;
  readonly #reader: Timer;
  readonly #compressed: Timer;
  readonly #rtt: () => number;
  /** Segments held behind a hole. */
  #held = 0;
  #unacknowledged = 0;
  #quickAcks = quickAckBudget;
  #duplicatesFor = -1;
  #duplicates = 0;
  #echo = 0;
  #acknowledged = 0;
  /** Receive-buffer tuning: since when and how much came in this round trip, and the most that came in one. */
  #roundStart = -Infinity;
  #roundSegments = 0;
  #mostSegments = initialWindow;
  /** What the receive buffer can hold, segments. */
  #buffer = initialBuffer;

  /** `segmentAt` finds a segment that has been sent and is not acknowledged. */
  constructor(
    events: EventQueue,
    {
      send,
      segmentAt,
      rtt,
    }: { send: (ack: Ack) => void; segmentAt: (index: number) => Segment | undefined; rtt: () => number },
  ) {
    this.#rtt = rtt;
    this.#events = events;
    this.#send = send;
    this.#segmentAt = segmentAt;
    const acknowledge = (): void => this.#acknowledge();
    this.#delayed = new Timer(events, acknowledge);
    this.#reader = new Timer(events, acknowledge);
    this.#compressed = new Timer(events, acknowledge);
  }

  /** `sentAt` is the time stamp that this transmission carried. */
  arrive(segment: Segment, sentAt: number): void {
    const { index } = segment;
    if (index < this.next || segment.received) return this.#repeat(index);
    segment.received = true;
    if (index <= this.#acknowledged) this.#echo = sentAt;
    if (index > this.next) return this.#hold(index);
    this.#advance(segment);
  }

  dispose(): void {
    this.#delayed.dispose();
    this.#reader.dispose();
    this.#compressed.dispose();
  }

  #repeat(index: number): void {
    this.#quickAcks = quickAckBudget;
    this.#acknowledge(index);
  }

  #hold(index: number): void {
    this.outOfOrder.add(index);
    this.#held += 1;
    this.#acknowledgeHole();
  }

  #acknowledgeHole(): void {
    if (this.#duplicatesFor !== this.next) {
      this.#duplicatesFor = this.next;
      this.#duplicates = 0;
    }
    this.#duplicates += 1;
    if (this.#duplicates <= promptDuplicates) this.#acknowledge();
    else if (!this.#compressed.isSet) this.#compressed.set(this.#events.now + compressionMs);
  }

  #advance(segment: Segment): void {
    const holes = this.#held > 0;
    this.next += 1;
    this.#unacknowledged += 1;
    while (this.#held > 0 && this.#segmentAt(this.next)?.received === true) {
      this.next += 1;
      this.#held -= 1;
    }
    if (this.#held > 0) return this.#acknowledgeHole();
    if (holes) return this.#acknowledge();
    this.#tuneBuffer();
    if (this.#quickAcks > 0) return this.#acknowledge();
    const { now } = this.#events;
    if (segment.push || segment.fin || this.#unacknowledged >= 2) {
      if (!this.#reader.isSet) this.#reader.set(now + readerMs);
    } else if (!this.#delayed.isSet) {
      this.#delayed.set(kernelTimerExpiry(now, delayedAckMs));
    }
  }

  /**
   * A round trip that brings more than any before makes the receive buffer grow, and every segment by which the window
   * then grows is acknowledged at once: so slow start is acknowledged segment by segment, which HyStart relies on.
   */
  #tuneBuffer(): void {
    this.#roundSegments += 1;
    const { now } = this.#events;
    if (now - this.#roundStart < this.#rtt()) return;
    const before = this.#mostSegments;
    if (this.#roundSegments > before) {
      this.#mostSegments = this.#roundSegments;
      const wanted = 2 * this.#roundSegments * (1 + (2 * (this.#roundSegments - before)) / before);
      // The window grows by two segments with each that arrives, until it fills the buffer.
      this.#quickAcks = Math.max(this.#quickAcks, Math.ceil((wanted - this.#buffer) / 2));
      this.#buffer = Math.max(this.#buffer, wanted);
    }
    this.#roundStart = now;
    this.#roundSegments = 0;
  }

  #acknowledge(duplicate = -1): void {
    this.#delayed.cancel();
    this.#reader.cancel();
    this.#compressed.cancel();
    this.#unacknowledged = 0;
    if (this.#quickAcks > 0) this.#quickAcks -= 1;
    this.#acknowledged = this.next;
    this.#send({ next: this.next, outOfOrderCount: this.outOfOrder.count, duplicate, echo: this.#echo });
  }
}

/** A list that is written at one end and read, by absolute position, from the other. */
export class ArrivalLog {
  #entries: number[] = [];
  #dropped = 0;

  get count(): number {
    return this.#dropped + this.#entries.length;
  }

  add(index: number): void {
    this.#entries.push(index);
  }

  at(position: number): number {
    return this.#entries[position - this.#dropped] as number;
  }

  /** Forgets all before `position`. */
  forget(position: number): void {
    const used = position - this.#dropped;
    if (used < 256 || used * 2 < this.#entries.length) return;
    this.#entries.splice(0, used);
    this.#dropped = position;
  }
}
