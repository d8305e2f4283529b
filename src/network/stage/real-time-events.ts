import { EventQueue } from '../event-queue.js';

/** Something that has results of the model to hand out, once the model is at rest. */
interface Flushable {
  flush(): void;
}

/**
 * Events that are due this soon run at a wake-up: Node's timers are whole milliseconds, and so a little early is as
 * near as a little late.
 */
const earlyMs = 0.5;

/**
 * An event queue that follows the real clock. A late wake-up (timers are a millisecond late, and later when the process
 * is busy) delays what comes out, but each event runs at its own virtual time, so that delays do not add up. Results
 * are handed out after the events, never within one, and one after the other: whoever gets them may call back at once
 * and is not called again before it has returned, as with sockets.
 */
export class RealTimeEvents {
  readonly queue: EventQueue;
  readonly #clock: () => number;
  #running = false;
  #flushing = false;
  #dirty: Flushable[] = [];
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;

  /** `clock` is monotonic, in milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.queue = new EventQueue(clock());
  }

  /** Runs all events that are due, then `action` at the present time, then what follows from it at once. */
  run(action: () => void): void {
    this.#runUntil(this.#clock(), action);
  }

  #runUntil(time: number, action: () => void): void {
    if (this.#running) return action();
    this.#running = true;
    try {
      this.queue.advanceTo(time);
      action();
      this.queue.advanceTo(this.queue.now); // what the action caused without delay
    } finally {
      this.#running = false;
    }
    this.#flush();
    this.#sleep();
  }

  /** Has `target` flushed once the events of this moment have run, and no other result is being handed out. */
  flush(target: Flushable): void {
    this.#dirty.push(target);
    if (!this.#running) this.#flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = -Infinity;
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (let target = this.#dirty.shift(); target !== undefined; target = this.#dirty.shift()) target.flush();
    } finally {
      this.#flushing = false;
    }
  }

  #sleep(): void {
    const { next } = this.queue;
    if (next >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = next;
    this.#timer = setTimeout(this.#wake, Math.max(0, next - earlyMs - this.#clock()));
  }

  readonly #wake = (): void => {
    this.#wakesAt = Infinity;
    this.#runUntil(this.#clock() + earlyMs, () => undefined);
  };
}
