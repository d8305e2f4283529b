import type { ServedExchanges } from './served.js';
import type { RecordedWrite } from './write-history.js';
import type { WriteValues } from './write-values.js';

/** Something that a server said by itself: a message, an event. `atMs`: milliseconds since 1970. */
export interface PushedMessage {
  atMs: number;
  text: string;
}

interface HoldsInit {
  /** When the connection was opened, in the recording. */
  openedAt: number;
  /** What else the connection's client sent to open it: its values are nothing new. */
  request: string;
  /** All that the server said on it, in recorded order. */
  messages: readonly PushedMessage[];
  /** Of the same host, on any port. */
  writes: readonly RecordedWrite[];
  values: WriteValues;
  served: ServedExchanges;
  /** Called when `mayFollow` may have changed. */
  changed: () => void;
}

/** So long a message waits for a write that only came before it, in milliseconds; longer where it took longer. */
const minHoldMs = 5000;
/** What is said so soon after a write, in milliseconds, is said because of it. */
const maxReactionMs = 300;
/** Of the writes before a message so many are looked at, the latest. */
const maxCauses = 100;

interface Wait {
  since: number;
  /** Positions of the writes that the message was caused by; undefined: not known yet. */
  causes: ReadonlySet<number> | undefined;
}

/**
 * A server tells on an open connection what was written elsewhere. Such a message waits for the writes that came
 * before it: for one that caused it as long as the connection stands, for any other one a limited time. A write caused
 * a message that holds a value of it which was not there before, or that came at once, unless the like comes by itself
 * too.
 */
export class Holds {
  readonly #init: HoldsInit;
  readonly #writes: readonly RecordedWrite[];
  readonly #releases: (() => void)[];
  readonly #waits = new Map<PushedMessage, Wait>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(init: HoldsInit) {
    const { openedAt, served, writes, changed } = init;
    this.#init = init;
    this.#writes = writes.filter((write) => write.startedAt >= openedAt && !served.hasHappened(write.position));
    this.#releases = this.#writes.map(({ position }) => served.onServed(position, changed));
  }

  mayFollow(message: PushedMessage): boolean {
    const missing = this.#missing(message);
    if (missing.length === 0) return true;
    const wait = this.#waits.get(message) ?? this.#begin(message, missing);
    const { causes } = wait;
    if (causes === undefined || missing.some(({ position }) => causes.has(position))) return false;
    return performance.now() - wait.since >= limitOf(message, missing);
  }

  /** When the latest write before a moment of the recording began; -Infinity: there is none. */
  latestBefore(atMs: number): number {
    return Math.max(-Infinity, ...this.#writes.map(({ startedAt }) => startedAt).filter((at) => at <= atMs));
  }

  /** The write that a message has waited for in vain and too long, by its position. */
  get missed(): number | undefined {
    for (const [message, { since, causes }] of this.#waits) {
      const missing = this.#missing(message);
      const cause = missing.find(({ position }) => causes?.has(position) === true);
      if (cause !== undefined && performance.now() - since >= limitOf(message, missing)) return cause.position;
    }
    return undefined;
  }

  stop(): void {
    for (const release of this.#releases) release();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #missing({ atMs }: PushedMessage): RecordedWrite[] {
    const { served } = this.#init;
    return this.#writes.filter(({ startedAt, position }) => startedAt <= atMs && !served.hasHappened(position));
  }

  #begin(message: PushedMessage, missing: readonly RecordedWrite[]): Wait {
    const wait: Wait = { since: performance.now(), causes: undefined };
    this.#waits.set(message, wait);
    this.#timers.add(setTimeout(this.#init.changed, limitOf(message, missing) + 1));
    void this.#causes(message, missing).then((causes) => {
      wait.causes = causes;
      this.#init.changed();
    });
    return wait;
  }

  async #causes(message: PushedMessage, missing: readonly RecordedWrite[]): Promise<ReadonlySet<number>> {
    const { values, messages, request } = this.#init;
    const earlier = messages.filter(({ atMs }) => atMs < message.atMs).map(({ text }) => text);
    const known = values.ofText([request, ...earlier].join('\n'));
    const own = [...values.ofText(message.text)].filter((value) => !known.has(value));
    const causes = new Set<number>();
    for (const { position, answeredAt } of missing.slice(-maxCauses)) {
      const held = await values.of(position);
      const isAtOnce = message.atMs - answeredAt <= maxReactionMs && !this.#comesByItself(message);
      if (isAtOnce || own.some((value) => held.has(value))) causes.add(position);
    }
    return causes;
  }

  /** Messages of this shape came when nothing had been written just before. */
  #comesByItself(message: PushedMessage): boolean {
    const shape = shapeOf(message.text);
    return this.#init.messages.some(
      (other) =>
        other !== message &&
        shapeOf(other.text) === shape &&
        !this.#init.writes.some(
          ({ startedAt, answeredAt }) => startedAt <= other.atMs && other.atMs - answeredAt <= maxReactionMs,
        ),
    );
  }
}

function limitOf({ atMs }: PushedMessage, missing: readonly RecordedWrite[]): number {
  return Math.max(minHoldMs, 2 * (atMs - Math.max(...missing.map(({ startedAt }) => startedAt))));
}

/** A text without what it says of this moment: numbers, and strings that are no member names. */
function shapeOf(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?/g, '_');
}
