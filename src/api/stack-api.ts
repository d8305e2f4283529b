import type { Har } from '../har/har.js';
import type { Link, SetLinkRequest } from '../network/link.js';
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
import type { Toxic } from '../toxics/toxic.js';
import type { EventOptions, EventStream } from './event-stream.js';
import type { MethodsOf, operations } from './operations/index.js';
import type { AddToxicRequest, CreateSessionRequest, PublishResult, SessionSummary, SessionView } from './schemas.js';
import type { StackAddress } from './transport.js';

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

/**
 * The control API as `connectStack` offers it: a method for each operation. Every method throws `ProxyctlError` with
 * the server's code, message and hint.
 */
export interface StackApi extends MethodsOf<typeof operations> {
  readonly address: StackAddress;
  /** A session that ends with its block (`await using`). It keeps a history and has a lease, unless told otherwise. */
  open(request?: CreateSessionRequest): Promise<OpenSession>;
}
