import { gunzipSync, gzipSync } from 'node:zlib';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import { proxyctlHome } from '../../src/config/paths.js';
import type { MissedEvents, SessionEvent } from '../../src/protocol/session-event.js';
import { Stack } from '../../supervisor/stack.js';
import { eventually } from '../helpers/processes.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

const document = '{ "total" : 12.50, "items": [ {"id":12345678901234567890} ] }';

let stack: Stack;
let backend: Server;
let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let folder: Awaited<ReturnType<typeof makeTempFolder>>;
let session: SessionView;

beforeAll(async () => {
  folder = await makeTempFolder('rules');
  backend = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body: body.toString() });
      if (headers['if-none-match'] !== undefined) return response.writeHead(304).end();
      const gzip = url.startsWith('/gzip');
      const data = gzip ? gzipSync(document) : Buffer.from(document);
      const coding = gzip ? ['Content-Encoding', 'gzip'] : [];
      if (!url.startsWith('/chunked')) coding.push('Content-Length', String(data.length));
      response.writeHead(200, ['Content-Type', 'application/json', 'X-Backend', 'yes', ...coding]);
      return response.end(data);
    });
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  stack = await Stack.start({ home: proxyctlHome(folder.path) });
});
afterAll(async () => {
  await stack.close();
  backend.close();
  await folder.remove();
});
beforeEach(async () => {
  for (const { id } of await stack.api.sessions.list()) await stack.api.sessions.delete(id);
  session = await stack.api.sessions.create({});
  asked = [];
});

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  ms: number;
}

async function ask(
  path: string,
  { method = 'GET', headers = {}, body = '', host = `127.0.0.1:${(backend.address() as AddressInfo).port}` } = {},
): Promise<Answer> {
  const begun = performance.now();
  const request = httpRequest({
    host: '127.0.0.1',
    port: session.port,
    method,
    path: `http://${host}${path}`,
    headers: { host, ...headers },
    agent: false,
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const data = await buffer(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body: data, ms: performance.now() - begun };
}

test('a mock with a body answers in the backend’s place, at once and no more once it is removed', async () => {
  const mock = await stack.api.mocks.add(session.id, {
    predicate: { command: '/cart' },
    response: { response: { json: { empty: true } }, status: 201, headers: { PUT: { 'X-Mock': '1' } } },
  });
  const answer = await ask('/cart?x=1');
  expect(answer).toMatchObject({
    status: 201,
    headers: { 'x-mock': '1', 'content-type': 'application/json; charset=utf-8' },
  });
  expect(JSON.parse(answer.body.toString())).toEqual({ empty: true });
  expect(asked).toEqual([]);
  expect((await ask('/other')).status).toBe(200);
  await stack.api.mocks.remove(session.id, mock.id);
  expect((await ask('/cart')).body.toString()).toBe(document);
});

test.each(['/plain', '/gzip', '/chunked'])(
  'a partial mock of %s changes what it names and no other byte',
  async (path) => {
    await stack.api.mocks.add(session.id, { response: { modify: { '$.total': 0 } } });
    const { body, headers } = await ask(path);
    expect((path === '/gzip' ? gunzipSync(body) : body).toString()).toBe(document.replace('12.50', '0'));
    expect(headers['x-backend']).toBe('yes');
    if (path !== '/chunked') expect(headers['content-length']).toBe(String(body.length));
  },
);

test('a partial mock gets the whole answer to change, though the client has a copy', async () => {
  await stack.api.mocks.add(session.id, { response: { modify: { '$.total': 1 } } });
  const { status, body } = await ask('/plain', { headers: { 'if-none-match': '"a"' } });
  expect([status, body.toString()]).toEqual([200, document.replace('12.50', '1')]);
});

test('changes of a request reach the backend', async () => {
  await stack.api.mocks.add(session.id, {
    predicate: { method: 'POST' },
    request: {
      headers: { PUT: { 'X-Flag': 'on' }, DELETE: ['X-Secret'] },
      modify_query: { page: 3, gone: null },
      modify_json: { '$.user.id': 7 },
    },
  });
  await ask('/save?page=1&gone=1&q=a+b', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-secret': 's' },
    body: '{ "user": {"id": 1, "n":1.0} }',
  });
  expect(asked[0]).toMatchObject({ url: '/save?page=3&q=a+b', body: '{ "user": {"id": 7, "n":1.0} }' });
  expect(asked[0]?.headers).toMatchObject({ 'x-flag': 'on' });
  expect(asked[0]?.headers['x-secret']).toBeUndefined();
});

test('a form is changed by its keys', async () => {
  await stack.api.mocks.add(session.id, { request: { modify_form: { name: 'J\u00f6rg', tag: ['a', 'b'] } } });
  await ask('/form', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'x=1+2&name=Ann&tag=old',
  });
  expect(asked[0]?.body).toBe('x=1+2&name=J%C3%B6rg&tag=a&tag=b');
});

test('of several mocks that fit, the one with most parameters counts, then the newest', async () => {
  const answer = (text: string) => ({ response: { response: { text } } });
  await stack.api.mocks.add(session.id, { predicate: { params: { a: 1, b: 2 } }, ...answer('two') });
  await stack.api.mocks.add(session.id, { predicate: { params: { a: 1 } }, ...answer('one') });
  await stack.api.mocks.add(session.id, { predicate: {}, ...answer('older') });
  await stack.api.mocks.add(session.id, { predicate: {}, ...answer('newer') });
  const text = async (path: string): Promise<string> => (await ask(path)).body.toString();
  expect([await text('/?a=1&b=2'), await text('/?a=1'), await text('/')]).toEqual(['two', 'one', 'newer']);
});

test('index conditions count the requests of each session, and go on after the MITM process was killed', async () => {
  const { id } = await stack.api.mocks.add(session.id, {
    predicate: { command: '/poll', applicable_for_requests: { after_index: 1 } },
    response: { status: 503, response: { text: '' } },
  });
  const other = session;
  session = await stack.api.sessions.create({});
  await ask('/poll');
  session = other;
  expect([(await ask('/poll')).status, (await ask('/poll')).status]).toEqual([200, 200]);
  await eventually(
    () => stack.api.mocks.list(session.id),
    ([mock]) => mock?.fitted === 2,
    5000,
  );
  const pid = (await stack.api.status()).children.find(({ name }) => name === 'mitm')?.pid ?? -1;
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => ask('/other').catch(() => undefined),
    (answer) => answer?.status === 200,
    10_000,
  );
  expect((await ask('/poll')).status).toBe(503);
  const [mock] = await eventually(
    () => stack.api.mocks.list(session.id),
    ([one]) => one?.hits === 1,
    5000,
  );
  expect(mock).toMatchObject({ id, fitted: 3, hits: 1 });
});

test('a delay holds the answer back, and a mock that is changed keeps its counters', async () => {
  const mock = await stack.api.mocks.add(session.id, { predicate: { command: '/a' }, response: { delay_sec: 0.3 } });
  const { ms, status } = await ask('/a');
  expect(ms).toBeGreaterThanOrEqual(299);
  expect(status).toBe(200);
  await stack.api.mocks.change(session.id, mock.id, { predicate: { command: '/a' }, response: { status: 418 } });
  expect((await ask('/a')).status).toBe(418);
  const [changed] = await eventually(
    () => stack.api.mocks.list(session.id),
    ([one]) => one?.hits === 2,
    5000,
  );
  expect(changed?.hits).toBe(2);
});

test('a redirect sends a host’s requests elsewhere, and a path prefix is replaced', async () => {
  const { port } = backend.address() as AddressInfo;
  await stack.api.redirects.add(session.id, {
    from: 'api.example.test',
    pathPrefix: '/v1',
    to: `http://127.0.0.1:${port}/mirror/`,
  });
  expect((await ask('/v1/cart?a=1', { host: 'api.example.test' })).status).toBe(200);
  expect(asked[0]).toMatchObject({ url: '/mirror/cart?a=1', headers: { host: `127.0.0.1:${port}` } });
  await stack.api.redirects.clear(session.id);
  await stack.api.redirects.add(session.id, { from: '*.test', to: `http://127.0.0.1:${port}`, keepHost: true });
  await ask('/v1/cart', { host: 'api.example.test' });
  expect(asked[1]).toMatchObject({ url: '/v1/cart', headers: { host: 'api.example.test' } });
});

test('hits and changes of rules are told as events', async () => {
  const stop = new AbortController();
  const seen: (SessionEvent | MissedEvents)[] = [];
  const reading = (async () => {
    for await (const event of stack.api.events({ session: session.id, signal: stop.signal })) seen.push(event);
  })();
  const { id } = await stack.api.mocks.add(session.id, { response: { status: 204 } });
  await eventually(
    () => ask('/x').then(() => seen),
    (events) => events.some((event) => event.type === 'mock'),
    5000,
  );
  stop.abort();
  await reading.catch(() => undefined);
  expect(seen.find(({ type }) => type === 'mock')).toMatchObject({ mock: id, method: 'GET' });
});

test('what a mock could not change is a warning of the session', async () => {
  const { id } = await stack.api.mocks.add(session.id, { response: { modify: { '$.gone[*].x': 1 } } });
  expect((await ask('/plain')).body.toString()).toBe(document);
  const { warnings } = await stack.api.sessions.summary(session.id);
  expect(warnings[0]?.message).toMatch(new RegExp(`Mock ${id} did not change .*/plain: its JSONPaths found nothing`));
});

test.each([
  [{ predicate: { json_params: { 'a.b': 1 } }, response: { status: 200 } }, 'This is not a JSONPath'],
  [{ predicate: {} }, 'A mock changes something'],
  [{ response: { response: { text: 'a' }, modify: { '$.a': 1 } } }, 'either `response`'],
  [{ response: { headers: { PUT: { 'a b': '1' } } } }, 'not a header name'],
])('%j is refused with what is wrong', async (mock, message) => {
  await expect(stack.api.mocks.add(session.id, mock as never)).rejects.toThrow(message);
});
