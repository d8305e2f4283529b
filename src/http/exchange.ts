import type { RawHeaders } from './headers.js';
import type { HttpRequest } from './message.js';

/** Milliseconds since the exchange's start, each set when it happens (HAR 1.2 `timings` are made from them). */
export interface ExchangeTimings {
  /** A free upstream connection was had, or was begun. */
  blockedUntil?: number;
  dnsStart?: number;
  dnsEnd?: number;
  connectStart?: number;
  /** TCP is up. */
  connectEnd?: number;
  tlsStart?: number;
  tlsEnd?: number;
  /** The last byte of the request went upstream. */
  requestSent?: number;
  responseStart?: number;
  responseEnd?: number;
}

/** Who gave the response. */
export type ServedBy = 'upstream' | 'recording' | 'mock' | 'proxy';

/** A fault that the exchange met (HAR `_proxyctl.faults`). */
export interface FaultReceipt {
  toxic: string;
  /** `modelled` in user space, `real` packets, or `toxiproxy` for a toxic of Toxiproxy's. */
  kind: 'modelled' | 'real' | 'toxiproxy';
  /** Absent for one that has no direction. */
  stream?: 'upstream' | 'downstream';
  /**
   * Time for which bytes, or the exchange, were held back, ms. Only of what is ours: Toxiproxy does not say what it
   * did.
   */
  delayMs?: number;
  /** Packets that did not arrive. */
  losses?: number;
  /** Silences that only a timer ended. */
  stalls?: number;
  /** What a toxic was told to do, in its own words. */
  settings?: Record<string, number | string>;
  [detail: string]: unknown;
}

/** Facts that interceptors and the upstream add to an exchange while it goes on. */
export interface ExchangeNotes {
  servedBy?: ServedBy;
  serverAddress?: string;
  serverPort?: number;
  /** The TLS server name that the client asked for, where it is not the request's host (a CONNECT to an address). */
  serverName?: string;
  /** Which upstream connection carried it; equal for exchanges that shared one. */
  connection?: string;
  /** The index of the recorded entry that answered. */
  recordedIndex?: number;
  /** When that was recorded the client went away before the end: that it does so again is no failure. */
  abortedWhenRecorded?: boolean;
  miss?: unknown;
  faults?: FaultReceipt[];
  [key: string]: unknown;
}

/** One request with its response or error, whatever protocol carried it. */
export interface Exchange {
  /** Unique within the stack. */
  readonly id: string;
  readonly sessionId: string;
  /** 0, 1, 2, … within the session, in order of arrival. */
  readonly index: number;
  /** Milliseconds since 1970, with a fraction. */
  readonly startedAt: number;
  readonly request: HttpRequest;
  readonly timings: ExchangeTimings;
  readonly notes: ExchangeNotes;
  /** Milliseconds since `startedAt`, on the monotonic clock. */
  elapsed(): number;
  /**
   * Calls back when the client goes away before the end (at once if it already has). Returns a function that takes it
   * back.
   */
  onAbort(callback: (reason: Error) => void): () => void;
  /** Sends an informational (1xx) response ahead of the response (RFC 9110 §15.2). */
  informational(status: number, headers: RawHeaders): void;
}
