import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { HomePaths } from '../../src/config/paths.js';
import { listJournals } from '../../src/record/journal-reader.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let origin: Origin;
let folder: string;
let home: HomePaths;

beforeAll(async () => {
  const running = await startStackWithOrigin('session-control');
  ({ stack, origin, folder, home } = running);
  return running.close;
});

async function get({ port }: SessionView, where: string): Promise<void> {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: new URL(where, origin.httpUrl('/')).href,
    agent: false,
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
}

/** Reads the control API as curl would. */
async function stream(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const { url, token } = stack.api.address;
  const request = httpRequest(new URL(path, url), { headers: { authorization: `Bearer ${token}`, ...headers } });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

async function readAll(path: string, headers: Record<string, string>): Promise<string> {
  let text = '';
  for await (const chunk of await stream(path, headers)) text += String(chunk);
  return text;
}

async function first<T>(values: AsyncIterable<T>): Promise<T | undefined> {
  for await (const value of values) return value;
  return undefined;
}

const gone = (id: string) =>
  eventually(
    () => stack.api.sessions.list().then((sessions) => sessions.some((session) => session.id === id)),
    (open) => !open,
    15_000,
  );

test.each([1e13, Number.MAX_VALUE])(
  'a lease of %d s outlasts all dates, and keeps nobody from the stack',
  async (leaseSeconds) => {
    const session = await stack.api.sessions.create({ leaseSeconds });
    const lease = { seconds: leaseSeconds, endsAt: '+275760-09-13T00:00:00.000Z' };
    expect(session.lease).toEqual(lease);
    expect((await stack.api.sessions.renew(session.id, leaseSeconds)).lease).toEqual(lease);
    expect((await stack.api.status()).sessions).toContainEqual(expect.objectContaining({ id: session.id, lease }));
    await stack.api.sessions.delete(session.id);
  },
);

test('a session that nobody uses ends with its lease, and its recording is kept aside', async () => {
  const stop = new AbortController();
  const ended = (async () => {
    for await (const event of stack.api.events({ types: ['session'], signal: stop.signal }))
      if (event.type === 'session' && event.action === 'removed') return event;
    return undefined;
  })();
  const session = await stack.api.sessions.create({
    ...{ mode: 'record', testId: 'left', store: join(folder, 'store'), leaseSeconds: 2 },
  });
  expect(Date.parse(session.lease?.endsAt ?? '')).toBeGreaterThan(Date.now() - 1000);
  await get(session, '/json');
  await gone(session.id);
  expect(await ended).toMatchObject({ session: session.id, reason: 'Its lease ran out' });
  const [kept] = await listJournals(home.journalDir);
  expect(kept).toMatchObject({
    situation: 'rejected',
    reason: 'Its lease ran out',
    meta: { info: { testId: 'left' } },
  });
});

test('traffic, exchanges under way and renewals keep a session', async () => {
  const session = await stack.api.sessions.create({ leaseSeconds: 1 });
  const held = createServer((_, response) => setTimeout(() => response.end(), 2500));
  await once(held.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void held.close());
  await get(session, `http://127.0.0.1:${(held.address() as AddressInfo).port}/`);
  expect((await stack.api.sessions.get(session.id)).id).toBe(session.id);
  const renewed = await stack.api.sessions.renew(session.id, 3600);
  expect(renewed.lease).toMatchObject({ seconds: 3600 });
  const forEver = await stack.api.sessions.renew(session.id, 0);
  expect(forEver.lease).toBeUndefined();
  await stack.api.sessions.renew(session.id, 0.05);
  await gone(session.id);
});

test('Server-Sent Events have numbers, types and JSON, and go on behind the number that was seen last', async () => {
  const session = await stack.api.sessions.create({});
  const path = `/v1/sessions/${session.id}/events?types=request,response`;
  const first = await stream(path);
  expect(first.headers['content-type']).toContain('text/event-stream');
  await get(session, '/json?n=1');
  let text = '';
  for await (const chunk of first) {
    text += String(chunk);
    if (text.includes('event: response') && text.endsWith('\n\n')) break;
  }
  expect(text).toMatch(/^event: request\ndata: \{.*"url":".*n=1".*\}\nid: \d+\n\nevent: response\n/);
  const seen = /id: (\d+)\n\n$/.exec(text)?.[1] ?? '';
  await get(session, '/json?n=2'); // while nobody reads
  const rest = await eventually(
    () => readAll(`${path}&follow=false`, { 'last-event-id': seen }),
    (text) => text.includes('event: response'),
    5000,
  );
  expect(rest.match(/"url":"[^"]*"/g)).toEqual([expect.stringContaining('n=2'), expect.stringContaining('n=2')]);
  await stack.api.sessions.delete(session.id);
});

test('the first request behind the subscription is told of, and only what was asked for', async () => {
  const [one, other] = [await stack.api.sessions.create({}), await stack.api.sessions.create({})];
  const stop = new AbortController();
  const asked = { types: ['response' as const], hosts: ['127.0.0.1:*'], session: one.id, signal: stop.signal };
  const next = first(stack.api.events(asked));
  await stack.events.ready();
  await get(other, '/json');
  await get(one, '/json');
  expect(await next).toMatchObject({ type: 'response', session: one.id, status: 200 });
  stop.abort();
  await expect(first(stack.api.events({ since: -1 }))).rejects.toThrow();
});
