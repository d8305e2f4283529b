import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Body, withRequest, type Interceptor } from '../../../src/http/index.js';
import { startProxy, type TestProxyOptions } from '../../helpers/engine.js';
import { answerOf, ask, H2Origin, h2Through, reset, type Arrived } from '../../helpers/h2.js';
import { Origin } from '../../helpers/origin.js';

type Kind = 'tls' | 'plain' | 'direct';

async function start(serve: (arrived: Arrived) => void, kind: Kind = 'tls', options: TestProxyOptions = {}) {
  const origin = await H2Origin.start(serve, { plain: kind !== 'tls' });
  const proxy = await startProxy({ ...options, upstream: { upstreamCa: [origin.ca], ...options.upstream } });
  const session = await h2Through(proxy, origin.authority, kind);
  return { origin, proxy, session };
}

describe.each(['tls', 'plain', 'direct'] as const)('%s', (kind) => {
  test('a request and its answer pass with all headers, duplicates and trailers both ways', async () => {
    const received: unknown[] = [];
    const { origin, proxy, session } = await start(({ stream }) => {
      stream.on('trailers', (trailers) => received.push(trailers));
      stream.resume().on('end', () => {
        stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'x-r': ['1', '2'] }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-bin': 'AAE' }));
        stream.end('created');
      });
    }, kind);
    const stream = session.request(
      {
        ':method': 'POST',
        ':path': '/p%C3%A4th?q=1&q=%20',
        cookie: ['one=1', 'two=2'],
        'x-a': ['1', '2'],
        te: 'trailers',
      },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
    stream.end('body');
    const answer = await answerOf(stream);
    expect(answer).toMatchObject({ status: 201, trailers: { 'grpc-status': '0', 'x-bin': 'AAE' }, rstCode: 0 });
    expect(answer.body.toString()).toBe('created');
    const { [0]: arrived } = origin.arrived;
    const scheme = kind === 'tls' ? 'https' : 'http';
    expect(arrived?.raw).toEqual([
      ...[':method', 'POST', ':scheme', scheme, ':authority', origin.authority, ':path', '/p%C3%A4th?q=1&q=%20'],
      ...['cookie', 'one=1', 'cookie', 'two=2', 'x-a', '1', 'x-a', '2', 'te', 'trailers'],
    ]);
    expect(answer.raw.slice(2, 10)).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-r', '1', 'x-r', '2']);
    expect(received).toEqual([expect.objectContaining({ 'x-sum': '7' })]);
    const [exchange] = proxy.exchanges;
    expect(exchange?.request).toMatchObject({
      ...{ scheme, host: 'localhost', port: origin.port, method: 'POST', target: '/p%C3%A4th?q=1&q=%20' },
      ...{
        httpVersion: 'HTTP/2.0',
        headers: ['cookie', 'one=1', 'cookie', 'two=2', 'x-a', '1', 'x-a', '2', 'te', 'trailers'],
      },
    });
    expect(exchange?.notes.servedBy).toBe('upstream');
    expect(proxy.troubles).toEqual([]);
  });
});

test('five hundred streams at once share one connection on either side', async () => {
  const waiting: Arrived[] = [];
  const { origin, proxy, session } = await start((arrived) => {
    waiting.push(arrived);
    if (waiting.length < 500) return;
    for (const { stream, headers } of waiting) {
      stream.respond({ ':status': 200 });
      stream.end(headers[':path']);
    }
  });
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => ask(session, { ':path': `/${i}` })));
  expect(answers.map(({ body }) => body.toString())).toEqual(answers.map((_, i) => `/${i}`));
  expect(origin.connections).toBe(1);
  expect(proxy.upstream.connectionsOpened()).toBe(1);
});

test('a server that takes few streams gets more connections, and nobody waits for ever', async () => {
  const waiting: Arrived[] = [];
  const origin = await H2Origin.start(
    (arrived) => {
      waiting.push(arrived);
      if (waiting.length === 5)
        for (const { stream } of waiting) stream.respond({ ':status': 204 }, { endStream: true });
    },
    { settings: { maxConcurrentStreams: 2 } },
  );
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] } });
  const session = await h2Through(proxy, origin.authority);
  const first = ask(session, { ':path': '/first' });
  await once(origin.server, 'stream');
  const answers = await Promise.all([first, ...Array.from({ length: 4 }, () => ask(session, { ':path': '/' }))]);
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
  expect(origin.connections).toBeGreaterThanOrEqual(3);
});

test('a large body passes whole each way, and no faster than its reader takes it', async () => {
  const sent = randomBytes(5_000_000);
  const sum = createHash('sha256').update(sent).digest('hex');
  const { session } = await start(({ stream }) => {
    const hash = createHash('sha256');
    let size = 0;
    stream.on('data', (data: Buffer) => {
      size += data.length;
      hash.update(data);
    });
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'x-sum': hash.digest('hex'), 'content-length': size });
      stream.end(sent);
    });
  });
  const answer = await ask(session, { ':method': 'PUT', ':path': '/', 'content-length': sent.length }, sent);
  expect(answer.headers).toMatchObject({ 'x-sum': sum, 'content-length': String(sent.length) });
  expect(createHash('sha256').update(answer.body).digest('hex')).toBe(sum);
});

test('a reader that stops holds the server back', async () => {
  let written = 0;
  const { session } = await start(({ stream }) => {
    stream.respond({ ':status': 200 });
    const block = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (written < 200 && !stream.destroyed) {
        written += 1;
        if (!stream.write(block)) return void stream.once('drain', more);
      }
      stream.end();
    };
    more();
  });
  const stream = session.request({ ':path': '/' });
  const [first] = (await once(stream, 'response')) as unknown[];
  expect(first).toMatchObject({ ':status': 200 });
  stream.pause();
  // Two windows of 1 MiB and what sockets hold may be full; the 12.5 MiB are not all on their way.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(written).toBeLessThan(150);
  stream.resume();
  const { body } = await answerOf(stream);
  expect(body.length).toBe(200 * 64 * 1024);
});

test('bidirectional streams: each message arrives while both sides go on', async () => {
  const { session } = await start(({ stream }) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('data', (data: Buffer) => stream.write(`echo ${data.toString()}`));
    stream.on('end', () => stream.end());
  });
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  const end = answerOf(stream);
  await once(stream, 'response');
  for (const word of ['one', 'two', 'three']) {
    stream.write(word);
    const [data] = (await once(stream, 'data')) as Buffer[];
    expect(data?.toString()).toBe(`echo ${word}`);
  }
  stream.end();
  expect((await end).trailers).toMatchObject({ 'grpc-status': '0' });
});

test('the head of an answer does not wait for its body', async () => {
  const { origin, session } = await start(({ stream }) => stream.respond({ ':status': 200 }));
  const stream = session.request({ ':path': '/' });
  const [headers] = (await once(stream, 'response')) as unknown[];
  expect(headers).toMatchObject({ ':status': 200 });
  origin.arrived[0]?.stream.end('late');
  expect((await answerOf(stream)).body.toString()).toBe('late');
});

test('a client’s reset reaches the server and ends the exchange', async () => {
  const { origin, proxy, session } = await start(() => undefined);
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  const gone = answerOf(stream);
  await once(origin.server, 'stream');
  reset(stream, constants.NGHTTP2_CANCEL);
  const arrived = origin.arrived[0]?.stream;
  if (arrived?.closed === false) await once(arrived, 'close');
  expect(arrived?.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await gone;
  expect(await ask(session, { ':method': 'CONNECT', ':authority': 'x.test:1' })).toMatchObject({ status: 400 });
  expect(proxy.exchanges).toHaveLength(1);
});

test('a request that its client breaks off never looks whole to the server', async () => {
  const { session, origin } = await start(() => undefined);
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  const gone = answerOf(stream);
  stream.write('half');
  await once(origin.server, 'stream');
  const arrived = origin.arrived[0]?.stream;
  await once(arrived as NodeJS.EventEmitter, 'data');
  reset(stream, constants.NGHTTP2_INTERNAL_ERROR);
  await gone;
  if (arrived?.destroyed === false) await once(arrived, 'close');
  expect(arrived?.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test.each(['NGHTTP2_CANCEL', 'NGHTTP2_INTERNAL_ERROR', 'NGHTTP2_ENHANCE_YOUR_CALM'] as const)(
  'a server’s %s is the client’s, before an answer and within its body',
  async (name) => {
    const code = constants[name];
    const { session, origin } = await start(({ stream, headers }) => {
      if (headers[':path'] === '/before') return reset(stream, code);
      stream.respond({ ':status': 200 });
      stream.write('begun', () => setImmediate(() => reset(stream, code)));
    });
    const before = await ask(session, { ':path': '/before' });
    expect(before).toMatchObject({ status: 0, rstCode: code });
    const within = await ask(session, { ':path': '/within' });
    expect(within).toMatchObject({ status: 200, rstCode: code });
    expect(within.body.toString()).toBe('begun');
    expect(origin.connections).toBe(1);
  },
);

test('a server that breaks off within a body never makes it look whole, and other requests go on', async () => {
  const { session, origin } = await start(({ stream, headers }) => {
    stream.respond({ ':status': 200 });
    if (headers[':path'] === '/ok') return stream.end('ok');
    stream.write('begun', () => setImmediate(() => origin.sockets()[0]?.destroy()));
  });
  const broken = await ask(session, { ':path': '/' });
  expect(broken.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR);
  expect((await ask(session, { ':path': '/ok' })).body.toString()).toBe('ok');
  expect(origin.connections).toBe(2);
});

test('after GOAWAY new streams go to a new connection, and those under way end as they should', async () => {
  const { session, origin } = await start(({ stream }) => {
    if (origin.arrived.length > 1) {
      stream.respond({ ':status': 200 });
      return void stream.end('second');
    }
    stream.respond({ ':status': 200 });
    stream.write('begun ');
  });
  const first = session.request({ ':path': '/' });
  const end = answerOf(first);
  await once(first, 'data');
  origin.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
  // A ping's answer comes after the GOAWAY.
  await new Promise((resolve) => origin.sessions[0]?.ping(resolve));
  expect((await ask(session, { ':path': '/' })).body.toString()).toBe('second');
  expect(origin.connections).toBe(2);
  origin.arrived[0]?.stream.end('ended');
  expect((await end).body.toString()).toBe('begun ended');
});

test('a stream that the server refused is sent again', async () => {
  const { session, origin, proxy } = await start(({ stream }) => {
    if (origin.arrived.length === 1) return reset(stream, constants.NGHTTP2_REFUSED_STREAM);
    stream.respond({ ':status': 200 });
    stream.end('again');
  });
  expect((await ask(session, { ':path': '/', ':method': 'DELETE' })).body.toString()).toBe('again');
  expect(origin.arrived).toHaveLength(2);
  expect(proxy.exchanges).toHaveLength(1);
});

test('a server that speaks HTTP/1.1 only is asked by it, once it has been found out with one connection', async () => {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] } });
  const session = await h2Through(proxy, `localhost:${origin.httpsPort}`);
  const answer = await ask(session, { ':method': 'POST', ':path': '/echo', cookie: ['a=1', 'b=2'] }, 'hello');
  const { rawHeaders, length } = JSON.parse(answer.body.toString()) as { rawHeaders: string[]; length: number };
  expect(length).toBe(5);
  expect(rawHeaders).toEqual([
    ...['Host', `localhost:${origin.httpsPort}`, 'cookie', 'a=1; b=2', 'Transfer-Encoding', 'chunked'],
  ]);
  expect(answer.headers).not.toHaveProperty('connection');
  expect((await ask(session, { ':path': '/headers' })).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(origin.connections).toBe(1);
});

test('a client that speaks HTTP/1.1 makes the proxy offer the server nothing else', async () => {
  const origin = await H2Origin.start(() => undefined, { allowHTTP1: true });
  origin.server.on('request', (request, response) => response.end(request.httpVersion));
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] } });
  const connection = await proxy.connect(origin.authority, 'tls');
  connection.write(`GET / HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n`);
  expect(await connection.body(await connection.head())).toBe('1.1');
});

describe('`100 Continue`', () => {
  /** Sends it itself where it is asked to, as servers do. */
  const patient = ({ stream, headers }: Arrived): void => {
    if (headers.expect !== undefined) stream.additionalHeaders({ ':status': 100 });
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end();
    });
  };
  /** Reads the body before the server is asked, as replay does. */
  const reads: Interceptor = async (exchange, next) => {
    const { data } = await exchange.request.body.bytes();
    return next(withRequest(exchange, { ...exchange.request, body: Body.of(data) }));
  };
  /** Tells it as a recording does, whatever was read before. */
  const tells: Interceptor = async (exchange) => {
    await exchange.request.body.bytes();
    exchange.informational(100, []);
    return { status: 200, reason: '', httpVersion: 'HTTP/2.0', headers: [], body: Body.empty() };
  };

  test.each([
    ['the server alone', []],
    ['one who reads the body, and the server', [reads]],
    ['one who reads the body, and a recorded answer', [tells]],
  ])('reaches a client that waits for it once: said by %s', async (_, interceptors) => {
    const { session } = await start(patient, 'tls', { interceptors });
    const stream = session.request({ ':method': 'POST', ':path': '/', expect: '100-continue' }, { endStream: false });
    const answer = answerOf(stream);
    stream.once('continue', () => stream.end('body'));
    const { informational, status } = await answer;
    expect(status).toBe(200);
    expect(informational.map((fields) => fields[':status'])).toEqual([100]);
  });

  test('does not reach a client that does not wait for it', async () => {
    const { session } = await start(patient, 'tls', { interceptors: [tells] });
    const { informational, status } = await ask(session, { ':method': 'POST', ':path': '/' }, 'body');
    expect({ status, informational }).toEqual({ status: 200, informational: [] });
  });
});

test('1xx responses pass ahead of the answer', async () => {
  const { session } = await start(({ stream }) => {
    stream.additionalHeaders({ ':status': 103, link: ['</a.css>; rel=preload', '</b.css>; rel=preload'] });
    stream.respond({ ':status': 200 });
    stream.end();
  });
  const { informational, status } = await ask(session, { ':path': '/' });
  expect(status).toBe(200);
  expect(informational).toEqual([expect.objectContaining({ ':status': 103 })]);
  expect(informational[0]?.['link']).toBe('</a.css>; rel=preload, </b.css>; rel=preload');
});

test('what fails before an answer is told as on HTTP/1: status and JSON', async () => {
  const origin = await H2Origin.start(() => undefined);
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] } });
  const { authority } = origin;
  await origin.close();
  const session = await h2Through(proxy, authority);
  const answer = await ask(session, { ':path': '/' });
  expect(answer).toMatchObject({ status: 502, headers: { 'x-proxyctl-error': 'PROXYCTL_UPSTREAM' } });
  expect(answer.body.toString()).toContain('"kind": "refused"');
});

test('what a server pushes is refused, and the answer comes', async () => {
  let enabled: boolean | undefined;
  const { session } = await start(({ stream }) => {
    enabled = stream.pushAllowed;
    stream.respond({ ':status': 200 });
    stream.end('alone');
  });
  expect((await ask(session, { ':path': '/' })).body.toString()).toBe('alone');
  expect(enabled).toBe(false);
});

test('an answer made here loses what HTTP/2 forbids', async () => {
  const { session } = await start(() => undefined, 'tls', {
    interceptors: [
      () =>
        Promise.resolve({
          ...{ status: 200, reason: 'OK', httpVersion: 'HTTP/1.1', body: Body.of('mock', ['X-Sum', '1']) },
          headers: [
            'Connection',
            'keep-alive, X-Hop',
            'Keep-Alive',
            'timeout=5',
            'X-Hop',
            '1',
            'Transfer-Encoding',
            'chunked',
            'X-Kept',
            'caf\xe9',
          ],
        }),
    ],
  });
  const answer = await ask(session, { ':path': '/' });
  expect(answer.raw).toEqual([':status', '200', 'x-kept', 'caf\xe9']);
  expect(answer.body.toString()).toBe('mock');
  expect(answer.trailers).toMatchObject({ 'x-sum': '1' });
});

test('two hosts in one request are refused', async () => {
  const { session, proxy } = await start(() => undefined);
  const answer = await ask(session, { ':path': '/', ':authority': 'a.test', host: 'b.test' });
  expect(answer.status).toBe(400);
  expect(answer.body.toString()).toContain('two hosts');
  expect(proxy.exchanges).toHaveLength(0);
});

test('an authority other than the tunnel’s reaches the server, which is still the tunnel’s end', async () => {
  const { session, origin, proxy } = await start(({ stream }) =>
    stream.respond({ ':status': 204 }, { endStream: true }),
  );
  expect((await ask(session, { ':path': '/', ':authority': 'shop.test' })).status).toBe(204);
  expect(origin.arrived[0]?.headers[':authority']).toBe('shop.test');
  expect(proxy.exchanges[0]?.request).toMatchObject({ host: 'localhost', headers: ['host', 'shop.test'] });
});

test('the proxy’s own pages and its refusal of loops are the same', async () => {
  const proxy = await startProxy();
  const own = await h2Through(proxy, 'proxyctl.local:443');
  expect((await ask(own, { ':path': '/ca.pem' })).body.toString()).toContain('BEGIN CERTIFICATE');
  const direct = await h2Through(proxy, `127.0.0.1:${proxy.port}`, 'direct');
  expect((await ask(direct, { ':path': '/proxyctl/ca.pem' })).body.toString()).toContain('BEGIN CERTIFICATE');
  expect((await ask(direct, { ':path': '/x' })).status).toBe(400);
  expect(proxy.exchanges).toHaveLength(0);
});

test('a session that stands in for a backend takes HTTP/2 at its own address', async () => {
  const origin = await H2Origin.start(({ stream }) => stream.respond({ ':status': 204 }, { endStream: true }));
  const reverse = { scheme: 'https', host: 'localhost', port: origin.port } as const;
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] }, session: { reverse } });
  const session = await h2Through(proxy, `127.0.0.1:${proxy.port}`, 'direct');
  expect((await ask(session, { ':path': '/a?b=1' })).status).toBe(204);
  expect(origin.arrived[0]?.headers).toMatchObject({ ':authority': origin.authority, ':path': '/a?b=1' });
});

test('the end of the session ends the connections on both sides', async () => {
  const { session, origin, proxy } = await start(() => undefined);
  const pending = ask(session, { ':path': '/' });
  await once(origin.server, 'stream');
  const [socket] = origin.sockets();
  const [serverGone, clientGone] = [once(socket as object as NodeJS.EventEmitter, 'close'), once(session, 'close')];
  await proxy.close();
  await Promise.all([serverGone, clientGone, pending]);
});

test('a client that only closes its half of the connection leaves nothing open', async () => {
  const { proxy } = await start(() => undefined, 'direct');
  const connection = await proxy.connect();
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  connection.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings]));
  connection.socket.end();
  expect(await connection.closed).toBeUndefined();
});
