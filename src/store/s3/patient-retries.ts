import { setTimeout as delay } from 'node:timers/promises';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Patience, StoreOutage } from '../patience.js';
import { isMissing, isUnreachable, reasonOf, statusOf } from './s3-error.js';

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>;
type Token = Awaited<ReturnType<Strategy['acquireInitialRetryToken']>>;
type Failure = Parameters<Strategy['refreshRetryTokenForRetry']>[1];

interface RequestToken extends Token {
  count: number;
  /** When its first failure came, by `performance.now()`. */
  failedAt: number | undefined;
}

/** Doubled with each try, up to `longestMs`; somewhere below that, so that many clients do not come back at once. */
const firstMs = 100;
const firstBusyMs = 500;
const longestMs = 5_000;
/** Between two words about one outage. */
const toldEveryMs = 5_000;
const hurriedAttempts = 3;

/**
 * When the SDK tries a request again: a few times at once, as it would itself. With patience, past that for as long as an outage may last: each few seconds, and
 * only on a server that has answered before, since one that never did is probably the wrong one. What it gave up once it does not wait for again.
 */
export class PatientRetries implements Strategy {
  /** Set while somebody waits. */
  patience: (Patience & { store: string; limitMs: number }) | undefined;
  /** Set while there is something that can answer in the server's place: then a few tries are enough. */
  hurried = false;
  #answered = false;
  #gaveUp = false;
  #toldAt = -Infinity;

  constructor(private readonly attempts: () => Promise<number>) {}

  /** Whether an outage was waited for in vain. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  acquireInitialRetryToken(): Promise<RequestToken> {
    return Promise.resolve(token(0));
  }

  recordSuccess(): void {
    this.#answered = true;
    this.#gaveUp = false;
  }

  /** Throws what makes the SDK give up. */
  async refreshRetryTokenForRetry(given: Token, { error, errorType, retryAfterHint }: Failure): Promise<RequestToken> {
    const { count, failedAt = performance.now() } = given as RequestToken;
    if (statusOf(error) !== undefined) this.#answered = true;
    // Where a clock is wrong the SDK calls each response passing.
    const settled = isMissing(error) || statusOf(error) === 412;
    const passing = !settled && (errorType === 'TRANSIENT' || errorType === 'THROTTLING' || isUnreachable(error));
    if (!passing) throw new Error('Another try would end the same way');
    const first = errorType === 'THROTTLING' ? firstBusyMs : firstMs;
    let waitMs = Math.min(longestMs, first * 2 ** count) * (0.5 + Math.random() / 2);
    if (retryAfterHint !== undefined) {
      waitMs = Math.max(waitMs, Math.min(retryAfterHint.getTime() - Date.now(), longestMs));
    }
    const attempts = await this.attempts();
    if (count + 1 >= (this.hurried ? Math.min(hurriedAttempts, attempts) : attempts))
      this.#checkPatience(performance.now() - failedAt, error);
    await delay(waitMs, undefined, { signal: this.patience?.signal });
    return token(count + 1, failedAt);
  }

  #checkPatience(forMs: number, error: unknown): void {
    const { patience } = this;
    const waits = patience !== undefined && this.#answered && passesWithTime(statusOf(error));
    if (!waits || this.#gaveUp || forMs >= patience.limitMs) {
      this.#gaveUp ||= waits;
      throw new Error('It was tried often enough');
    }
    if (performance.now() - this.#toldAt < toldEveryMs) return;
    this.#toldAt = performance.now();
    const outage: StoreOutage = { store: patience.store, reason: reasonOf(error), forMs, limitMs: patience.limitMs };
    patience.onOutage?.(outage);
  }
}

/** No response at all, or one that says so; any other is not an outage, though the SDK calls it passing where a clock is wrong. */
function passesWithTime(status: number | undefined): boolean {
  return status === undefined || status >= 500 || status === 408 || status === 429;
}

function token(count: number, failedAt?: number): RequestToken {
  return { count, failedAt, getRetryCount: () => count, getRetryDelay: () => 0 };
}
