import type { HarEntry } from '../har/har.js';
import type { FailureKind, FailurePhase } from '../http/index.js';

/** What happens in a session, as the control API streams it. `seq` counts up within the stack; `time` is ISO 8601. */
export type SessionEvent = { seq: number; time: string; session: string } & SessionEventBody & {
    /**
     * Of `response` and `failure`, for readers who asked for bodies: the exchange as HAR 1.2, if the session's history
     * still has it.
     */
    entry?: HarEntry;
  };

/** In place of events that a reader was not sent. Without a number: how many is not known. */
export interface MissedEvents {
  type: 'missed';
  count?: number;
}

export type SessionEventBody =
  | {
      type: 'request';
      exchange: string;
      index: number;
      method: string;
      url: string;
      httpVersion: string;
    }
  /**
   * A response has begun to come: its `response` follows when its last byte has passed, which for a stream may be
   * never.
   */
  | {
      type: 'response-start';
      exchange: string;
      index: number;
      method: string;
      url: string;
      status: number;
      /** Milliseconds from the first byte of the request. */
      waitMs: number;
    }
  | {
      type: 'response';
      exchange: string;
      index: number;
      method: string;
      url: string;
      status: number;
      /** Milliseconds from the first byte of the request to the last of the response. */
      durationMs: number;
      requestBytes: number;
      responseBytes: number;
      servedBy: string;
      recordedIndex?: number;
    }
  | {
      type: 'failure';
      exchange: string;
      index: number;
      method: string;
      url: string;
      durationMs: number;
      error: { kind: FailureKind; phase: FailurePhase; message: string };
      /** What the client was answered, if anything. */
      status?: number;
    }
  | { type: 'miss'; exchange: string; index: number; method: string; url: string; miss: unknown }
  | {
      type: 'tunnel';
      host: string;
      port: number;
      reason: string;
      bytesSent: number;
      bytesReceived: number;
      durationMs: number;
    }
  | { type: 'toxic'; action: 'added' | 'changed' | 'removed' | 'reset'; toxic?: unknown }
  | { type: 'link'; action: 'set' | 'removed'; link?: unknown }
  /** `reason`: why it ended, when nobody asked for that. */
  | { type: 'session'; action: 'created' | 'removed' | 'restored'; reason?: string }
  /** A mock was applied to a request. */
  | { type: 'mock'; exchange: string; index: number; method: string; url: string; mock: string }
  | { type: 'rule'; rule: 'mock' | 'redirect'; action: 'added' | 'changed' | 'removed'; id: string }
  | { type: 'interception'; intercept: string[]; noIntercept: string[] }
  | ProcessEvent
  | { type: 'warning'; message: string; hint?: string };

/** The process that a session is in does not answer, since then, or answers again. */
export interface ProcessEvent {
  type: 'process';
  /** `mitm`, `mitm-2`, … */
  process: string;
  pid: number;
  state: 'silent' | 'answering';
  /** ISO 8601 */
  since: string;
}

/** Bodies in events are this large at the most. */
export const mostEventBodyBytes = 1024 * 1024;

/** Every type that there is. */
export const eventTypes = [
  'request',
  'response-start',
  'response',
  'failure',
  'miss',
  'mock',
  'tunnel',
  'toxic',
  'link',
  'rule',
  'interception',
  'session',
  'process',
  'warning',
] as const satisfies readonly SessionEvent['type'][];
