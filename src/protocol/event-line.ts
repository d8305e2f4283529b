import type { MissedEvents, SessionEvent, SessionEventBody } from './session-event.js';

/**
 * An event on its way to readers: the JSON that each of them is sent, made once, where the event happened. Who has to
 * look into it (a filter of hosts, a reader of bodies) gets it parsed.
 */
export class EventLine {
  #event: SessionEvent | undefined;

  private constructor(
    /** Missing for what is no event of the stack's: word of those that are missing. */
    readonly seq: number | undefined,
    readonly session: string,
    readonly type: (SessionEvent | MissedEvents)['type'],
    readonly text: string,
  ) {}

  /** `told`: as `eventText` made it, by whoever does not know its number. */
  static numbered(seq: number, [session, type, rest]: EventText): EventLine {
    return new EventLine(seq, session, type, `{"seq":${seq},${rest}`);
  }

  static of(event: SessionEvent): EventLine {
    return new EventLine(event.seq, event.session, event.type, JSON.stringify(event));
  }

  /** Without a number: how many is not known. */
  static missed(count?: number): EventLine {
    const event: MissedEvents = { type: 'missed', ...(count === undefined ? {} : { count }) };
    return new EventLine(undefined, '', event.type, JSON.stringify(event));
  }

  /** Not of `missed`. */
  get event(): SessionEvent {
    return (this.#event ??= JSON.parse(this.text) as SessionEvent);
  }
}

/** An event without its number: the session, the type, and its JSON without the brace that begins it. */
export type EventText = readonly [session: string, type: SessionEventBody['type'], rest: string];

export function eventText(session: string, event: SessionEventBody, time = new Date().toISOString()): EventText {
  return [session, event.type, JSON.stringify({ time, session, ...event }).slice(1)];
}
