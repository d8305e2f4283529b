import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import type { SessionSummary, SessionView } from '../../src/api/schemas.js';
import type { Stack } from '../../supervisor/stack.js';
import { Origin } from '../helpers/origin.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let backend: Origin;
let store: string;

/** The state of a test's own cart, and a body of any size: `/cart/NAME` and `/bytes/N`. */
const carts = new Map<string, string[]>();

beforeAll(async () => {
  const running = await startStackWithOrigin('replay-sessions');
  ({ stack } = running);
  store = join(running.folder, 'store');
  backend = await Origin.start(async (request, response) => {
    const [, route = '', name = ''] = (request.url ?? '').split('/');
    if (route === 'bytes') return void response.end(Buffer.alloc(Number(name), 'x'));
    const cart = carts.get(name) ?? [];
    carts.set(name, cart);
    if (request.method === 'POST') cart.push((await buffer(request)).toString());
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ owner: name, cart }));
  });
  return async () => {
    await running.close();
    await backend.close();
  };
});

interface Answer {
  status: number;
  text: string;
  /** Until its first byte, and until its last. */
  firstMs: number;
  ms: number;
}

async function ask({ port }: SessionView, path: string, body?: string): Promise<Answer> {
  const begun = performance.now();
  const request = httpRequest({
    ...{ host: '127.0.0.1', port, agent: false, path: backend.httpUrl(path) },
    method: body === undefined ? 'GET' : 'POST',
    headers: { host: `127.0.0.1:${backend.httpPort}` },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const firstMs = performance.now() - begun;
  const text = (await buffer(response)).toString();
  return { status: response.statusCode ?? 0, text, firstMs, ms: performance.now() - begun };
}

/** Records what `use` does under this test id. */
async function recorded<T>(testId: string, use: (session: SessionView) => Promise<T>): Promise<T> {
  const session = await stack.api.sessions.create({ mode: 'record', testId, store });
  const result = await use(session);
  expect(await stack.api.sessions.endRecording(session.id, { verdict: 'publish' })).toMatchObject({ published: true });
  await stack.api.sessions.delete(session.id);
  return result;
}

async function replayed<T>(
  testId: string,
  use: (session: SessionView) => Promise<T>,
): Promise<{ result: T; summary: SessionSummary }> {
  const session = await stack.api.sessions.create({ mode: 'replay', testId, store });
  const result = await use(session);
  return { result, summary: await stack.api.sessions.delete(session.id) };
}

test('a latency and a bandwidth toxic are felt in replayed traffic', async () => {
  const size = 60_000;
  await recorded('toxics', (session) => ask(session, `/bytes/${size}`));
  const before = backend.requests.length;
  const { result, summary } = await replayed('toxics', async (session) => {
    const [late] = await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: 400 } });
    const latency = await ask(session, `/bytes/${size}`);
    await stack.api.toxics.remove(session.id, late?.name ?? '');
    await stack.api.toxics.add(session.id, { type: 'bandwidth', attributes: { rate: '60kb' } });
    const bandwidth = await ask(session, `/bytes/${size}`);
    return { latency, bandwidth };
  });
  const { latency, bandwidth } = result;
  expect([latency.text.length, bandwidth.text.length]).toEqual([size, size]);
  expect(latency.firstMs).toBeGreaterThan(395);
  // 60 kB at 60 kB/s, less what Toxiproxy lets through as the first of its pieces
  expect(bandwidth.ms).toBeGreaterThan(500);
  expect(bandwidth.ms - bandwidth.firstMs).toBeGreaterThan(400);
  expect([summary.misses, backend.requests.length - before]).toEqual([[], 0]);
});

test('eight tests replay at once on one stack, each on its own recording and in its own state', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `user-${i}`);
  // the same requests in all of them but for the items, so that any mixing shows
  const shop = async (session: SessionView, name: string): Promise<string[]> => {
    const texts: string[] = [];
    const say = async (path: string, body?: string): Promise<void> => {
      const { status, text } = await ask(session, path, body);
      texts.push(`${status} ${text}`);
    };
    for (let round = 0; round < 6; round++) {
      await say('/cart/mine');
      await say('/cart/mine', `item ${round} of ${name}`);
      await say('/cart/mine');
    }
    return texts;
  };
  const live = new Map<string, string[]>();
  for (const name of names) {
    carts.clear();
    live.set(name, await recorded(name, (session) => shop(session, name)));
  }
  expect(new Set(Array.from(live.values(), (texts) => texts.at(-1))).size).toBe(names.length);
  const before = backend.requests.length;
  const runs = await Promise.all(
    names.map(async (name) => ({ name, ...(await replayed(name, (session) => shop(session, name))) })),
  );
  for (const { name, result, summary } of runs) {
    expect([name, result]).toEqual([name, live.get(name)]);
    expect([summary.misses, summary.unused, summary.session.counters.exchanges]).toEqual([[], [], 18]);
  }
  expect(backend.requests.length).toBe(before);
});
