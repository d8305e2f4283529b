import type { z } from 'zod';
import type { LogEntry } from '../core/logger.js';
import type { Har, HarEntry } from '../har/har.js';
import type { Link, setLinkRequest } from '../network/link.js';
import type { timelineRequest, TimelineView } from '../network/timeline/schema.js';
import type {
  ExpectRequest,
  ExpectResult,
  Interception,
  MockRequest,
  MockView,
  Redirect,
  RedirectRequest,
} from '../overrides/index.js';
import type { EventLine } from '../protocol/event-line.js';
import type { HarFilter } from '../protocol/har-filter.js';
import type { Toxic } from '../toxics/toxic.js';
import type {
  addToxicRequest,
  CertificateAuthorityView,
  createSessionRequest,
  LinkProfileView,
  PublishRequest,
  PublishResult,
  RenewRequest,
  SessionSummary,
  SessionView,
  StackStatus,
  updateToxicRequest,
} from './schemas.js';

/**
 * What operations work on: the parts of the supervisor's `Stack`, as far as the control API needs them. Sessions go by
 * their ids; every method throws `ProxyctlError`.
 */
export interface OperatedStack {
  readonly ca: CertificateAuthorityView;
  readonly sessions: OperatedSessions;
  readonly publisher: OperatedPublisher;
  readonly toxics: OperatedToxics;
  readonly link: OperatedLink;
  readonly overrides: OperatedOverrides;
  readonly history: OperatedHistory;
  readonly events: OperatedEvents;
  readonly logs: OperatedLogs;
  status(): StackStatus;
  /** Begins to stop and returns at once. */
  requestShutdown(): void;
}

export interface OperatedSessions {
  create(request: z.output<typeof createSessionRequest>): Promise<SessionView>;
  list(): SessionView[];
  get(id: string): SessionView;
  summary(id: string): Promise<SessionSummary>;
  /** Begins its lease anew. */
  renew(id: string, request: RenewRequest): SessionView;
  /** Ends it; an open recording of it is kept aside. */
  end(id: string): Promise<SessionSummary>;
}

export interface OperatedPublisher {
  /** Closes a recording. `signal`: whoever asked is gone; what is not published by then is left on this machine. */
  end(session: string, request: PublishRequest, signal?: AbortSignal): Promise<PublishResult>;
}

export interface OperatedToxics {
  list(session: string): Promise<Toxic[]>;
  add(session: string, request: z.output<typeof addToxicRequest>): Promise<Toxic[]>;
  update(session: string, name: string, change: z.output<typeof updateToxicRequest>): Promise<Toxic>;
  remove(session: string, name: string): Promise<void>;
  /** Resolves with how many there were. */
  reset(session: string): Promise<number>;
}

export interface OperatedLink {
  readonly profiles: readonly LinkProfileView[];
  set(session: string, request: z.output<typeof setLinkRequest>): Promise<Link>;
  play(session: string, timeline: z.output<typeof timelineRequest>): Promise<TimelineView>;
  remove(session: string): Promise<void>;
}

export interface OperatedOverrides {
  mocks(session: string): MockView[];
  addMock(session: string, request: MockRequest): Promise<MockView>;
  changeMock(session: string, id: string, request: MockRequest): Promise<MockView>;
  removeMock(session: string, id: string): Promise<void>;
  clearMocks(session: string): Promise<number>;
  redirects(session: string): Redirect[];
  addRedirect(session: string, request: RedirectRequest): Promise<Redirect>;
  removeRedirect(session: string, id: string): Promise<void>;
  clearRedirects(session: string): Promise<number>;
  interception(session: string): Interception;
  intercept(session: string, interception: Interception): Promise<Interception>;
}

export interface OperatedHistory {
  har(session: string, filter: HarFilter): Promise<Har>;
  /** An exchange with bodies up to so many bytes, if it is kept. */
  entry(session: string, index: number, mostBytes: number): Promise<HarEntry | undefined>;
  expect(session: string, expectation: ExpectRequest): Promise<ExpectResult>;
}

interface OperatedEvents {
  /** Resolves once nothing that happens from then on goes past those who begin to listen. */
  ready(): Promise<void>;
  /** What is kept of the events after the number `since`, behind a word on those that are not. */
  after(since: number): EventLine[];
  /** Events from now on, of one session or of all. Returns a function that ends it. */
  listen(listener: (line: EventLine) => void, session?: string): () => void;
}

interface OperatedLogs {
  /** The newest lines, oldest first. */
  tail(options: { source?: string | undefined; lines?: number }): LogEntry[];
  listen(listener: (entry: LogEntry) => void): () => void;
}
