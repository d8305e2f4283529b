import type { FailureKind, FailurePhase } from '../http/index.js';

/** What happens in a session, as the control API streams it. `seq` counts up within the stack; `time` is ISO 8601. */
export type SessionEvent = { seq: number; time: string; session: string } & SessionEventBody;

export type SessionEventBody =
  | {
      type: 'request';
      exchange: string;
      index: number;
      method: string;
      url: string;
      httpVersion: string;
    }
  | {
      type: 'response';
      exchange: string;
      index: number;
      method: string;
      url: string;
      status: number;
      /** Milliseconds from the first byte of the request to the last of the answer. */
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
  | { type: 'session'; action: 'created' | 'removed' | 'restored' }
  /** A mock was applied to a request. */
  | { type: 'mock'; exchange: string; index: number; method: string; url: string; mock: string }
  | { type: 'rule'; rule: 'mock' | 'redirect'; action: 'added' | 'changed' | 'removed'; id: string }
  | { type: 'warning'; message: string; hint?: string };
