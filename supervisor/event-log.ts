import type { MissedEvents, SessionEvent, SessionEventBody } from '../src/session/session-event.js';

const kept = 10_000;

export interface EventLogOptions {
  /** Told when somebody begins to listen, and a while after the last listener has gone. */
  onInterest?: (wanted: boolean) => Promise<void> | void;
  /** How long exchanges go on to be told of after the last listener has gone, for those who come back. Default one minute. */
  lingerMs?: number;
}

/** The stack's events in one numbered row; the newest stay for those who come back with `since`. */
export class EventLog {
  readonly #events: SessionEvent[] = [];
  /** By session, so that an event goes past the readers of others; '' holds those of all. */
  readonly #listeners = new Map<string, Set<(event: SessionEvent) => void>>();
  readonly #options: EventLogOptions;
  #seq = 0;
  #wanted = false;
  #told: Promise<void> = Promise.resolve();
  #end: NodeJS.Timeout | undefined;
  /** The last event before exchanges were not told of. */
  #offAt = 0;

  constructor(options: EventLogOptions = {}) {
    this.#options = options;
  }

  /** Whether exchanges are told of. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Resolves once all that happens from here on is told to who begins to listen now. */
  async ready(): Promise<void> {
    this.#want();
    await this.#told;
  }

  add(session: string, event: SessionEventBody, time = new Date().toISOString()): void {
    this.#seq += 1;
    const numbered: SessionEvent = { seq: this.#seq, time, session, ...event };
    this.#events.push(numbered);
    if (this.#events.length > kept * 1.2) this.#events.splice(0, this.#events.length - kept);
    for (const listener of this.#listeners.get(session) ?? []) listener(numbered);
    for (const listener of this.#listeners.get('') ?? []) listener(numbered);
  }

  /** What is kept of the events after `since`, behind a word on those that are not. */
  after(since: number): (SessionEvent | MissedEvents)[] {
    const first = this.#events[0]?.seq ?? this.#seq + 1;
    const gone = Math.max(0, Math.min(first - 1, this.#seq) - since);
    const found: (SessionEvent | MissedEvents)[] = this.#events.filter((event) => event.seq > since);
    if (gone > 0) found.unshift({ type: 'missed', count: gone });
    else if (since < this.#offAt) found.unshift({ type: 'missed' });
    return found;
  }

  /** Calls back with each event from now on, of one session or of all. Returns a function that ends it. */
  listen(listener: (event: SessionEvent) => void, session = ''): () => void {
    const listeners = this.#listeners.get(session) ?? new Set();
    this.#listeners.set(session, listeners.add(listener));
    this.#want();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(session) !== listeners) return;
      this.#listeners.delete(session);
      if (this.#listeners.size === 0) this.#endLater();
    };
  }

  close(): void {
    clearTimeout(this.#end);
  }

  #want(): void {
    clearTimeout(this.#end);
    if (!this.#wanted) {
      this.#wanted = true;
      this.#told = Promise.resolve(this.#options.onInterest?.(true));
    }
    if (this.#listeners.size === 0) this.#endLater();
  }

  #endLater(): void {
    clearTimeout(this.#end);
    this.#end = setTimeout(() => {
      this.#wanted = false;
      this.#offAt = this.#seq + 1;
      void this.#options.onInterest?.(false);
    }, this.#options.lingerMs ?? 60_000).unref();
  }
}
