import type { EventQueue } from './event-queue.js';

const nothing = (): void => undefined;

/**
 * One thing that will happen at a time that may still change. TCP pushes its timers back with almost every packet, so a
 * later time costs nothing: the event that is already queued finds it and queues itself again.
 */
export class Timer {
  /** `Infinity` while it is off. */
  #deadline = Infinity;
  #queuedAt = Infinity;
  readonly #events: EventQueue;
  #expired: () => void;

  constructor(events: EventQueue, expired: () => void) {
    this.#events = events;
    this.#expired = expired;
  }

  get isSet(): boolean {
    return this.#deadline !== Infinity;
  }

  set(time: number): void {
    this.#deadline = time;
    if (time < this.#queuedAt) this.#queue(time);
  }

  cancel(): void {
    this.#deadline = Infinity;
  }

  /** Off for good; what it would have called can be collected though its event is still queued. */
  dispose(): void {
    this.#deadline = Infinity;
    this.#expired = nothing;
  }

  #queue(time: number): void {
    this.#queuedAt = time;
    this.#events.at(time, this.#wake, time);
  }

  readonly #wake = (time: number): void => {
    if (time !== this.#queuedAt) return; // an earlier time was queued after this one
    this.#queuedAt = Infinity;
    if (this.#deadline <= time) {
      this.#deadline = Infinity;
      this.#expired();
    } else if (this.#deadline !== Infinity) {
      this.#queue(this.#deadline);
    }
  };
}
