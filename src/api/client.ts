import type { LogEntry } from '../core/logger.js';
import type { Link } from '../network/link.js';
import { eventStream } from './event-stream.js';
import { openSession } from './open-session.js';
import type { StackAddress, StackApi } from './stack-api.js';
import { Transport } from './transport.js';

export type { EventOptions, EventStream, OpenSession, StackAddress, StackApi } from './stack-api.js';

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
