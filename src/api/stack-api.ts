import type { LogEntry } from '../core/logger.js';
import type { Har } from '../har/har.js';
import type { Link, SetLinkRequest } from '../network/link.js';
import type { TimelineRequest, TimelineView } from '../network/timeline/schema.js';
import type {
  ExpectInput,
  ExpectResult,
  Interception,
  InterceptionInput,
  MockInput,
  MockView,
  Redirect,
  RedirectInput,
} from '../overrides/index.js';
import type { HarFilter } from '../protocol/har-filter.js';
import type { MissedEvents, SessionEvent } from '../protocol/session-event.js';
import type { Toxic } from '../toxics/toxic.js';
import type {
  AddToxicRequest,
  CreateSessionRequest,
  EndedSession,
  LinkProfileView,
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

export interface EventOptions {
  /** Of this session only. */
  session?: string;
  /** `seq` of the last event seen. */
  since?: number;
  /** Of these types only. */
  types?: readonly SessionEvent['type'][];
  /** Of exchanges only those with these hosts (`*`). */
  hosts?: readonly string[];
  /** `response` and `failure` with their `entry`, in which bodies of up to so many bytes stand. For sessions with `history`. */
  bodies?: number;
  signal?: AbortSignal;
}

/**
 * Events as they happen. It is opened by the first step of an iteration, or before by `ready`, and ends with the iteration, with
 * its block (`await using`), or when `signal` aborts. It can be iterated once.
 */
export interface EventStream extends AsyncIterable<SessionEvent | MissedEvents>, AsyncDisposable {
  /**
   * Resolves once all that happens from here on will be told: the moment to begin what is to be watched. Throws
   * `PROXYCTL_STACK_NOT_RUNNING` when the stack does not tell.
   */
  ready(): Promise<void>;
}

/**
 * A session as a test holds it. It ends with its block:
 *
 * ```ts
 * await using session = await stack.open({ name: 'checkout' });
 * await session.mock({ predicate: { command: '/cart' }, response: { modify: { '$.total': 0 } } });
 * // … the app under test, with session.proxyUrl as its proxy …
 * await session.expect({ predicate: { method: 'POST', command: '/orders' } });
 * ```
 *
 * Every method throws `ProxyctlError` with the stack's code, message and hint.
 */
export interface OpenSession extends AsyncDisposable {
  readonly id: string;
  /** `http://127.0.0.1:41207`: what the client under test is given. */
  readonly proxyUrl: string;
  readonly port: number;
  /** As it was when it was opened; `get` tells what it is now. */
  readonly view: SessionView;
  get(): Promise<SessionView>;
  mock(mock: MockInput): Promise<MockView>;
  redirect(redirect: RedirectInput): Promise<Redirect>;
  intercept(interception: InterceptionInput): Promise<Interception>;
  /** `stream: both` adds two. */
  toxic(toxic: AddToxicRequest): Promise<Toxic[]>;
  link(link: SetLinkRequest): Promise<Link>;
  /** Takes all of these away: mocks, redirects, toxics, the link. What it has seen stays. */
  reset(): Promise<void>;
  /** Resolves with what came; throws `PROXYCTL_EXPECTATION` with what came nearest when it is not met. */
  expect(expectation: ExpectInput): Promise<ExpectResult>;
  events(options?: Omit<EventOptions, 'session'>): EventStream;
  har(filter?: Partial<HarFilter>): Promise<Har>;
  summary(): Promise<SessionSummary>;
  /** Ends its recording: published, or kept aside with the reason. */
  publish(): Promise<PublishResult>;
  reject(reason?: string): Promise<PublishResult>;
  /** Ends the session; an open recording of it is kept aside. The second time it resolves with the same. */
  close(): Promise<SessionSummary>;
}

/** The control API as `connectStack` offers it. Every method throws `ProxyctlError` with the server's code, message and hint. */
export interface StackApi {
  readonly address: StackAddress;
  /** A session that ends with its block (`await using`). It keeps a history and has a lease, unless told otherwise. */
  open(request?: CreateSessionRequest): Promise<OpenSession>;
  status(): Promise<StackStatus>;
  /** Asks the stack to stop; resolves once it has begun to. */
  shutdown(): Promise<void>;
  ca(): Promise<{ pem: string; path: string; fingerprint256: string }>;
  sessions: {
    create(request: CreateSessionRequest): Promise<SessionView>;
    list(): Promise<SessionView[]>;
    get(id: string): Promise<SessionView>;
    summary(id: string): Promise<SessionSummary>;
    /** Begins its lease anew, with another length if one is given. */
    renew(id: string, leaseSeconds?: number): Promise<SessionView>;
    /** Ends a session. An open recording of it is kept aside as rejected. `and`: what else the response is to hold. */
    delete(id: string): Promise<SessionSummary>;
    delete(id: string, and: { har?: boolean; logs?: boolean }): Promise<EndedSession>;
    /**
     * Closes a recording: waits for exchanges under way (for a limited time), then publishes it or keeps it aside. `signal` ends the
     * publishing: what was recorded is left on the stack's machine for `recordings push`.
     */
    endRecording(id: string, request: PublishRequest, signal?: AbortSignal): Promise<PublishResult>;
  };
  toxics: {
    list(session: string): Promise<Toxic[]>;
    /** `stream: both` adds two. */
    add(session: string, toxic: AddToxicRequest): Promise<Toxic[]>;
    update(
      session: string,
      name: string,
      change: { toxicity?: number; attributes?: Record<string, unknown>; for?: number | string },
    ): Promise<Toxic>;
    remove(session: string, name: string): Promise<void>;
    /** Removes all and enables the listener again. Returns how many there were. */
    reset(session: string): Promise<number>;
  };
  /** The access link that all connections of a session share. */
  link: {
    profiles(): Promise<LinkProfileView[]>;
    get(session: string): Promise<Link | undefined>;
    set(session: string, request: SetLinkRequest): Promise<Link>;
    /** Lets it follow a timeline from now on; `set` and `remove` end that. */
    play(session: string, timeline: TimelineRequest): Promise<TimelineView>;
    remove(session: string): Promise<void>;
  };
  /** What a session has seen, as HAR 1.2: from an index on, to some hosts, fitting a predicate. Of sessions with `history`. */
  har(session: string, filter?: Partial<HarFilter>): Promise<Har>;
  /** Waits until requests of a session (with `history`) fit; resolves in either case, with what came. */
  expect(session: string, expectation: ExpectInput): Promise<ExpectResult>;
  /** What a session answers in a backend's place, or changes; see the mock model in the OpenAPI document. */
  mocks: {
    list(session: string): Promise<MockView[]>;
    add(session: string, mock: MockInput): Promise<MockView>;
    change(session: string, id: string, mock: MockInput): Promise<MockView>;
    remove(session: string, id: string): Promise<void>;
    /** Removes all. Returns how many there were. */
    clear(session: string): Promise<number>;
  };
  /** Requests for one host that go to another one. */
  redirects: {
    list(session: string): Promise<Redirect[]>;
    add(session: string, redirect: RedirectInput): Promise<Redirect>;
    remove(session: string, id: string): Promise<void>;
    clear(session: string): Promise<number>;
  };
  /** The hosts whose TLS a session intercepts: all that are not excepted, unless `intercept` names some. */
  interception: {
    get(session: string): Promise<Interception>;
    /** Holds for the next request; connections that are not to be opened any more are let go. */
    set(session: string, interception: InterceptionInput): Promise<Interception>;
  };
  /** Events as they happen, until `signal` aborts; with `since` first what came after that one. */
  events(options?: EventOptions): EventStream;
  logs(options?: { source?: string; follow?: boolean; lines?: number; signal?: AbortSignal }): AsyncIterable<LogEntry>;
}
