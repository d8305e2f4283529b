import { ProxyctlError } from '../errors/index.js';
import type { ExpectResult } from '../overrides/index.js';
import type { CreateSessionRequest, SessionSummary } from './schemas.js';
import type { OpenSession, StackApi } from './stack-api.js';

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
