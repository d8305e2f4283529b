import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ProxyctlError } from '../../src/errors/index.js';
import { Body, type HttpResponse } from '../../src/http/index.js';
import { silentLogger } from '../../src/core/logger.js';
import { MitmEngine } from '../../src/proxy/mitm-engine.js';
import { startProxy, testAuthority } from '../helpers/engine.js';
import { Origin } from '../helpers/origin.js';
import { RawConnection } from '../helpers/raw-connection.js';
import { RawServer } from '../helpers/raw-server.js';
import { makeTestCertificate } from '../helpers/test-certificate.js';
import { webSocketOrigin } from '../helpers/web-socket.js';

const ok = (body = 'ok', more = '') => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

/** A plain server that answers each request on a connection with what `answer` makes of it. */
function serving(
  answer: (head: { line: string; headers: string[] }, connection: RawConnection) => string | Promise<string>,
) {
  return RawServer.start(async (connection) => {
    for (;;) connection.write(await answer(await connection.head(), connection));
  });
}

async function startOrigin(answer?: Parameters<typeof Origin.start>[0]): Promise<Origin> {
  const origin = await Origin.start(answer);
  onTestFinished(() => origin.close());
  return origin;
}

function errorOf(body: string): Record<string, unknown> {
  return (JSON.parse(body) as { error: Record<string, unknown> }).error;
}

describe.each(['http', 'https'] as const)('%s', (scheme) => {
  async function start(answer?: Parameters<typeof Origin.start>[0]) {
    const origin = await startOrigin(answer);
    const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] } });
    const port = scheme === 'http' ? origin.httpPort : origin.httpsPort;
    const authority = `localhost:${port}`;
    const connection = await (scheme === 'http' ? proxy.connect() : proxy.connect(authority, 'tls'));
    const url = scheme === 'http' ? `http://${authority}` : '';
    return { origin, proxy, connection, authority, url };
  }

  test('the origin sees the client’s headers, and the client the origin’s, in order, case and number', async () => {
    const answered = [
      'X-Zeta',
      '1',
      'x-alpha',
      'b',
      'X-ZETA',
      '2',
      'Empty',
      '',
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
    ];
    const { origin, connection, authority, url } = await start((_, response) => {
      response.sendDate = false;
      response.writeHead(200, 'Fine Indeed', [...answered, 'Content-Length', '2']);
      response.end('ok');
    });
    const asked = ['hOST', authority, 'X-B', '1', 'accept', '*/*', 'x-b', '', 'X-B', 'caf\xe9'];
    const lines = asked.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    connection.write(`GET ${url}/p%C3%A4th?q=1&q=%20 HTTP/1.1\r\n${lines}\r\n`);
    const head = await connection.head();
    expect(head.line).toBe('HTTP/1.1 200 Fine Indeed');
    expect(await connection.text('ok')).toBe('ok');
    expect(origin.requests[0]).toMatchObject({ url: '/p%C3%A4th?q=1&q=%20', rawHeaders: asked });
    // Node adds these two to what the origin wrote; they hold for the client's connection as well.
    const own = ['Connection', 'keep-alive', 'Keep-Alive', 'timeout=5'];
    expect(head.headers).toEqual([...answered, 'Content-Length', '2', ...own]);
  });

  test('one connection serves many requests, upstream too', async () => {
    const { origin, proxy, connection, authority, url } = await start();
    for (let i = 0; i < 5; i += 1) {
      connection.write(`GET ${url}/bytes/${i} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      expect((await connection.body(await connection.head())).length).toBe(i);
    }
    expect(origin.connections).toBe(1);
    expect(proxy.exchanges.map(({ index, id }) => [index, id])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [i, `session-1-${i}`]),
    );
    expect(proxy.exchanges[0]?.request).toMatchObject({ scheme, host: 'localhost', method: 'GET', target: '/bytes/0' });
  });

  test('requests that are pipelined are answered in their order', async () => {
    const { connection, authority, url } = await start(async (request, response) => {
      const delay = Number(request.url?.slice(1));
      await new Promise((resolve) => setTimeout(resolve, delay));
      response.end(String(delay));
    });
    connection.write([90, 40, 10].map((ms) => `GET ${url}/${ms} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`).join(''));
    for (const expected of ['90', '40', '10']) {
      expect(await connection.body(await connection.head())).toBe(expected);
    }
  });

  test('a body goes up and comes down whole, by length and in chunks', async () => {
    const { connection, authority, url } = await start(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const framing = request.headers['content-length'] ?? request.headers['transfer-encoding'];
      if (request.url === '/chunked') response.writeHead(200, { 'X-Framing': framing });
      else response.writeHead(200, { 'X-Framing': framing, 'Content-Length': body.length });
      response.end(body);
    });
    const sent = randomBytes(3_000_000).toString('hex');
    connection.write(`POST ${url}/x HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: ${sent.length}\r\n\r\n${sent}`);
    const head = await connection.head();
    expect(head.headers).toContain(String(sent.length));
    expect(await connection.body(head)).toBe(sent);
    connection.write(`POST ${url}/chunked HTTP/1.1\r\nHost: ${authority}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    connection.write(`5\r\nhello\r\n${sent.length.toString(16)}\r\n${sent}\r\n0\r\n\r\n`);
    expect((await connection.head()).headers).toContain('chunked');
    expect((await connection.chunked()).body).toBe(`hello${sent}`);
  });

  test('a part of an answer arrives as soon as the origin has sent it', async () => {
    let finish: (() => void) | undefined;
    const { connection, authority, url } = await start((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      finish = () => {
        response.write('data: 1\n\n');
        finish = () => response.end('data: 2\n\n');
      };
    });
    connection.write(`GET ${url}/events HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    expect((await connection.head()).status).toBe(200);
    finish?.();
    expect(await connection.text('9\r\ndata: 1\n\n\r\n')).toContain('data: 1');
    finish?.();
    expect((await connection.chunked()).body).toBe('data: 2\n\n');
  });

  test('an origin that cannot be reached is told as JSON, and the connection stays', async () => {
    const { connection, authority, url, origin, proxy } = await start();
    await origin.close();
    for (let i = 0; i < 2; i += 1) {
      connection.write(`GET ${url}/ HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      const head = await connection.head();
      expect(head.status).toBe(502);
      expect(head.headers).toEqual(expect.arrayContaining(['X-Proxyctl-Error', 'PROXYCTL_UPSTREAM']));
      expect(errorOf(await connection.body(head))).toMatchObject({
        code: 'PROXYCTL_UPSTREAM',
        host: 'localhost',
        kind: 'refused',
        cause: 'ECONNREFUSED',
        hint: expect.stringContaining('listens') as string,
      });
    }
    expect(proxy.troubles).toEqual([]);
  });

  test('an answer that breaks off breaks off for the client, too', async () => {
    const { connection, authority, url } = await start((request, response) => {
      if (request.url === '/length') response.writeHead(200, { 'Content-Length': 100 });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    connection.write(`GET ${url}/length HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    expect((await connection.head()).status).toBe(200);
    expect((await connection.rest()).toString()).toBe('half');
  });

  test('a chunked answer that breaks off has no last chunk', async () => {
    const { connection, authority, url } = await start((_, response) => {
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    connection.write(`GET ${url}/ HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    await connection.head();
    expect((await connection.rest()).toString()).toBe('4\r\nhalf\r\n');
  });

  test('a client that goes away frees the origin', async () => {
    let gone: (() => void) | undefined;
    const left = new Promise<void>((resolve) => (gone = resolve));
    let asked: (() => void) | undefined;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const { connection, authority, url, proxy } = await start((request) => {
      request.socket.once('close', () => gone?.());
      asked?.();
    });
    connection.write(`GET ${url}/ HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    await reached;
    connection.destroy();
    await left;
    expect(proxy.troubles).toEqual([]);
  });
});

describe('what HTTP/1.1 has besides', () => {
  test('HEAD, 204 and 304 have no body, and keep their headers', async () => {
    const server = await serving(({ line }) =>
      line.startsWith('HEAD')
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n'
        : line.includes('204')
          ? 'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n'
          : 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n',
    );
    const proxy = await startProxy();
    const connection = await proxy.connect();
    const ask = async (method: string, path: string) => {
      connection.write(`${method} http://127.0.0.1:${server.port}/${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return connection.head();
    };
    expect(await ask('HEAD', '')).toMatchObject({ status: 200, headers: ['Content-Length', '1234'] });
    expect(await ask('GET', '204')).toMatchObject({ status: 204, headers: ['X-A', '1'] });
    expect(await ask('GET', '304')).toMatchObject({ status: 304, headers: ['ETag', '"x"', 'Content-Length', '99'] });
    expect(await ask('HEAD', '')).toMatchObject({ status: 200 });
    expect(server.connections).toBe(1);
  });

  test('trailers arrive, and so do early hints', async () => {
    const server = await serving(
      () =>
        'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Other: 1\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n',
    );
    const connection = await (await startProxy()).connect();
    connection.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await connection.head()).toMatchObject({ status: 103, headers: ['Link', '</a.css>', 'X-Other', '1'] });
    expect((await connection.head()).headers).toEqual(['Trailer', 'X-Sum', 'Transfer-Encoding', 'chunked']);
    expect(await connection.chunked()).toMatchObject({ body: 'ok', trailers: ['X-Sum', '1', 'x-sum', '2'] });
  });

  test('an answer that ends with its connection is chunked for the client, whose connection stays', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.socket.end('HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of it');
    });
    const connection = await (await startProxy()).connect();
    for (let i = 0; i < 2; i += 1) {
      connection.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect((await connection.head()).headers).toEqual(['Server', 'old', 'Transfer-Encoding', 'chunked']);
      expect((await connection.chunked()).body).toBe('all of it');
    }
  });

  test('an HTTP/1.0 client gets what it can read', async () => {
    const server = await serving(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
    const connection = await (await startProxy()).connect();
    connection.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.0\r\n\r\n`);
    const head = await connection.head();
    expect(head.headers).toEqual(['Connection', 'close']);
    expect((await connection.rest()).toString()).toBe('ok');
  });

  test('an origin that closes its connection has the client’s closed, too', async () => {
    const server = await serving(() => ok('ok', 'Connection: close\r\n'));
    const connection = await (await startProxy()).connect();
    connection.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await connection.head()).headers).toEqual(['Connection', 'close', 'Content-Length', '2']);
    expect((await connection.rest()).toString()).toBe('ok');
  });

  test('a client’s Connection: close is the client’s alone', async () => {
    const server = await serving(({ headers }) => ok(headers.join()));
    const proxy = await startProxy();
    for (let i = 0; i < 2; i += 1) {
      const connection = await proxy.connect();
      connection.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect((await connection.head()).headers).toContain('close');
      expect((await connection.rest()).toString()).toBe('Host,x,Connection,keep-alive');
    }
    expect(server.connections).toBe(1);
  });

  test.each([
    ['the origin says 100 Continue', true],
    ['the origin does not know of it', false],
  ])('a client that expects 100 Continue gets it when %s', async (_, knows) => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      if (knows) connection.write('HTTP/1.1 100 Continue\r\n\r\n');
      connection.write(ok(await connection.text('hello')));
    });
    const connection = await (await startProxy()).connect();
    connection.write(
      `PUT http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
    );
    expect(await connection.head()).toMatchObject({ status: 100 });
    connection.write('hello');
    expect(await connection.body(await connection.head())).toBe('hello');
  });

  test('a client that expects 100 Continue and is refused may keep its body', async () => {
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    });
    const connection = await (await startProxy()).connect();
    connection.write(
      `PUT http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
    );
    expect(await connection.head()).toMatchObject({
      status: 401,
      headers: ['Content-Length', '0', 'Connection', 'close'],
    });
    expect((await connection.rest()).length).toBe(0);
  });

  test('heads of 64 KiB pass both ways', async () => {
    const server = await serving(({ headers }) => ok('ok', `X-Back: ${headers[3] ?? ''}\r\n`));
    const connection = await (await startProxy()).connect();
    const long = 'x'.repeat(64 * 1024);
    connection.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nX-Long: ${long}\r\n\r\n`);
    expect((await connection.head()).headers[1]).toBe(long);
  });

  test('an IPv6 origin is reached in absolute form and by CONNECT', async () => {
    const server = await RawServer.start(
      async (connection) => {
        for (;;) connection.write(ok((await connection.head()).headers[1]));
      },
      { host: '::1' },
    );
    const proxy = await startProxy();
    const plain = await proxy.connect();
    plain.write(`GET http://[::1]:${server.port}/ HTTP/1.1\r\nHost: [::1]:${server.port}\r\n\r\n`);
    expect(await plain.body(await plain.head())).toBe(`[::1]:${server.port}`);
    const tunnelled = await proxy.connect(`[::1]:${server.port}`);
    tunnelled.write(`GET / HTTP/1.1\r\nHost: [::1]:${server.port}\r\n\r\n`);
    expect(await tunnelled.body(await tunnelled.head())).toBe(`[::1]:${server.port}`);
    expect(proxy.exchanges[1]?.request).toMatchObject({ scheme: 'http', host: '::1', target: '/' });
  });

  test('an offer of h2c is dropped, and the request served as it is', async () => {
    const server = await RawServer.start(async (connection) => {
      const head = await connection.head();
      connection.write(ok(`${head.headers.join()} ${await connection.text('body')}`));
    });
    const connection = await (await startProxy()).connect();
    connection.write(
      `POST http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n` +
        'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\nbody',
    );
    expect(await connection.body(await connection.head())).toBe('Host,x,Content-Length,4 body');
  });
});

describe('upgrades', () => {
  test('a 101 turns the connection into a tunnel, which is reported with its bytes', async () => {
    const server = await RawServer.start(async (connection) => {
      const { headers } = await connection.head();
      expect(headers).toEqual(['Host', 'x', 'Connection', 'Upgrade', 'Upgrade', 'echo', 'X-Case', 'y']);
      connection.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst');
      connection.write(await connection.text('early+late'));
      connection.end();
    });
    const proxy = await startProxy();
    const connection = await proxy.connect();
    connection.write(
      `GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Case: y\r\n\r\nearly`,
    );
    expect(await connection.head()).toMatchObject({
      line: 'HTTP/1.1 101 Switching Protocols',
      headers: ['upgrade', 'echo', 'Connection', 'Upgrade'],
    });
    connection.write('+late');
    expect((await connection.rest()).toString()).toBe('firstearly+late');
    const ended = proxy.tunnelEnded();
    connection.end();
    expect(await ended).toMatchObject({ host: '127.0.0.1', reason: 'upgrade', bytesSent: 10, bytesReceived: 15 });
    expect(proxy.exchanges).toHaveLength(1);
  });

  test('a WebSocket handshake that names a path alone goes to its Host, as Java sends it on a connection that it kept', async () => {
    const origin = await webSocketOrigin((socket) => socket.send('hello'));
    const proxy = await startProxy();
    const connection = await proxy.connect();
    const handshake = (host: string) =>
      `GET /talk HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nHost: ${host}\r\n` +
      'Sec-WebSocket-Key: RFvGgPSetoCqBQfdfRXxBg==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    connection.write(handshake(`127.0.0.1:${proxy.port}`));
    const refused = await connection.head();
    expect(refused.status).toBe(400);
    await connection.body(refused);
    connection.write(handshake(origin.authority));
    expect((await connection.head()).status).toBe(101);
  });

  test('an upgrade that is refused is answered, and the connection goes on', async () => {
    const server = await serving(({ line }) =>
      line.includes('/ws') ? 'HTTP/1.1 426 No\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nno' : ok(),
    );
    const connection = await (await startProxy()).connect();
    const url = `http://127.0.0.1:${server.port}`;
    connection.write(`GET ${url}/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    const head = await connection.head();
    expect(head).toMatchObject({ status: 426, headers: ['Upgrade', 'x', 'Content-Length', '2'] });
    expect(await connection.body(head)).toBe('no');
    connection.write(`GET ${url}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await connection.body(await connection.head())).toBe('ok');
  });

  test('an upgrade whose origin is away gets the JSON error', async () => {
    const connection = await (await startProxy()).connect();
    connection.write(
      'GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    const head = await connection.head();
    expect(head.status).toBe(502);
    expect(errorOf(await connection.body(head))).toMatchObject({ kind: 'refused' });
  });
});

describe('tunnels', () => {
  test('a server that speaks first is let through untouched, with both halves closed in their time', async () => {
    const server = await RawServer.start(async (connection) => {
      connection.write('220 mail.test\r\n');
      const said = await connection.rest(); // Until the client has ended its half.
      connection.socket.end(`221 ${said.toString()}`);
    });
    const proxy = await startProxy();
    const ended = proxy.tunnelEnded();
    const connection = await proxy.connect(`127.0.0.1:${server.port}`);
    await connection.text('220 mail.test\r\n');
    connection.write('QUIT\r\n');
    connection.end();
    expect((await connection.rest()).toString()).toBe('221 QUIT\r\n');
    expect(await ended).toMatchObject({
      host: '127.0.0.1',
      port: server.port,
      reason: 'server-speaks-first',
      bytesSent: 6,
      bytesReceived: 25,
    });
    expect(proxy.upstream.connectionsOpened()).toBe(1);
  });

  test('a client that is slow to say its first word is still intercepted', async () => {
    const server = await serving(() => ok());
    const proxy = await startProxy();
    const connection = await proxy.connect(`127.0.0.1:${server.port}`);
    await new Promise((resolve) => setTimeout(resolve, 500)); // Over the time after which the server gets the first word.
    connection.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await connection.body(await connection.head())).toBe('ok');
    expect(proxy.exchanges).toHaveLength(1);
    expect(proxy.tunnels).toEqual([]);
  });

  test('what is neither TLS nor HTTP passes through', async () => {
    const server = await RawServer.start(async (connection) => {
      connection.socket.end(`you said ${await connection.text('*1\r\n')}`);
    });
    const proxy = await startProxy();
    const ended = proxy.tunnelEnded();
    const connection = await proxy.connect(`127.0.0.1:${server.port}`);
    connection.write('*1\r\n');
    expect((await connection.rest()).toString()).toBe('you said *1\r\n');
    connection.end();
    expect(await ended).toMatchObject({ reason: 'not-tls-or-http', bytesSent: 4, bytesReceived: 13 });
  });

  test('a host that is not intercepted shows the client its own certificate', async () => {
    const certificate = await makeTestCertificate(['localhost']);
    const server = await RawServer.start((connection) => void connection.socket.end('hello'), {
      tls: { cert: certificate.cert, key: certificate.key },
    });
    const proxy = await startProxy({ session: { interception: () => ({ passthrough: 'not-intercepted' }) } });
    const ended = proxy.tunnelEnded();
    const connection = await proxy.connect(`localhost:${server.port}`);
    connection.socket.removeAllListeners('data');
    const secure = connectTls({ socket: connection.socket, ca: certificate.ca, servername: 'localhost' });
    const [data] = (await once(secure, 'data')) as [Buffer];
    expect(data.toString()).toBe('hello');
    secure.end();
    expect(await ended).toMatchObject({ host: 'localhost', reason: 'not-intercepted' });
    expect(proxy.exchanges).toEqual([]);
  });

  test('a tunnel that leads nowhere is refused with the reason', async () => {
    const proxy = await startProxy({ session: { interception: () => ({ passthrough: 'not-intercepted' }) } });
    await expect(proxy.connect('127.0.0.1:1')).rejects.toThrow(/502 Bad Gateway.*ECONNREFUSED/s);
  });

  test('where no tunnel may be opened nothing is', async () => {
    const server = await RawServer.start((connection) => connection.write('220 hello\r\n'));
    const refused = { refused: 'nothing reaches the network in replay' };
    const proxy = await startProxy({ session: { mayTunnel: () => refused } });
    const silent = await proxy.connect(`127.0.0.1:${server.port}`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    silent.write('*1\r\n');
    await silent.rest();
    expect(proxy.warnings[0]?.message).toContain('nothing reaches the network in replay');
    expect(server.connections).toBe(0);
    const passing = await startProxy({
      session: { mayTunnel: () => refused, interception: () => ({ passthrough: 'not-intercepted' }) },
    });
    await expect(passing.connect(`127.0.0.1:${server.port}`)).rejects.toThrow(/nothing reaches the network/);
    expect(proxy.upstream.connectionsOpened() + passing.upstream.connectionsOpened()).toBe(0);
  });

  test('a client that refuses our certificate is named', async () => {
    const proxy = await startProxy();
    const connection = await proxy.connect('pinned.test:443');
    connection.write(await clientHello('pinned.test'));
    await connection.bytes(5); // The server's hello and certificate are on their way.
    connection.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 48])); // A fatal alert: unknown_ca (RFC 8446 §6).
    await connection.rest();
    expect(proxy.warnings[0]?.message).toBe('refused for pinned.test:443');
  });

  test('the client’s server name is asked of an origin that was named by its address', async () => {
    const certificate = await makeTestCertificate(['named.test']);
    const server = createTlsServer({ cert: certificate.cert, key: certificate.key }, (socket) => {
      socket.end(ok((socket as unknown as { servername: string }).servername, 'Connection: close\r\n'));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const proxy = await startProxy({ upstream: { upstreamCa: [certificate.ca] } });
    const ca = (await testAuthority()).certPem;
    const connection = await RawConnection.tunnel(proxy.port, `127.0.0.1:${port}`, { ca, servername: 'named.test' });
    connection.write('GET / HTTP/1.1\r\nHost: named.test\r\n\r\n');
    expect(await connection.body(await connection.head())).toBe('named.test');
  });
});

describe('what is refused', () => {
  test.each([
    ['no Host', 'GET http://a.test/ HTTP/1.1\r\n\r\n', 400, /no Host header/],
    ['two Hosts', 'GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n', 400, /more than one Host/],
    ['a bad Host', 'GET http://a.test/ HTTP/1.1\r\nHost: a/../b\r\n\r\n', 400, /not a host name/],
    ['a URL without a host', 'GET http:///x HTTP/1.1\r\nHost: a.test\r\n\r\n', 400, /no valid host/],
    ['another scheme', 'GET ftp://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n', 400, /neither a path nor/],
    [
      'both length and chunks',
      'POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      /not valid HTTP/,
    ],
    [
      'two lengths',
      'POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      400,
      /not valid HTTP/,
    ],
    ['a folded header', 'GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nA: b\r\n c\r\n\r\n', 400, /not valid HTTP/],
    ['a space before a colon', 'GET http://a.test/ HTTP/1.1\r\nHost : a.test\r\n\r\n', 400, /not valid HTTP/],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00', 400, /not valid HTTP/],
    ['a head without end', `GET http://a.test/ HTTP/1.1\r\nA: ${'x'.repeat(300 * 1024)}`, 431, /over 262144 bytes/],
    ['CONNECT to nothing', 'CONNECT nowhere: HTTP/1.1\r\nHost: x\r\n\r\n', 400, /not host:port/],
  ])('%s, with a reason in JSON', async (_, bytes, status, message) => {
    const proxy = await startProxy();
    const connection = await proxy.connect();
    connection.write(bytes);
    const head = await connection.head();
    expect(head.status).toBe(status);
    const error = errorOf(await connection.body(head));
    expect(error.code).toBe('PROXYCTL_BAD_REQUEST');
    expect(error.message).toMatch(message);
    expect((await connection.rest()).length).toBe(0);
    expect(proxy.exchanges).toEqual([]);
  });

  test('a request to the proxy itself, in every form, by its own address or an alias', async () => {
    const proxy = await startProxy({ aliases: ['127.0.0.1:9', 'shaped.test:10'] });
    for (const host of [`127.0.0.1:${proxy.port}`, `localhost:${proxy.port}`, '127.0.0.1:9', 'shaped.test:10']) {
      const connection = await proxy.connect();
      connection.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      const head = await connection.head();
      expect(head.status).toBe(400);
      expect(errorOf(await connection.body(head)).message).toContain('go round in a loop');
      await expect(proxy.connect(host)).rejects.toThrow(/400 Bad Request.*loop/s);
    }
  });
});

test('the proxy’s own address and proxyctl.local hand out the certificate', async () => {
  const proxy = await startProxy();
  const { certPem, fingerprint256 } = await testAuthority();
  const own = `127.0.0.1:${proxy.port}`;
  for (const [target, host] of [
    ['/proxyctl/ca.pem', own],
    [`http://${own}/proxyctl/ca.pem`, own],
    ['http://proxyctl.local/ca.pem', 'proxyctl.local'],
  ]) {
    const connection = await proxy.connect();
    connection.write(`GET ${target ?? ''} HTTP/1.1\r\nHost: ${host ?? ''}\r\n\r\n`);
    expect(await connection.body(await connection.head())).toBe(certPem);
  }
  expect(await (await fetch(`${proxy.url}/`)).text()).toContain(fingerprint256);
  const read = async (path: string): Promise<[string | null, Buffer]> => {
    const answer = await fetch(`${proxy.url}${path}`);
    return [answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer())];
  };
  const { raw } = new X509Certificate(certPem);
  expect(await read('/ca.crt')).toEqual(['application/x-x509-ca-cert', Buffer.from(certPem)]);
  expect(await read('/proxyctl/ca.cer')).toEqual(['application/x-x509-ca-cert', raw]);
  const [type, profile] = await read('/proxyctl/ca.mobileconfig');
  expect(type).toBe('application/x-apple-aspen-config');
  expect(Buffer.from(/<data>(.*)<\/data>/.exec(profile.toString())?.[1] ?? '', 'base64')).toEqual(raw);
  expect(profile.toString().match(/[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-8[0-9A-F]{3}-[0-9A-F]{12}/g)).toHaveLength(2);
  const unknown = await fetch(`${proxy.url}/nothing`);
  expect(unknown.status).toBe(400);
  expect(errorOf(await unknown.text()).hint).toContain('proxy of your client');
});

describe('interceptors', () => {
  test('may answer in the origin’s place, whatever they leave unsaid', async () => {
    const answer = (body: Body, headers: string[] = []): HttpResponse => ({
      status: 200,
      reason: 'OK',
      httpVersion: 'HTTP/1.1',
      headers,
      body,
    });
    const answers = [
      answer(Body.of('plain')),
      answer(Body.of('fixed'), ['Content-Length', '99']),
      answer(Body.empty()),
    ];
    const proxy = await startProxy({ interceptors: [async () => answers.shift() as HttpResponse] });
    const connection = await proxy.connect();
    const ask = () =>
      connection.write('POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello');
    ask();
    await connection.head();
    expect((await connection.chunked()).body).toBe('plain');
    ask();
    expect(await connection.body(await connection.head())).toBe('fixed');
    ask();
    await connection.head();
    expect((await connection.chunked()).body).toBe('');
    expect(proxy.upstream.connectionsOpened()).toBe(0);
  });

  test.each([
    ['an error of ours', new ProxyctlError('PROXYCTL_JOURNAL', 'The disk is full'), 500, 'PROXYCTL_JOURNAL', 0],
    ['a bug', new TypeError('x is not a function'), 500, 'PROXYCTL_INTERNAL', 1],
  ])('that fail by %s give the client an answer', async (_, error, status, code, logged) => {
    const proxy = await startProxy({ interceptors: [() => Promise.reject(error)] });
    const connection = await proxy.connect();
    connection.write('GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
    const head = await connection.head();
    expect(head.status).toBe(status);
    expect(errorOf(await connection.body(head))).toMatchObject({ code, message: error.message });
    expect(proxy.troubles).toHaveLength(logged);
  });

  test('that throw in place of rejecting give an answer as well', async () => {
    const proxy = await startProxy({
      session: {
        handle: () => {
          throw new Error('at once');
        },
      },
    });
    const connection = await proxy.connect();
    connection.write('GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
    expect((await connection.head()).status).toBe(500);
  });

  test('cannot smuggle a line break into the answer', async () => {
    const response: HttpResponse = {
      status: 200,
      reason: 'OK',
      httpVersion: 'HTTP/1.1',
      headers: ['A', 'b\r\nEvil: 1'],
      body: Body.of('x'),
    };
    const proxy = await startProxy({ interceptors: [async () => response] });
    const connection = await proxy.connect();
    connection.write('GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
    const head = await connection.head();
    expect(head.status).toBe(500);
    expect(head.headers).not.toContain('Evil');
  });
});

describe('back-pressure', () => {
  test('a slow reader of 256 MiB holds the origin back, and memory stays', { timeout: 60_000 }, async () => {
    const size = 256 * 1024 * 1024;
    const block = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const server = await RawServer.start(async (connection) => {
      await connection.head();
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      while (sent < size) {
        sent += block.length;
        if (!connection.socket.write(block)) await once(connection.socket, 'drain');
      }
    });
    const proxy = await startProxy();
    const before = process.memoryUsage().rss;
    const response = await new Promise<IncomingMessage>((resolve) => {
      httpRequest(
        { port: proxy.port, path: `http://127.0.0.1:${server.port}/`, headers: { Host: 'x' } },
        resolve,
      ).end();
    });
    let received = 0;
    let most = 0;
    for await (const chunk of response) {
      const first = received === 0;
      received += (chunk as Buffer).length;
      // Reads nothing for a while, and then steadily.
      if (first) await new Promise((resolve) => setTimeout(resolve, 300));
      if (first) expect(sent).toBeLessThan(size / 4);
      most = Math.max(most, process.memoryUsage.rss());
    }
    expect(received).toBe(size);
    expect((most - before) / 1024 / 1024).toBeLessThan(128);
  });

  test('a slow origin holds an uploading client back', async () => {
    const size = 64 * 1024 * 1024;
    let read: (() => void) | undefined;
    const server = await RawServer.start(async (connection) => {
      connection.socket.pause();
      await new Promise<void>((resolve) => (read = resolve));
      connection.socket.resume();
      await connection.head();
      await connection.bytes(size);
      connection.write(ok());
    });
    const connection = await (await startProxy()).connect();
    connection.write(`PUT http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    const block = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const all = (async () => {
      for (; sent < size; sent += block.length) {
        if (!connection.socket.write(block)) await once(connection.socket, 'drain');
      }
    })();
    let before = -1;
    while (before !== sent || read === undefined) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(size / 2);
    read();
    await all;
    expect(await connection.body(await connection.head())).toBe('ok');
  });
});

describe('the end', () => {
  test('close ends every connection, whatever it is doing, and the port is free again', async () => {
    const server = await RawServer.start(async (connection) => {
      const { line } = await connection.head();
      if (line.includes('/slow')) return;
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf`);
    });
    const proxy = await startProxy();
    const idle = await proxy.connect();
    const waiting = await proxy.connect();
    const within = await proxy.connect();
    const tunnelled = await proxy.connect('a.test:443');
    const secure = await proxy.connect('a.test:443', 'tls');
    waiting.write(`GET http://127.0.0.1:${server.port}/slow HTTP/1.1\r\nHost: x\r\n\r\n`);
    within.write(`GET http://127.0.0.1:${server.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await within.head();
    while (server.connections < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await proxy.close();
    await Promise.all([idle, waiting, within, tunnelled, secure].map((connection) => connection.rest()));
    while (server.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(proxy.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.close();
  });

  test('a port that is taken is a clear error', async () => {
    const first = await startProxy();
    const engine = await MitmEngine.start({ ca: await testAuthority(), logger: silentLogger });
    const session = { id: 's' } as never;
    await expect(engine.open({ port: first.port, session })).rejects.toMatchObject({
      code: 'PROXYCTL_PORT_IN_USE',
      message: `Port ${first.port} on 127.0.0.1 is in use`,
    });
    await engine.close();
  });
});

/** The first bytes of a TLS client that asks for this name. */
async function clientHello(servername: string): Promise<Buffer> {
  let take: (bytes: Buffer) => void = () => undefined;
  const taken = new Promise<Buffer>((resolve) => (take = resolve));
  const server = await RawServer.start(async (connection) => {
    const record = await connection.bytes(5);
    take(Buffer.concat([record, await connection.bytes(record.readUInt16BE(3))]));
  });
  const client = connectTls({ port: server.port, host: '127.0.0.1', servername }).on('error', () => undefined);
  const hello = await taken;
  client.destroy();
  return hello;
}
