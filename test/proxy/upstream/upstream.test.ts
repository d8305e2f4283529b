import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Body, type HttpRequest, type HttpResponse, type RawHeaders } from '../../../src/http/index.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../../../src/proxy/upstream/upstream.js';
import { exchangeOf, type TestExchange } from '../../helpers/exchange.js';
import { RawServer } from '../../helpers/raw-server.js';
import { makeTestCertificate, type TestCertificate } from '../../helpers/test-certificate.js';

const ok = (body = 'ok', more = '') => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

function start(options: UpstreamOptions = {}): Upstream {
  const upstream = createUpstream(options);
  onTestFinished(() => upstream.close());
  return upstream;
}

function ask(port: number, request: Partial<HttpRequest> = {}): TestExchange {
  const host = request.host ?? '127.0.0.1';
  const headers: RawHeaders = ['Host', `${host}:${port}`, 'Accept', '*/*'];
  return exchangeOf(0, { scheme: 'http', host, port, target: '/x', headers, ...request }, { notes: {} });
}

async function text(response: HttpResponse): Promise<string> {
  return (await response.body.bytes()).data.toString('latin1');
}

/** What a body delivers, and how it ended. */
function watch(body: Body): Promise<{ received: string; error?: Error; trailers?: RawHeaders }> {
  return new Promise((resolve) => {
    let received = '';
    body.pipe({
      open: () => undefined,
      chunk: (data) => (received += data.toString('latin1')),
      end: (trailers) => resolve({ received, trailers }),
      error: (error) => resolve({ received, error }),
    });
  });
}

describe('an exchange', () => {
  test('goes out as it came and the answer comes back raw, with times and the server’s address', async () => {
    const server = await RawServer.start(async (connection) => {
      const head = await connection.head();
      connection.write(ok(JSON.stringify(head), 'X-Odd-CASE: 1\r\nx-odd-case: 2\r\n'));
    });
    const exchange = ask(server.port, { target: '/p?q=%20' });
    const response = await start().handle(exchange);
    expect(response).toMatchObject({ status: 200, reason: 'OK', httpVersion: 'HTTP/1.1' });
    expect(response.headers.slice(0, 4)).toEqual(['X-Odd-CASE', '1', 'x-odd-case', '2']);
    expect(JSON.parse(await text(response))).toMatchObject({
      line: 'GET /p?q=%20 HTTP/1.1',
      headers: ['Host', `127.0.0.1:${server.port}`, 'Accept', '*/*'],
    });
    expect(exchange.notes).toMatchObject({
      servedBy: 'upstream',
      serverAddress: '127.0.0.1',
      serverPort: server.port,
      connection: '1',
    });
    const { connectStart, connectEnd, requestSent, responseStart, responseEnd } = exchange.timings;
    const inOrder = [connectStart, connectEnd, requestSent, responseStart, responseEnd];
    expect(inOrder).toEqual([...inOrder].sort((a, b) => Number(a) - Number(b)));
    expect(inOrder).not.toContain(undefined);
  });

  test('reuses a connection, and counts how many it opened', async () => {
    const server = await RawServer.start(async (connection) => {
      for (;;) {
        await connection.head();
        connection.write(ok());
      }
    });
    const upstream = start();
    const ids = [];
    for (let i = 0; i < 3; i += 1) {
      const exchange = ask(server.port);
      await text(await upstream.handle(exchange));
      ids.push(exchange.notes.connection);
    }
    expect(ids).toEqual(['1', '1', '1']);
    expect(server.connections).toBe(1);
    expect(upstream.connectionsOpened()).toBe(1);
  });

  test.each([
    ['says close', ok('ok', 'Connection: close\r\n')],
    ['is HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['has bytes behind it', `${ok()}more`],
  ])('does not reuse a connection whose answer %s', async (_, answer) => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write(answer);
    });
    const upstream = start();
    expect(await text(await upstream.handle(ask(server.port)))).toBe('ok');
    expect(await text(await upstream.handle(ask(server.port)))).toBe('ok');
    expect(server.connections).toBe(2);
  });

  test('lets an unused connection go in time, sooner when the server says so', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write(ok('ok', 'Keep-Alive: timeout=1\r\n'));
      await connection.rest();
      closed();
    });
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    await text(await start({ keepAliveMs: 60_000 }).handle(ask(server.port)));
    await gone;
    expect(server.connections).toBe(1);
  });

  test('streams a chunked body with its trailers in both directions', async () => {
    const server = await RawServer.start(async (connection) => {
      const head = await connection.head();
      const body = await connection.chunked();
      const echo = Buffer.from(JSON.stringify({ head: head.headers, ...body })).toString('latin1');
      connection.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n`);
      connection.write(`${echo.length.toString(16)}\r\n${echo}\r\n0\r\nX-Sum: 7\r\n\r\n`);
    });
    const body = Body.of('hello', ['X-Client', 'done']);
    const headers = ['Host', 'a', 'Transfer-Encoding', 'chunked'];
    const response = await start().handle(ask(server.port, { method: 'POST', headers, body }));
    const { received, trailers } = await watch(response.body);
    expect(JSON.parse(received)).toMatchObject({ body: 'hello', chunks: ['hello'], trailers: ['X-Client', 'done'] });
    expect(trailers).toEqual(['X-Sum', '7']);
  });

  test('hands informational responses on ahead of the answer', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok()}`);
    });
    const exchange = ask(server.port);
    await text(await start().handle(exchange));
    expect(exchange.sent).toEqual([{ status: 103, headers: ['Link', '</a.css>'] }]);
  });

  test('holds a body back until the server says 100 Continue', async () => {
    const order: string[] = [];
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      order.push(`head, then ${connection.waiting} bytes`);
      connection.write('HTTP/1.1 100 Continue\r\n\r\n');
      order.push(await connection.text('hello'));
      connection.write(ok());
    });
    const headers = ['Host', 'a', 'Expect', '100-continue', 'Content-Length', '5'];
    const exchange = ask(server.port, { method: 'PUT', headers, body: Body.of('hello') });
    expect(await text(await start().handle(exchange))).toBe('ok');
    expect(order).toEqual(['head, then 0 bytes', 'hello']);
    expect(exchange.sent).toMatchObject([{ status: 100 }]);
  });

  test('sends the body after a while to a server that does not know of 100 Continue', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      await connection.text('hello');
      connection.write(ok());
    });
    const headers = ['Host', 'a', 'Expect', '100-continue', 'Content-Length', '5'];
    const exchange = ask(server.port, { method: 'PUT', headers, body: Body.of('hello') });
    expect(await text(await start().handle(exchange))).toBe('ok');
  });

  test('keeps the body when the server refuses it ahead of 100 Continue', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
      expect((await connection.rest()).length).toBe(0);
    });
    const body = Body.of('hello');
    const headers = ['Host', 'a', 'Expect', '100-continue', 'Content-Length', '5'];
    const response = await start().handle(ask(server.port, { method: 'PUT', headers, body }));
    expect(response.status).toBe(413);
    expect(body.used).toBe(false);
  });

  test('a request that asks for another protocol gets the raw connection with the 101', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst');
      connection.write(await connection.text('ping'));
    });
    const headers = ['Host', 'a', 'Connection', 'Upgrade', 'Upgrade', 'echo'];
    const response = await start().handle(ask(server.port, { headers }));
    const { upgraded } = response;
    expect(response.status).toBe(101);
    let read = upgraded?.head.toString() ?? '';
    upgraded?.stream
      .on('data', (data: Buffer) => (read += data.toString()))
      .resume()
      .write('ping');
    while (read.length < 9) await once(upgraded?.stream as NonNullable<typeof upgraded>['stream'], 'data');
    expect(read).toBe('firstping');
    upgraded?.stream.destroy();
  });

  test('holds the server back while its body is not read', async () => {
    const size = 64 * 1024 * 1024;
    let sent = 0;
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const block = Buffer.alloc(1024 * 1024);
      while (sent < size) {
        sent += block.length;
        if (!connection.socket.write(block)) await once(connection.socket, 'drain');
      }
    });
    const response = await start().handle(ask(server.port));
    const held = await settled(() => sent);
    expect(held).toBeLessThan(size / 2);
    expect((await response.body.bytes(size)).data.length).toBe(size);
  });
});

describe('a kept connection that turns out to be closed', () => {
  /** Answers once, then closes without an answer. */
  const forgetful = () =>
    RawServer.start(async (connection, index) => {
      await connection.head();
      connection.write(ok(`${index}`));
      if (index > 0) return;
      await connection.head();
      connection.destroy();
    });

  test('is replaced by a fresh one for a request that may be sent twice', async () => {
    const server = await forgetful();
    const upstream = start();
    expect(await text(await upstream.handle(ask(server.port)))).toBe('0');
    const second = ask(server.port);
    expect(await text(await upstream.handle(second))).toBe('1');
    expect(second.notes.connection).toBe('2');
  });

  test('fails a request that may not be sent twice', async () => {
    const server = await forgetful();
    const upstream = start();
    await text(await upstream.handle(ask(server.port)));
    const post = ask(server.port, {
      method: 'POST',
      headers: ['Host', 'a', 'Content-Length', '2'],
      body: Body.of('hi'),
    });
    await expect(upstream.handle(post)).rejects.toMatchObject({ details: { phase: 'response' } });
    expect(server.connections).toBe(1);
  });

  test('fails, too, when the fresh one does the same', async () => {
    const server = await RawServer.start(async (connection, index) => {
      await connection.head();
      if (index === 0) connection.write(ok());
      else connection.destroy();
      if (index === 0) await connection.head();
      connection.destroy();
    });
    const upstream = start();
    await text(await upstream.handle(ask(server.port)));
    await expect(upstream.handle(ask(server.port))).rejects.toMatchObject({ code: 'PROXYCTL_UPSTREAM' });
    expect(server.connections).toBe(2);
  });
});

describe('a failure tells its kind, its phase, the server and what to do', () => {
  test('nobody listens', async () => {
    const port = await freePort();
    await expect(start().handle(ask(port))).rejects.toMatchObject({
      code: 'PROXYCTL_UPSTREAM',
      message: expect.stringContaining(`127.0.0.1:${port} refused the connection`) as string,
      hint: expect.stringContaining('listens on this port') as string,
      details: { kind: 'refused', phase: 'connect', host: '127.0.0.1', port, systemCode: 'ECONNREFUSED' },
    });
  });

  test('the name does not exist', async () => {
    const exchange = ask(80, { host: 'nowhere.invalid' });
    await expect(start().handle(exchange)).rejects.toMatchObject({
      details: { kind: 'dns', phase: 'connect', host: 'nowhere.invalid', systemCode: /ENOTFOUND|EAI_AGAIN/ },
    });
  });

  test('the connection is reset within the body', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      await once(connection.socket, 'drain').catch(() => undefined);
    });
    const response = await start().handle(ask(server.port));
    const over = watch(response.body);
    for (const socket of server.sockets()) socket.resetAndDestroy();
    expect(await over).toMatchObject({
      received: 'half',
      error: {
        details: { kind: 'reset', phase: 'response' },
        message: expect.stringContaining('after 4 of 100 bytes') as string,
      },
    });
  });

  test.each([
    ['before any answer', '', /closed the connection early: before any answer/],
    ['within the head', 'HTTP/1.1 200 OK\r\nConte', /within the head/],
  ])('the server closes %s', async (_, bytes, message) => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.socket.end(bytes);
    });
    const failed = start().handle(ask(server.port));
    await expect(failed).rejects.toMatchObject({ details: { kind: 'closed', phase: 'response' } });
    await expect(failed).rejects.toThrow(message);
  });

  test.each([
    ['short of its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'after 3 of 10 bytes'],
    ['short of its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'after 3 bytes'],
  ])('the body ends %s', async (_, bytes, message) => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.socket.end(bytes);
    });
    const response = await start().handle(ask(server.port));
    expect(await watch(response.body)).toMatchObject({
      received: 'abc',
      error: { details: { kind: 'closed' }, message: expect.stringContaining(message) as string },
    });
  });

  test('the answer is not HTTP', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('220 mail.test ESMTP\r\n\r\n');
    });
    await expect(start().handle(ask(server.port))).rejects.toMatchObject({
      details: { kind: 'protocol', phase: 'response' },
      message: expect.stringContaining('220 mail.test ESMTP') as string,
    });
  });

  test('the body is not HTTP any more', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
      await once(connection.socket, 'drain').catch(() => undefined);
    });
    const response = await start().handle(ask(server.port));
    const over = watch(response.body);
    for (const socket of server.sockets()) socket.write('nonsense\r\n');
    expect(await over).toMatchObject({ received: 'abc', error: { details: { kind: 'protocol' } } });
  });

  test('no connection is there in time', async () => {
    const server = await RawServer.start(() => undefined); // Accepts, and never says a TLS word.
    const exchange = ask(server.port, { scheme: 'https' });
    await expect(start({ connectTimeoutMs: 200 }).handle(exchange)).rejects.toMatchObject({
      code: 'PROXYCTL_UPSTREAM_TIMEOUT',
      details: { kind: 'timeout', phase: 'connect' },
    });
    await until(() => server.open === 0);
  });

  test('no byte of an answer comes in time', async () => {
    const server = await RawServer.start(() => undefined);
    await expect(start({ idleTimeoutMs: 300 }).handle(ask(server.port))).rejects.toMatchObject({
      code: 'PROXYCTL_UPSTREAM_TIMEOUT',
      details: { kind: 'timeout', phase: 'response' },
    });
  });
});

describe('TLS', () => {
  let certificate: TestCertificate;
  beforeAll(async () => {
    certificate = await makeTestCertificate(['localhost', '127.0.0.1', '::1']);
  });
  const serve = (options = {}) =>
    RawServer.start(
      async (connection) => {
        for (;;) {
          await connection.head();
          connection.write(ok());
        }
      },
      { tls: { cert: certificate.cert, key: certificate.key, ...options } },
    );

  test('a certificate that nobody vouches for is refused, with the flag that helps', async () => {
    const server = await serve();
    await expect(start().handle(ask(server.port, { scheme: 'https', host: 'localhost' }))).rejects.toMatchObject({
      details: { kind: 'tls', phase: 'connect', systemCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
      hint: expect.stringContaining('--insecure-upstream localhost') as string,
    });
  });

  test('a given CA is trusted besides the usual ones', async () => {
    const server = await serve();
    const upstream = start({ upstreamCa: [certificate.ca] });
    for (const host of ['localhost', '127.0.0.1']) {
      const exchange = ask(server.port, { scheme: 'https', host });
      expect(await text(await upstream.handle(exchange))).toBe('ok');
      expect(exchange.timings.tlsEnd).toBeGreaterThan(exchange.timings.tlsStart ?? Infinity);
    }
  });

  test('a certificate for another host is refused', async () => {
    const other = await makeTestCertificate(['other.test']);
    const server = await serve({ cert: other.cert, key: other.key });
    const upstream = start({ upstreamCa: [other.ca] });
    await expect(upstream.handle(ask(server.port, { scheme: 'https', host: 'localhost' }))).rejects.toMatchObject({
      details: { kind: 'tls', systemCode: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  test('an exempted host is not verified, others are', async () => {
    const server = await serve();
    const upstream = start({ insecureUpstream: ['local*'] });
    expect(await text(await upstream.handle(ask(server.port, { scheme: 'https', host: 'localhost' })))).toBe('ok');
    await expect(upstream.handle(ask(server.port, { scheme: 'https' }))).rejects.toMatchObject({
      details: { kind: 'tls', host: '127.0.0.1' },
    });
  });

  test('a server that does not speak TLS is told apart', async () => {
    const server = await RawServer.start((connection) => connection.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(start().handle(ask(server.port, { scheme: 'https' }))).rejects.toMatchObject({
      details: { kind: 'tls' },
      hint: expect.stringContaining('http://') as string,
    });
  });

  test('the name that the client asked for is the one asked of the server', async () => {
    const server = await serve();
    const upstream = start({ upstreamCa: [certificate.ca] });
    const exchange = ask(server.port, { scheme: 'https', host: '127.0.0.1' });
    exchange.notes.serverName = 'wrong.test';
    await expect(upstream.handle(exchange)).rejects.toMatchObject({
      details: { systemCode: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  test('a certificate of --upstream-ca that is none is a clear error', async () => {
    // A TLS server that allows half-open connections does not see that a client left before its hello.
    const server = await serve({ allowHalfOpen: false });
    const exchange = ask(server.port, { scheme: 'https' });
    await expect(start({ upstreamCa: ['hello'] }).handle(exchange)).rejects.toMatchObject({
      code: 'PROXYCTL_CONFIG',
      message: expect.stringContaining('--upstream-ca') as string,
    });
    await until(() => server.open === 0);
  });
});

test('an IPv6 address is a host like any other', async () => {
  const server = await RawServer.start(
    async (connection) => {
      await connection.head();
      connection.write(ok());
    },
    { host: '::1' },
  );
  const exchange = ask(server.port, { host: '::1' });
  expect(await text(await start().handle(exchange))).toBe('ok');
  expect(exchange.notes.serverAddress).toBe('::1');
});

describe('the end', () => {
  test('a client that goes away frees the connection, also while it is being opened', async () => {
    const server = await RawServer.start(() => undefined);
    const upstream = start();
    const exchange = ask(server.port);
    const failed = upstream.handle(exchange);
    await until(() => server.connections === 1);
    exchange.abort(new Error('gone'));
    await expect(failed).rejects.toMatchObject({ details: { kind: 'aborted' } });
    await until(() => server.open === 0);
    const opening = ask(server.port, { scheme: 'https' });
    const neverOpened = upstream.handle(opening);
    opening.abort(new Error('gone'));
    await expect(neverOpened).rejects.toMatchObject({ details: { kind: 'aborted', phase: 'connect' } });
    await until(() => server.open === 0);
  });

  test('a body that its reader gives up frees the connection', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    });
    const upstream = start();
    (await upstream.handle(ask(server.port))).body.cancel(new Error('not wanted'));
    await until(() => server.open === 0);
  });

  test('close fails what is under way, and leaves no connection', async () => {
    const server = await RawServer.start(async (connection, index) => {
      await connection.head();
      if (index === 0) connection.write(ok());
    });
    const upstream = start();
    await text(await upstream.handle(ask(server.port)));
    const idle = upstream.handle(ask(server.port)); // Takes the kept connection, which stays silent now.
    const waiting = upstream.handle(ask(server.port));
    const opening = upstream.handle(ask(server.port, { scheme: 'https' }));
    const outcomes = Promise.allSettled([idle, waiting, opening]);
    await until(() => server.connections === 3);
    await upstream.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await until(() => server.open === 0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The value once it has stayed the same for a while. */
async function settled(value: () => number): Promise<number> {
  for (let before = -1; ;) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    if (value() === before) return before;
    before = value();
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
