import { eventStream, type EventStream } from './event-stream.js';
import { openSession, type OpenSession } from './open-session.js';
import { Transport } from './transport.js';
import type { LogEntry } from '../core/logger.js';
import type { HarFilter } from '../session/history.js';
import type { SessionEvent } from '../session/session-event.js';
import type { Link, SetLinkRequest } from '../link/link.js';
import type { TimelineRequest, TimelineView } from '../link/timeline/schema.js';
import type { Har } from '../har/har.js';
import type {
  ExpectInput,
  ExpectResult,
  Interception,
  InterceptionInput,
  MockInput,
  MockView,
  Redirect,
  RedirectInput,
} from '../rules/index.js';
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

export type { EventStream } from './event-stream.js';
export type { OpenSession } from './open-session.js';

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

/** What `StackClient` offers. Every method throws `ProxyctlError` with the server's code, message and hint. */
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
    /** Ends a session. An open recording of it is kept aside as rejected. `and`: what else the answer is to hold. */
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

/** A large recording may go over a slow line. */
const publishingLimitMs = 3_600_000;

/** The control API from TypeScript: `const stack = connectStack({ url, token })`. */
export function connectStack(address: StackAddress): StackApi {
  const transport = new Transport(address);
  const session = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;
  const toxic = (id: string, name: string): string => `${session(id)}/toxics/${encodeURIComponent(name)}`;
  const stack: StackApi = {
    address,
    open: (request = {}) => openSession(stack, request),
    status: () => transport.json('GET', '/v1/status'),
    shutdown: () => transport.json('POST', '/v1/shutdown'),
    ca: () => transport.json('GET', '/v1/ca'),
    sessions: {
      create: (request) => transport.json('POST', '/v1/sessions', request),
      list: () => transport.json('GET', '/v1/sessions'),
      get: (id) => transport.json('GET', session(id)),
      summary: (id) => transport.json('GET', `${session(id)}/summary`),
      renew: (id, leaseSeconds) =>
        transport.json('POST', `${session(id)}/renew`, leaseSeconds === undefined ? {} : { leaseSeconds }),
      delete: (id, { har = false, logs = false } = {}) =>
        transport.json('DELETE', `${session(id)}?har=${har}&logs=${logs}`),
      endRecording: (id, request, signal) =>
        transport.json('POST', `${session(id)}/recording`, request, { limitMs: publishingLimitMs, signal }),
    },
    toxics: {
      list: (id) => transport.json('GET', `${session(id)}/toxics`),
      add: (id, request) => transport.json('POST', `${session(id)}/toxics`, request),
      update: (id, name, change) => transport.json('PATCH', toxic(id, name), change),
      remove: (id, name) => transport.json('DELETE', toxic(id, name)),
      reset: async (id) => (await transport.json<{ removed: number }>('DELETE', `${session(id)}/toxics`)).removed,
    },
    link: {
      profiles: () => transport.json('GET', '/v1/links'),
      get: async (id) => (await transport.json<{ link?: Link }>('GET', `${session(id)}/link`)).link,
      set: (id, request) => transport.json('PUT', `${session(id)}/link`, request),
      play: (id, timeline) => transport.json('PUT', `${session(id)}/timeline`, timeline),
      remove: (id) => transport.json('DELETE', `${session(id)}/link`),
    },
    har: (id, { since = 0, hosts, predicate } = {}) => {
      const query = new URLSearchParams({ since: String(since) });
      if (hosts !== undefined) query.set('hosts', hosts.join());
      if (predicate !== undefined) query.set('predicate', JSON.stringify(predicate));
      return transport.json('GET', `${session(id)}/har?${query.toString()}`);
    },
    expect: (id, expectation) => transport.json('POST', `${session(id)}/expect`, expectation),
    mocks: {
      list: (id) => transport.json('GET', `${session(id)}/mocks`),
      add: (id, mock) => transport.json('POST', `${session(id)}/mocks`, mock),
      change: (id, mock, change) => transport.json('PUT', `${session(id)}/mocks/${encodeURIComponent(mock)}`, change),
      remove: (id, mock) => transport.json('DELETE', `${session(id)}/mocks/${encodeURIComponent(mock)}`),
      clear: async (id) => (await transport.json<{ removed: number }>('DELETE', `${session(id)}/mocks`)).removed,
    },
    redirects: {
      list: (id) => transport.json('GET', `${session(id)}/redirects`),
      add: (id, redirect) => transport.json('POST', `${session(id)}/redirects`, redirect),
      remove: (id, redirect) => transport.json('DELETE', `${session(id)}/redirects/${encodeURIComponent(redirect)}`),
      clear: async (id) => (await transport.json<{ removed: number }>('DELETE', `${session(id)}/redirects`)).removed,
    },
    interception: {
      get: (id) => transport.json('GET', `${session(id)}/interception`),
      set: (id, interception) => transport.json('PUT', `${session(id)}/interception`, interception),
    },
    events: (options) => eventStream(address, options),
    logs: ({ source, follow = false, lines, signal } = {}) => {
      const query = new URLSearchParams({ follow: String(follow) });
      if (source !== undefined) query.set('source', source);
      if (lines !== undefined) query.set('lines', String(lines));
      return transport.lines<LogEntry>(`/v1/logs?${query.toString()}`, signal);
    },
  };
  return stack;
}
