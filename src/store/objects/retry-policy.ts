import { setTimeout as delay } from 'node:timers/promises';
import type { OutageWait, StoreOutage } from '../outage.js';

export const defaultRetryDelayMs = 100;
export const defaultRetryLimitMs = 60_000;
const defaultAttempts = 6;
const hurriedAttempts = 3;

/** In first delays: the first one after a store that says that it has too much to do, and the longest one. */
const busyDelays = 5;
const longestDelays = 50;
/** Between two words about one outage. */
const toldEveryMs = 5_000;

interface RetrySettings {
  /** The store, as messages name it. */
  store: string;
  /** Before the first other try; doubled with each, up to fifty times that. */
  delayMs?: number;
  /** How long an outage is waited for while something is written. */
  limitMs?: number;
}

/** A try that failed in a way that may pass. */
interface Failure {
  error: unknown;
  /** In words. */
  reason: string;
  /** Whether time alone mends it: there was no answer, or one that says so. */
  outage: boolean;
  /** The store has too much to do. */
  busy?: boolean;
  /** Not before that. */
  notBefore?: Date | undefined;
  /** Tries in all, without an outage being waited for. */
  attempts?: number;
}

/** The tries of one operation. */
export interface Tries {
  count: number;
  /** When the first failure came, by `performance.now()`. */
  failedAt: number | undefined;
}

/**
 * When an operation on a store is tried again: a few times at once; while something is written, past that for as long
 * as an outage may last, and only on a store that has answered before, since one that never did is probably the wrong
 * one. What it gave up once it does not wait for again.
 */
export class RetryPolicy {
  readonly #store: string;
  readonly #delayMs: number;
  readonly #limitMs: number;
  readonly #givenUp = new WeakSet();
  #wait: OutageWait | undefined;
  #hurried = 0;
  #answered = false;
  #gaveUp = false;
  #toldAt = -Infinity;

  constructor({ store, delayMs = defaultRetryDelayMs, limitMs = defaultRetryLimitMs }: RetrySettings) {
    this.#store = store;
    this.#delayMs = delayMs;
    this.#limitMs = limitMs;
  }

  /** Does `work`, in which outages are waited for. */
  async throughOutages<T>(wait: OutageWait, work: () => Promise<T>): Promise<T> {
    this.#wait = wait;
    try {
      return await work();
    } finally {
      this.#wait = undefined;
    }
  }

  /** Does `work` with a few tries, as there is something that can answer in the store's place. */
  async hurried<T>(work: () => Promise<T>): Promise<T> {
    this.#hurried += 1;
    try {
      return await work();
    } finally {
      this.#hurried -= 1;
    }
  }

  /** The store has answered; `well`: as it should. */
  answered(well: boolean): void {
    this.#answered = true;
    if (well) this.#gaveUp = false;
  }

  /** Whether another try of what failed so was refused already. */
  hasGivenUp(error: unknown): boolean {
    return isObject(error) && (this.#givenUp.has(error) || (error instanceof Error && this.hasGivenUp(error.cause)));
  }

  /** Waits until the next try. Throws when there is none. */
  async again(tries: Tries, failure: Failure): Promise<Tries> {
    const { count, failedAt = performance.now() } = tries;
    const { attempts = defaultAttempts, busy = false, notBefore } = failure;
    const longestMs = this.#delayMs * longestDelays;
    const first = this.#delayMs * (busy ? busyDelays : 1);
    // Somewhere below, so that many clients do not come back at once.
    let waitMs = Math.min(longestMs, first * 2 ** count) * (0.5 + Math.random() / 2);
    if (notBefore !== undefined) waitMs = Math.max(waitMs, Math.min(notBefore.getTime() - Date.now(), longestMs));
    if (count + 1 >= (this.#hurried > 0 ? Math.min(hurriedAttempts, attempts) : attempts)) {
      this.#checkOutage(performance.now() - failedAt, failure);
    }
    await delay(waitMs, undefined, { signal: this.#wait?.signal });
    return { count: count + 1, failedAt };
  }

  /** Throws unless the outage is to be waited for. */
  #checkOutage(forMs: number, { error, reason, outage }: Failure): void {
    const waits = this.#wait !== undefined && this.#answered && outage;
    if (!waits || this.#gaveUp || forMs >= this.#limitMs) {
      this.#gaveUp ||= waits;
      if (isObject(error)) this.#givenUp.add(error);
      throw new Error('It was tried often enough');
    }
    if (performance.now() - this.#toldAt < toldEveryMs) return;
    this.#toldAt = performance.now();
    const told: StoreOutage = { store: this.#store, reason, forMs, limitMs: this.#limitMs };
    this.#wait?.onOutage?.(told);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
