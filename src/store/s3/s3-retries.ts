import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { RetryPolicy, Tries } from '../objects/retry-policy.js';
import { isMissing, isUnreachable, reasonOf, statusOf } from './s3-error.js';

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>;
type Token = Awaited<ReturnType<Strategy['acquireInitialRetryToken']>>;
type SdkFailure = Parameters<Strategy['refreshRetryTokenForRetry']>[1];

/**
 * A retry policy as the SDK asks for it, for each request by itself: a part of a large upload is one, and the others
 * need not go up again.
 */
export class S3Retries implements Strategy {
  constructor(
    private readonly policy: RetryPolicy,
    private readonly attempts: () => Promise<number>,
  ) {}

  acquireInitialRetryToken(): Promise<Token> {
    return Promise.resolve(tokenOf({ count: 0, failedAt: undefined }));
  }

  recordSuccess(): void {
    this.policy.answered(true);
  }

  /** Throws what makes the SDK give up. */
  async refreshRetryTokenForRetry(given: Token, { error, errorType, retryAfterHint }: SdkFailure): Promise<Token> {
    const status = statusOf(error);
    if (status !== undefined) this.policy.answered(false);
    // Where a clock is wrong the SDK calls each answer passing.
    const settled = isMissing(error) || status === 412;
    const passing = !settled && (errorType === 'TRANSIENT' || errorType === 'THROTTLING' || isUnreachable(error));
    if (!passing) throw new Error('Another try would end the same way');
    const again = await this.policy.again(given as Token & Tries, {
      error,
      reason: reasonOf(error),
      outage: passesWithTime(status),
      busy: errorType === 'THROTTLING',
      notBefore: retryAfterHint,
      attempts: await this.attempts(),
    });
    return tokenOf(again);
  }
}

/**
 * No answer at all, or one that says so; any other is not an outage, though the SDK calls it passing where a clock is
 * wrong.
 */
function passesWithTime(status: number | undefined): boolean {
  return status === undefined || status >= 500 || status === 408 || status === 429;
}

function tokenOf(tries: Tries): Token & Tries {
  return { ...tries, getRetryCount: () => tries.count, getRetryDelay: () => 0 };
}
