import type { LogEntry } from '../core/logger.js';
import type { Link, setLinkRequest } from '../network/link.js';
import type { timelineRequest, TimelineView } from '../network/timeline/schema.js';
import type { Har, HarEntry } from '../har/har.js';
import type {
  ExpectRequest,
  ExpectResult,
  Interception,
  MockRequest,
  MockView,
  Redirect,
  RedirectRequest,
} from '../overrides/index.js';
import type { HarFilter } from '../protocol/har-filter.js';
import type { EventLine } from '../protocol/event-line.js';
import type { Toxic } from '../toxics/toxic.js';
import type {
  addToxicRequest,
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
import type { z } from '@hono/zod-openapi';

/** What the control API does with a stack. The supervisor's `Stack` is one; each method throws `ProxyctlError`. */
export interface StackController {
  status(): StackStatus;
  /** Begins to stop and returns at once. */
  requestShutdown(): void;
  ca(): { pem: string; path: string; fingerprint256: string };
  createSession(request: z.output<typeof createSessionRequest>): Promise<SessionView>;
  sessions(): SessionView[];
  session(id: string): SessionView;
  summary(id: string): Promise<SessionSummary>;
  /** Begins its lease anew. */
  renewSession(id: string, request: RenewRequest): SessionView;
  deleteSession(id: string): Promise<SessionSummary>;
  /** `signal`: whoever asked is gone; what is not published by then is left on this machine. */
  endRecording(id: string, request: PublishRequest, signal?: AbortSignal): Promise<PublishResult>;
  toxics(session: string): Promise<Toxic[]>;
  addToxic(session: string, request: z.output<typeof addToxicRequest>): Promise<Toxic[]>;
  updateToxic(session: string, name: string, change: z.output<typeof updateToxicRequest>): Promise<Toxic>;
  removeToxic(session: string, name: string): Promise<void>;
  resetToxics(session: string): Promise<number>;
  linkProfiles(): LinkProfileView[];
  setLink(session: string, request: z.output<typeof setLinkRequest>): Promise<Link>;
  playTimeline(session: string, timeline: z.output<typeof timelineRequest>): Promise<TimelineView>;
  removeLink(session: string): Promise<void>;
  har(session: string, filter: HarFilter): Promise<Har>;
  /** An exchange of a session with a history, with bodies up to so many bytes, if it is kept. */
  entry(session: string, index: number, mostBytes: number): Promise<HarEntry | undefined>;
  expect(session: string, expectation: ExpectRequest): Promise<ExpectResult>;
  mocks(session: string): MockView[];
  addMock(session: string, request: MockRequest): Promise<MockView>;
  changeMock(session: string, mock: string, request: MockRequest): Promise<MockView>;
  removeMock(session: string, mock: string): Promise<void>;
  clearMocks(session: string): Promise<number>;
  redirects(session: string): Redirect[];
  addRedirect(session: string, request: RedirectRequest): Promise<Redirect>;
  removeRedirect(session: string, redirect: string): Promise<void>;
  clearRedirects(session: string): Promise<number>;
  interception(session: string): Interception;
  intercept(session: string, interception: Interception): Promise<Interception>;
  /** Resolves once nothing that happens from then on goes past those who begin to listen. */
  eventsReady(): Promise<void>;
  /** What is kept of the events after the number `since`, behind a word on those that are not. */
  eventsAfter(since: number): EventLine[];
  /** Events from now on, of one session or of all. Returns a function that ends it. */
  onEvent(listener: (line: EventLine) => void, session?: string): () => void;
  logs(options: { source?: string; lines?: number }): LogEntry[];
  onLog(listener: (entry: LogEntry) => void): () => void;
}
