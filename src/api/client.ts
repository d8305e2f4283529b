import type { LogEntry } from '../core/logger.js';
import type { SessionEvent } from '../session/session-event.js';
import type { Toxic } from '../toxics/toxic.js';
import type {
  AddToxicRequest,
  CreateSessionRequest,
  PublishRequest,
  PublishResult,
  SessionSummary,
  SessionView,
  StackStatus,
} from './schemas.js';

/** Where a stack's control API is. */
export interface StackAddress {
  /** `http://127.0.0.1:4600` */
  url: string;
  token: string;
}

/** The control API from TypeScript. Every method throws `ProxyctlError` with the server's code, message and hint. */
export interface StackApi {
  readonly address: StackAddress;
  status(): Promise<StackStatus>;
  /** Asks the stack to stop; resolves once it has begun to. */
  shutdown(): Promise<void>;
  ca(): Promise<{ pem: string; path: string; fingerprint256: string }>;
  sessions: {
    create(request: CreateSessionRequest): Promise<SessionView>;
    list(): Promise<SessionView[]>;
    get(id: string): Promise<SessionView>;
    summary(id: string): Promise<SessionSummary>;
    /** Ends a session. An open recording of it is kept aside as rejected. */
    delete(id: string): Promise<SessionSummary>;
    /** Closes a recording: waits for exchanges under way (for a limited time), then publishes it or keeps it aside. */
    endRecording(id: string, request: PublishRequest): Promise<PublishResult>;
  };
  toxics: {
    list(session: string): Promise<Toxic[]>;
    /** `stream: both` adds two. */
    add(session: string, toxic: AddToxicRequest): Promise<Toxic[]>;
    update(
      session: string,
      name: string,
      change: { toxicity?: number; attributes?: Record<string, unknown> },
    ): Promise<Toxic>;
    remove(session: string, name: string): Promise<void>;
    /** Removes all and enables the listener again. Returns how many there were. */
    reset(session: string): Promise<number>;
  };
  /** Events as they happen, until `signal` aborts. `session`: one session's only. */
  events(options?: { session?: string; since?: number; signal?: AbortSignal }): AsyncIterable<SessionEvent>;
  logs(options?: { source?: string; follow?: boolean; lines?: number; signal?: AbortSignal }): AsyncIterable<LogEntry>;
}
