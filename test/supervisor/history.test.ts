import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { MissedEvents, SessionEvent } from '../../src/protocol/session-event.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let origin: Origin;
let session: SessionView;

beforeAll(async () => {
  const running = await startStackWithOrigin('history');
  ({ stack, origin } = running);
  return running.close;
});
beforeEach(async () => {
  for (const { id } of await stack.api.sessions.list()) await stack.api.sessions.delete(id);
  session = await stack.api.sessions.create({ history: true });
});

async function send(path: string, body?: object): Promise<number> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: session.port,
    method: body === undefined ? 'GET' : 'POST',
    path: origin.httpUrl(path),
    headers: { host: `127.0.0.1:${origin.httpPort}`, 'content-type': 'application/json' },
    agent: false,
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

test('an entry says what faults its exchange met, once its client has all of the answer', async () => {
  await stack.api.toxics.add(session.id, {
    type: 'packet-loss',
    attributes: { loss: '20%', rtt: '4ms', seed: 5 },
  });
  await send('/bytes/100000');
  await stack.api.toxics.add(session.id, { type: 'latency', attributes: { latency: 5 } });
  await send('/json');
  const { log } = await eventually(
    () => stack.api.har(session.id),
    ({ log: { entries } }) => entries.length === 2 && entries.every(({ _proxyctl }) => _proxyctl?.faults !== undefined),
    5000,
  );
  const [lossy, late] = log.entries.map(({ _proxyctl }) => _proxyctl?.faults);
  expect(lossy).toContainEqual(expect.objectContaining({ kind: 'modelled', stream: 'downstream' }));
  expect(late).toContainEqual(expect.objectContaining({ kind: 'toxiproxy', settings: { latency: 5, jitter: 0 } }));
});

test('the HAR of a running session has what its client saw, mocks included, with bodies', async () => {
  await stack.api.mocks.add(session.id, { predicate: { command: '/cart' }, response: { response: { json: [1] } } });
  await send('/json?a=1');
  await send('/echo', { name: 'tea' });
  await send('/cart');
  await send('/bytes/500000');
  await send('/bytes/3000000');
  const { log } = await stack.api.har(session.id);
  expect(log.version).toBe('1.2');
  expect(log.entries.map(({ request, response }) => [request.method, response.status])).toEqual([
    ['GET', 200],
    ['POST', 200],
    ['GET', 200],
    ['GET', 200],
    ['GET', 200],
  ]);
  expect(JSON.parse(log.entries[0]?.response.content.text ?? '')).toMatchObject({ answer: 42 });
  expect(log.entries[1]?.request.postData?.text).toBe('{"name":"tea"}');
  expect(log.entries[2]?.response.content.text).toBe('[1]');
  expect((await stack.api.har(session.id, { since: 3 })).log.entries).toHaveLength(2);
});

test('of a HAR only what fits is asked for: by host, by predicate, from an index on', async () => {
  await send('/json?page=1');
  await send('/json?page=2');
  await send('/echo', { name: 'tea' });
  const indexes = async (filter: Parameters<Stack['api']['har']>[1]): Promise<(number | undefined)[]> =>
    (await stack.api.har(session.id, filter)).log.entries.map(({ _proxyctl }) => _proxyctl?.index);
  expect(await indexes({ hosts: [`127.0.0.1:${origin.httpPort}`] })).toEqual([0, 1, 2]);
  expect(await indexes({ hosts: ['*.example.com', 'localhost'] })).toEqual([]);
  expect(await indexes({ predicate: { params: { page: 2 } } })).toEqual([1]);
  expect(await indexes({ predicate: { json_params: { '$.name': 'tea' } }, since: 1 })).toEqual([2]);
  expect(await indexes({ predicate: { command: '/json' }, since: 1, hosts: ['127.0.0.1'] })).toEqual([1]);
  await expect(indexes({ predicate: { commnad: '/json' } as never })).rejects.toThrow(/commnad/);
});

test('events have bodies for who asks for them, in order, up to the size asked for', async () => {
  const seen: (SessionEvent | MissedEvents)[] = [];
  const plain: (SessionEvent | MissedEvents)[] = [];
  const signal = AbortSignal.timeout(20_000);
  const follow = async (into: typeof seen, bodies?: number): Promise<void> => {
    const options = { session: session.id, since: 0, signal, ...(bodies === undefined ? {} : { bodies }) };
    for await (const event of stack.api.events(options)) {
      into.push(event);
      if (into.filter(({ type }) => type === 'response').length === 4) return;
    }
  };
  const both = Promise.all([follow(seen, 1000), follow(plain)]);
  await eventually(
    () => Math.min(seen.length, plain.length),
    (count) => count > 0,
    5000,
  ); // both are told of the session itself
  await send('/echo', { name: 'tea' });
  await send('/bytes/1000');
  await send('/bytes/1001');
  await send('/json');
  await both;
  expect(seen.map(({ type }) => type)).toEqual(plain.map(({ type }) => type));
  const numbers = seen.map((event) => (event.type === 'missed' ? 0 : event.seq));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const entries = seen.flatMap((event) => (event.type === 'response' ? [event.entry] : []));
  expect(entries[0]?.request.postData?.text).toBe('{"name":"tea"}');
  expect(Buffer.from(entries[1]?.response.content.text ?? '', 'base64')).toHaveLength(1000);
  expect(entries[2]?.response.content).toMatchObject({ size: 1001 });
  expect(entries[2]?.response.content.text).toBeUndefined();
  expect(JSON.parse(entries[3]?.response.content.text ?? '')).toMatchObject({ answer: 42 });
  expect(plain.every((event) => !('entry' in event))).toBe(true);
});

test('an answer is told of when it begins, also one that goes on', async () => {
  const signal = AbortSignal.timeout(10_000);
  const types = ['session', 'response-start', 'response'] as const;
  const events = stack.api.events({ session: session.id, since: 0, types, signal })[Symbol.asyncIterator]();
  await events.next(); // of the session itself: from here on it is told of all
  const endless = createServer((_request, response) => response.writeHead(200).write('data: 1\n\n')).listen(0);
  onTestFinished(() => void endless.close().closeAllConnections());
  await once(endless, 'listening');
  const host = `127.0.0.1:${(endless.address() as AddressInfo).port}`;
  const request = httpRequest({ host: '127.0.0.1', port: session.port, path: `http://${host}/`, headers: { host } });
  request.on('error', () => undefined).end();
  onTestFinished(() => void request.destroy());
  expect((await events.next()).value).toMatchObject({ type: 'response-start', status: 200, url: `http://${host}/` });
});

test('an expectation is met by what was before, and by what comes', async () => {
  await send('/json?page=1');
  expect(await stack.api.expect(session.id, { predicate: { params: { page: 1 } } })).toMatchObject({
    met: true,
    matched: [{ index: 0, method: 'GET', status: 200 }],
  });
  const waiting = stack.api.expect(session.id, {
    predicate: { command: '/echo', json_params: { '$.events[*].name': 'buy' } },
    within: '20s',
  });
  await send('/echo', { events: [{ name: 'open' }] });
  await send('/echo', { events: [{ name: 'open' }, { name: 'buy' }] });
  expect(await waiting).toMatchObject({ met: true, matched: [{ index: 2 }] });
});

test('one that is not met says what came nearest, and what differs', async () => {
  await send('/json');
  await send('/echo', { event: { name: 'open', price: 3 } });
  const result = await stack.api.expect(session.id, {
    predicate: { method: 'POST', command: '/echo', json_params: { '$.event.name': 'buy', '$.event.price': 3 } },
    within: 50,
  });
  expect(result.met).toBe(false);
  expect(result.waitedMs).toBeGreaterThanOrEqual(49);
  expect(result.nearest[0]).toMatchObject({ index: 1, differences: ['$.event.name is "open", not "buy"'] });
  expect(result.nearest[1]?.differences).toContain('method is GET, not POST');
});

test('a request that must not come is noticed as soon as it does', async () => {
  const none = { predicate: { command: '/json' }, count: { max: 0 } };
  expect(await stack.api.expect(session.id, { ...none, within: 50 })).toMatchObject({ met: true, matched: [] });
  const waiting = stack.api.expect(session.id, { ...none, within: '60s' });
  await send('/json');
  expect(await waiting).toMatchObject({ met: false, matched: [{ index: 0 }] });
  expect(await stack.api.expect(session.id, { ...none, since: 1, within: 50 })).toMatchObject({ met: true });
});

test('a session without a history says so', async () => {
  const { id } = await stack.api.sessions.create({});
  await expect(stack.api.har(id)).rejects.toThrow(`Session ${id} keeps no history`);
});
