import { ProxyctlError } from '../errors/index.js';
import type { Har } from '../har/har.js';
import type { Link, SetLinkRequest } from '../link/link.js';
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
import type { HarFilter } from '../session/history.js';
import type { Toxic } from '../toxics/toxic.js';
import type { EventOptions, StackApi } from './client.js';
import type { EventStream } from './event-stream.js';
import type { AddToxicRequest, CreateSessionRequest, PublishResult, SessionSummary, SessionView } from './schemas.js';

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

/** How long a session lasts whose test was killed, seconds without traffic. */
const leaseSeconds = 300;

/** Opens a session that keeps a history and has a lease, unless told otherwise. */
export async function openSession(stack: StackApi, request: CreateSessionRequest): Promise<OpenSession> {
  const view = await stack.sessions.create({ history: true, leaseSeconds, ...request });
  const { id, proxyUrl, port } = view;
  let closed: Promise<SessionSummary> | undefined;
  const close = (): Promise<SessionSummary> => (closed ??= stack.sessions.delete(id));
  return {
    id,
    proxyUrl,
    port,
    view,
    get: () => stack.sessions.get(id),
    mock: (mock) => stack.mocks.add(id, mock),
    redirect: (redirect) => stack.redirects.add(id, redirect),
    intercept: (interception) => stack.interception.set(id, interception),
    toxic: (toxic) => stack.toxics.add(id, toxic),
    link: (link) => stack.link.set(id, link),
    reset: async () => {
      await Promise.all([stack.mocks.clear(id), stack.redirects.clear(id)]);
      await stack.toxics.reset(id);
      await stack.link.remove(id);
    },
    expect: async (expectation) => {
      const result = await stack.expect(id, expectation);
      if (result.met) return result;
      throw new ProxyctlError('PROXYCTL_EXPECTATION', [result.message, ...nearestLines(result)].join('\n'), {
        data: { ...result },
      });
    },
    events: (options) => stack.events({ ...options, session: id }),
    har: (filter) => stack.har(id, filter),
    summary: () => stack.sessions.summary(id),
    publish: () => stack.sessions.endRecording(id, { verdict: 'publish' }),
    reject: (reason) =>
      stack.sessions.endRecording(id, { verdict: 'reject', ...(reason === undefined ? {} : { reason }) }),
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

/** What came instead, for people: those that came nearest with what differs, or those that were not to come. */
export function nearestLines({ nearest, matched }: ExpectResult): string[] {
  if (matched.length > 0 && nearest.length === 0)
    return matched.map(({ index, method, url }) => `${index}  ${method} ${url}`);
  if (nearest.length === 0) return ['No request has come at all.'];
  return [
    'Nearest:',
    ...nearest.flatMap(({ index, method, url, differences }) => [
      `${index}  ${method} ${url}`,
      ...differences.map((line) => `   ${line}`),
    ]),
  ];
}
