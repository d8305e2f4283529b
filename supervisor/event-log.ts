import { EventLine, eventText, type EventText } from '../src/protocol/event-line.js';
import type { SessionEventBody } from '../src/protocol/session-event.js';

const kept = 10_000;

interface EventLogOptions {
  /** Told when somebody begins to listen, and a while after the last listener has gone. */
  onInterest?: (wanted: boolean) => Promise<void> | void;
  /**
   * How long exchanges go on to be told of after the last listener has gone, for those who come back. Default one
   * minute.
   */
  lingerMs?: number;
}

/** The stack's events in one numbered row; the newest stay for those who come back with `since`. */
export class EventLog {
  readonly #lines: EventLine[] = [];
  /** By session, so that an event goes past the readers of others; '' holds those of all. */
  readonly #listeners = new Map<string, Set<(line: EventLine) => void>>();
  readonly #options: EventLogOptions;
  #seq = 0;
  #wanted = false;
  #sent: Promise<void> = Promise.resolve();
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
    await this.#sent;
  }

  add(session: string, event: SessionEventBody): void {
    this.take(eventText(session, event));
  }

  /** One that a MITM process tells of. */
  take(sent: EventText): void {
    this.#seq += 1;
    const line = EventLine.numbered(this.#seq, sent);
    this.#lines.push(line);
    if (this.#lines.length > kept * 1.2) this.#lines.splice(0, this.#lines.length - kept);
    for (const listener of this.#listeners.get(line.session) ?? []) listener(line);
    for (const listener of this.#listeners.get('') ?? []) listener(line);
  }

  /** What is kept of the events after `since`, behind a word on those that are not. */
  after(since: number): EventLine[] {
    const first = this.#lines[0]?.seq ?? this.#seq + 1;
    const gone = Math.max(0, Math.min(first - 1, this.#seq) - since);
    const found = this.#lines.slice(Math.max(0, since - first + 1)); // they are numbered without a gap
    if (gone > 0) found.unshift(EventLine.missed(gone));
    else if (since < this.#offAt) found.unshift(EventLine.missed());
    return found;
  }

  /** Calls back with each event from now on, of one session or of all. Returns a function that ends it. */
  listen(listener: (line: EventLine) => void, session = ''): () => void {
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
      this.#sent = Promise.resolve(this.#options.onInterest?.(true));
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
