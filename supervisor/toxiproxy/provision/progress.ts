import type { Logger } from '../../../src/core/logger.js';
import type { ErrorCode } from '../../../src/errors/index.js';

export type ToxiproxyOrigin = 'flag' | 'env' | 'path' | 'cache' | 'release' | 'go';

/** A Toxiproxy server program that was found or fetched, and answers. */
export interface ProvisionedToxiproxy {
  path: string;
  version: string;
  /** Where it came from; `flag` is a flag or the config file. */
  origin: ToxiproxyOrigin;
  /** What the user should know about it: another version than the pinned one. */
  notice?: string;
}

/** What provisioning is doing, as it happens. */
export interface ProvisionProgress {
  step: ProvisionStep;
  /** One line for people. */
  message: string;
  /** Of a download. `totalBytes` is absent when the server does not say. */
  receivedBytes?: number;
  totalBytes?: number;
}

export type ProvisionStep = 'explicit' | 'path' | 'cache' | 'wait' | 'release' | 'go';

/** One thing that was tried, and why it gave no Toxiproxy. */
export interface FailedAttempt {
  step: ProvisionStep;
  /** What was tried: a path, a URL, a command. */
  what: string;
  cause: string;
  /** Of a failure that has one: `PROXYCTL_CHECKSUM`, `PROXYCTL_TIMEOUT`. */
  code?: ErrorCode;
}

/** What the steps share. */
export interface ProvisionContext {
  signal: AbortSignal;
  logger: Logger;
  report: (progress: ProvisionProgress) => void;
  /** Notes a failed attempt; never throws. */
  failed: (attempt: FailedAttempt) => void;
}
