import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CreateSessionRequest, SessionView } from '../../src/api/schemas.js';
import type { Stack } from '../../supervisor/stack.js';
import { freePort } from '../../supervisor/free-port.js';
import type { Origin } from '../helpers/origin.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let origin: Origin;
let publishedPort: number;

beforeAll(async () => {
  publishedPort = await freePort('127.0.0.1');
  const running = await startStackWithOrigin('wide', { host: '0.0.0.0', toxiproxyPort: publishedPort, workers: 2 });
  ({ stack, origin } = running);
  return running.close;
});

/** One request through a session's proxy, with the credentials of its URL unless told otherwise. */
async function ask(
  { proxyUrl }: SessionView,
  url: string,
  { credentials = new URL(proxyUrl).username !== '' } = {},
): Promise<{ status: number; text: string }> {
  const proxy = new URL(proxyUrl);
  const authorization = `Basic ${Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64')}`;
  const request = httpRequest({
    host: proxy.hostname,
    port: proxy.port,
    path: url,
    headers: {
      host: new URL(url).host,
      connection: 'close',
      ...(credentials ? { 'proxy-authorization': authorization } : {}),
    },
  });
  request.end();
  return answerOf(request);
}

async function answerOf(request: ReturnType<typeof httpRequest>): Promise<{ status: number; text: string }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text };
}

const create = (more: CreateSessionRequest = {}): Promise<SessionView> =>
  stack.api.sessions.create({ host: '0.0.0.0', ...more });

describe('a session that other machines reach', () => {
  test('has credentials of its own in its URL, and asks for them', async () => {
    const [one, two] = await Promise.all([create(), create()]);
    expect(one.access).toBe('credentials');
    expect(one.proxyUrl).toMatch(/^http:\/\/proxyctl:[0-9a-f]{24}@127\.0\.0\.1:\d+$/);
    expect(new URL(one.proxyUrl).password).not.toBe(new URL(two.proxyUrl).password);
    expect((await ask(one, origin.httpUrl('/json'), { credentials: false })).status).toBe(407);
    expect((await ask(one, origin.httpUrl('/json'))).text).toContain('--allow-target 127.0.0.1:');
  });

  test('connects to what was allowed', async () => {
    const session = await create({ allowTarget: [`127.0.0.1:${origin.httpPort}`] });
    expect((await ask(session, origin.httpUrl('/json'))).status).toBe(200);
  });

  test('takes the credentials that it was given', async () => {
    const session = await create({ proxyAuth: 'me:p@ss/w:rd', allowTarget: ['*'] });
    expect(session.proxyUrl).toMatch(/^http:\/\/me:p%40ss%2Fw%3Ard@/);
    const [user, password] = ['me', 'p@ss/w:rd'];
    const header = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const request = httpRequest({
      port: session.port,
      host: '127.0.0.1',
      path: origin.httpUrl('/json'),
      headers: { host: 'x', 'proxy-authorization': header },
    });
    request.end();
    expect((await answerOf(request)).status).toBe(200);
  });

  test('is open to all when told so, and still refuses this machine', async () => {
    const session = await create({ open: true });
    expect(session).toMatchObject({ access: 'open', proxyUrl: `http://127.0.0.1:${session.port}` });
    expect((await ask(session, origin.httpUrl('/json'))).status).toBe(403);
  });

  test('is not asked to be open and to ask for credentials', async () => {
    await expect(create({ open: true, proxyAuth: 'a:b' })).rejects.toMatchObject({ code: 'PROXYCTL_USAGE' });
  });

  test('keeps its credentials when its MITM process is started anew', async () => {
    const session = await create({ allowTarget: ['*'] });
    const { children } = await stack.api.status();
    process.kill(children.find(({ name }) => name === session.worker)?.pid ?? -1, 'SIGKILL');
    await expect
      .poll(
        () =>
          ask(session, origin.httpUrl('/json'), { credentials: false }).then(
            ({ status }) => status,
            () => 0,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBe(407);
    expect((await ask(session, origin.httpUrl('/json'))).status).toBe(200);
  });

  test('connects to no port of the stack, whatever was allowed: not to one that came later either', async () => {
    const session = await create({ allowTarget: ['*'] });
    const local = await stack.api.sessions.create({ host: '127.0.0.1' });
    await stack.api.toxics.add(local.id, { type: 'latency', attributes: { latency: 1 }, host: 'a.test' });
    const { children, url } = await stack.api.status();
    const toxiproxyUrl = children.find(({ name }) => name === 'toxiproxy')?.url ?? '';
    const ports = [
      new URL(url).port,
      new URL(toxiproxyUrl).port,
      ...[session, local, ...(await stack.api.sessions.list())].flatMap(({ port, mitmPort }) => [port, mitmPort]),
    ];
    for (const port of ports.map(Number).filter((port) => port !== session.port && port !== session.mitmPort))
      for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '0.0.0.0'])
        expect([port, host, (await ask(session, `http://${host}:${port}/`)).status]).toEqual([port, host, 403]);
  });

  test('does not reach Toxiproxy’s own port behind the one that is published', async () => {
    const session = await create({ allowTarget: ['*'] });
    const { text } = await ask(session, `http://127.0.0.1:${publishedPort}/proxies`);
    expect(text).toContain('the stack’s own');
  });
});

describe('Toxiproxy’s API where its port is published', () => {
  const withToken = async (headers: Record<string, string>): Promise<{ status: number; text: string }> => {
    const request = httpRequest({ host: '127.0.0.1', port: publishedPort, path: '/proxies', headers });
    request.end();
    return answerOf(request);
  };
  const token = (): string => stack.api.address.token;

  test('asks for the token of the stack', async () => {
    expect(await withToken({})).toMatchObject({ status: 401, text: expect.stringContaining('token') as string });
    expect((await withToken({ authorization: 'Bearer no' })).status).toBe(401);
  });

  test('answers with it, as Bearer and as a password', async () => {
    const basic = `Basic ${Buffer.from(`any:${token()}`).toString('base64')}`;
    for (const authorization of [`Bearer ${token()}`, basic])
      expect(await withToken({ authorization })).toMatchObject({
        status: 200,
        text: expect.stringMatching(/^\{/) as string,
      });
  });

  test('answers to no name that could be rebound', async () => {
    expect((await withToken({ authorization: `Bearer ${token()}`, host: 'rebound.example' })).status).toBe(403);
  });
});

test('a session on loopback asks for nothing and connects to this machine', async () => {
  const session = await stack.api.sessions.create({ host: '127.0.0.1' });
  expect(session).toMatchObject({ access: 'local', proxyUrl: `http://127.0.0.1:${session.port}` });
  expect((await ask(session, origin.httpUrl('/json'))).status).toBe(200);
  const request = httpRequest({
    port: session.port,
    host: '127.0.0.1',
    path: `${stack.api.address.url.replace('0.0.0.0', '127.0.0.1')}/v1/openapi.json`,
    headers: { host: new URL(stack.api.address.url).host.replace('0.0.0.0', '127.0.0.1') },
  });
  request.end();
  expect((await answerOf(request)).status).not.toBe(403);
});
