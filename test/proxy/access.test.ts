import { once } from 'node:events';
import { connect as connectH2, createServer as createH2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startProxy, type TestProxy } from '../helpers/engine.js';
import { Origin } from '../helpers/origin.js';
import type { RawConnection } from '../helpers/raw-connection.js';
import { ProxyAccess } from '../../src/proxy/proxy-access.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const right = basic('me:s3cret:x');

async function guarded(reverse?: { scheme: 'http'; host: string; port: number }): Promise<TestProxy> {
  return startProxy({
    session: { access: new ProxyAccess('me:s3cret:x'), ...(reverse === undefined ? {} : { reverse }) },
  });
}

async function startOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return origin;
}

async function status(proxy: TestProxy, head: string): Promise<{ status: number; headers: string[]; body: string }> {
  const connection = await proxy.connect();
  connection.write(head);
  const answer = await connection.head();
  const body = await connection.body(answer);
  connection.socket.destroy();
  return { ...answer, body };
}

const get = (url: string, credentials?: string): string =>
  `GET ${url} HTTP/1.1\r\nHost: x\r\n${credentials === undefined ? '' : `Proxy-Authorization: ${credentials}\r\n`}\r\n`;

describe('a proxy with credentials', () => {
  test('answers 407 with what to do to a request without them', async () => {
    const origin = await startOrigin();
    const proxy = await guarded();
    const answer = await status(proxy, get(origin.httpUrl('/json')));
    expect(answer.status).toBe(407);
    expect(answer.headers[answer.headers.indexOf('Proxy-Authenticate') + 1]).toMatch(/^Basic realm="proxyctl"/);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { code: 'PROXYCTL_PROXY_CREDENTIALS', hint: expect.stringContaining('http://USER:PASSWORD@') as string },
    });
    expect(proxy.exchanges).toEqual([]);
    expect(origin.connections).toBe(0);
  });

  test('serves a request with them, and hands them on to nobody', async () => {
    const origin = await startOrigin();
    const proxy = await guarded();
    expect((await status(proxy, get(origin.httpUrl('/json'), right))).status).toBe(200);
    expect(JSON.stringify(origin.requests).toLowerCase()).not.toContain('proxy-auth');
    expect(JSON.stringify(proxy.exchanges[0]?.request.headers).toLowerCase()).not.toContain('proxy-auth');
  });

  test.each([
    ['another password', basic('me:s3cret')],
    ['another user', basic('you:s3cret:x')],
    ['no colon', basic('me')],
    ['nothing', 'Basic '],
    ['another scheme', `Bearer ${Buffer.from('me:s3cret:x').toString('base64')}`],
    ['the plain text', 'Basic me:s3cret:x'],
  ])('refuses %s', async (_, credentials) => {
    const origin = await startOrigin();
    const proxy = await guarded();
    expect((await status(proxy, get(origin.httpUrl('/json'), credentials))).status).toBe(407);
    expect(origin.connections).toBe(0);
  });

  test('asks again for each request of a connection', async () => {
    const origin = await startOrigin();
    const proxy = await guarded();
    const connection = await proxy.connect();
    connection.write(get(origin.httpUrl('/json'), right));
    await connection.body(await connection.head());
    connection.write(get(origin.httpUrl('/json')));
    expect((await connection.head()).status).toBe(407);
  });

  test('asks for a tunnel, and not within it', async () => {
    const origin = await startOrigin();
    const proxy = await guarded();
    const authority = `127.0.0.1:${origin.httpPort}`;
    expect((await status(proxy, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)).status).toBe(407);
    const connection = await proxy.connect();
    connection.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: ${right}\r\n\r\n`);
    expect((await connection.head()).status).toBe(200);
    connection.write('GET /json HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await connection.head()).status).toBe(200);
  });

  test('asks for an upgrade', async () => {
    const origin = await startOrigin();
    const proxy = await guarded();
    const handshake = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const { status: inFull } = await status(proxy, `GET ${origin.httpUrl('/ws')} HTTP/1.1\r\nHost: x\r\n${handshake}`);
    expect(inFull).toBe(407);
    const host = `127.0.0.1:${origin.httpPort}`;
    expect((await status(proxy, `GET /ws HTTP/1.1\r\nHost: ${host}\r\n${handshake}`)).status).toBe(407);
    expect(origin.connections).toBe(0);
  });

  test('asks for a stream of HTTP/2', async () => {
    const backend = createH2Server((_, response) => response.end('hi')).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    onTestFinished(() => void backend.close());
    const { port } = backend.address() as AddressInfo;
    const proxy = await guarded();
    const client = connectH2(proxy.url);
    onTestFinished(() => client.close());
    const ask = async (headers: Record<string, string>): Promise<unknown> => {
      const stream = client.request({ ':path': '/json', ':authority': `127.0.0.1:${port}`, ...headers });
      const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
      stream.resume();
      return answer[':status'];
    };
    expect(await ask({})).toBe(407);
    expect(await ask({ 'proxy-authorization': right })).toBe(200);
    expect(await ask({})).toBe(407);
  });

  test('shows its own pages without: the certificate is no secret', async () => {
    const proxy = await guarded();
    expect((await status(proxy, get('/ca.pem'))).status).toBe(200);
    expect((await status(proxy, get('http://proxyctl.local/ca.pem'))).status).toBe(200);
  });

  test('lets requests to its own address through to the backend that it stands for, and to no other', async () => {
    const origin = await startOrigin();
    const proxy = await guarded({ scheme: 'http', host: '127.0.0.1', port: origin.httpPort });
    expect((await status(proxy, get('/json'))).status).toBe(200);
    expect((await status(proxy, get(origin.httpUrl('/json')))).status).toBe(407);
  });
});

describe('SOCKS', () => {
  async function login(user: string, password: string): Promise<{ connection: RawConnection; reply: Buffer }> {
    const proxy = await guarded();
    const connection = await proxy.connect();
    connection.write(Buffer.of(5, 2, 0, 2));
    expect(await connection.bytes(2)).toEqual(Buffer.of(5, 2));
    const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
    connection.write(Buffer.concat([Buffer.of(1), text(user), text(password)]));
    return { connection, reply: await connection.bytes(2) };
  }

  test('by name and password leads on', async () => {
    const origin = await startOrigin();
    const { connection, reply } = await login('me', 's3cret:x');
    expect(reply).toEqual(Buffer.of(1, 0));
    connection.write(Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, origin.httpPort >> 8, origin.httpPort & 255));
    expect((await connection.bytes(10))[1]).toBe(0);
  });

  test('with a wrong password ends', async () => {
    const { connection, reply } = await login('me', 'no');
    expect(reply).toEqual(Buffer.of(1, 1));
    expect(await connection.rest()).toHaveLength(0);
  });

  test('without a way to show a password ends', async () => {
    const connection = await (await guarded()).connect();
    connection.write(Buffer.of(5, 1, 0));
    expect(await connection.rest()).toEqual(Buffer.of(5, 0xff));
  });
});
