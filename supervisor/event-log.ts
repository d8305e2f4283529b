import type { SessionEvent, SessionEventBody } from '../src/session/session-event.js';

const kept = 10_000;

/** The stack's events in one numbered row; the newest stay for those who come back with `since`. */
export class EventLog {
  readonly #events: SessionEvent[] = [];
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  readonly #onInterest: (wanted: boolean) => void;
  #seq = 0;

  /** `onInterest` is told when the first listener comes and when the last one has gone. */
  constructor(onInterest: (wanted: boolean) => void = () => undefined) {
    this.#onInterest = onInterest;
  }

  get wanted(): boolean {
    return this.#listeners.size > 0;
  }

  add(session: string, event: SessionEventBody, time = new Date().toISOString()): void {
    this.#seq += 1;
    const numbered: SessionEvent = { seq: this.#seq, time, session, ...event };
    this.#events.push(numbered);
    if (this.#events.length > kept * 1.2) this.#events.splice(0, this.#events.length - kept);
    for (const listener of this.#listeners) listener(numbered);
  }

  /** Calls back with the events after `since` that are still kept, then with each new one. */
  listen(listener: (event: SessionEvent) => void, since?: number): () => void {
    if (since !== undefined) this.#events.filter((event) => event.seq > since).forEach(listener);
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#onInterest(true);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#onInterest(false);
    };
  }
}
