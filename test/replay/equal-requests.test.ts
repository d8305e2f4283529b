import { once } from 'node:events';
import { constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, answerOf, H2Origin, h2Through, reset, type H2Answer } from '../helpers/h2.js';
import { startRecordingProxy, type RecordingProxy, type ReplayingProxy } from '../helpers/record-and-replay.js';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/**
 * Answers each request with how many there were like it, in a header and in a body of so many bytes as `x-size` says.
 */
async function counting(plain = false): Promise<H2Origin> {
  const counts = new Map<string, number>();
  const origin = await H2Origin.start(() => undefined, { plain, allowHTTP1: true });
  origin.server.on('request', (request, response) => {
    request.resume().on('end', () => {
      const key = `${request.method} ${request.url}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      response.setHeader('x-count', count);
      if (request.url === '/empty') response.statusCode = 204;
      if (request.url === '/trailers') response.setHeader('trailer', 'x-sum');
      let body = Buffer.from(`${count} `.padEnd(Number(request.headers['x-size'] ?? 300), '.'));
      if (request.url === '/gzip') {
        body = gzipSync(body);
        response.setHeader('content-encoding', 'gzip');
      }
      if (request.url === '/empty' || request.method === 'HEAD') return response.end();
      if (request.url !== '/trailers') return response.end(body);
      response.write(body);
      response.addTrailers({ 'x-sum': '1' });
      return response.end();
    });
  });
  return origin;
}

const countOf = ({ headers }: H2Answer): string => String(headers['x-count']);

/** Records with `record`, and is then replayed. */
async function recorded(origin: H2Origin, record: (proxy: RecordingProxy) => Promise<void>): Promise<ReplayingProxy> {
  const proxy = await startRecordingProxy({ upstream: { upstreamCa: [origin.ca] } });
  await record(proxy);
  const replay = await proxy.replay();
  onTestFinished(() => expect(replay.troubles).toEqual([]));
  return replay;
}

async function counted(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
  times = 3,
): Promise<string[]> {
  const counts: string[] = [];
  for (let i = 0; i < times; i += 1) counts.push(countOf(await ask(session, headers, body)));
  return counts;
}

describe('equal requests over HTTP/2 get the answers that were recorded, one after the other', () => {
  const kinds: [OutgoingHttpHeaders, string?][] = [
    [{ ':method': 'GET', ':path': '/' }],
    [{ ':method': 'HEAD', ':path': '/' }],
    [{ ':method': 'POST', ':path': '/' }],
    [{ ':method': 'POST', ':path': '/' }, '{"a":1}'],
    [{ ':method': 'POST', ':path': '/', 'x-size': '1000000' }, '{"a":2}'],
    [{ ':method': 'POST', ':path': '/gzip' }, '{"a":1}'],
    [{ ':method': 'PUT', ':path': '/' }, '{"a":1}'],
    [{ ':method': 'DELETE', ':path': '/empty' }],
    [{ ':method': 'POST', ':path': '/empty' }, '{"a":1}'],
    [{ ':method': 'POST', ':path': '/trailers' }, '{"a":1}'],
  ];

  test.each(['tls', 'plain', 'direct'] as const)('of each kind: %s', async (kind) => {
    const origin = await counting(kind !== 'tls');
    const run = async (session: ClientHttp2Session): Promise<string[][]> => {
      const counts: string[][] = [];
      for (const [headers, body] of kinds) counts.push(await counted(session, headers, body));
      return counts;
    };
    let live: string[][] = [];
    const replay = await recorded(origin, async (proxy) => {
      live = await run(await h2Through(proxy, origin.authority, kind));
    });
    expect(await run(await h2Through(replay, origin.authority, kind))).toEqual(live);
    expect(live[0]).toEqual(['1', '2', '3']);
    expect(replay.replayer.misses()).toEqual([]);
    expect(replay.replayer.unused()).toEqual([]);
  });

  test('many at once on one connection', async () => {
    const origin = await counting();
    const many = async (session: ClientHttp2Session): Promise<string[]> => {
      const headers = { ':method': 'POST', ':path': '/' };
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(session, headers, '{"a":1}')));
      return answers.map(countOf).sort();
    };
    let live: string[] = [];
    const replay = await recorded(origin, async (proxy) => {
      live = await many(await h2Through(proxy, origin.authority));
    });
    expect(await many(await h2Through(replay, origin.authority))).toEqual(live);
    expect(new Set(live).size).toBe(50);
  });

  test('a connection for each, closed with the last byte', async () => {
    const origin = await counting();
    const run = async (proxy: RecordingProxy | ReplayingProxy): Promise<string[]> => {
      const counts: string[] = [];
      for (const close of ['close', 'destroy', 'destroy'] as const) {
        const session = await h2Through(proxy, origin.authority);
        counts.push(...(await counted(session, { ':method': 'POST', ':path': '/' }, 'body', 1)));
        session[close]();
      }
      return counts;
    };
    const replay = await recorded(origin, async (proxy) => void (await run(proxy)));
    expect(await run(replay)).toEqual(['1', '2', '3']);
  });
});

describe('an answer that a client of HTTP/2 did not wait for', () => {
  const large = { ':method': 'POST', ':path': '/', 'x-size': '1000000' };
  const start = async () => {
    const origin = await counting();
    const replay = await recorded(origin, async (proxy) => {
      await counted(await h2Through(proxy, origin.authority), large, 'body');
    });
    const through = () => h2Through(replay, origin.authority);
    return { replay, through, session: await through() };
  };

  test.each([
    ['CANCEL', NGHTTP2_CANCEL],
    ['NO_ERROR', NGHTTP2_NO_ERROR],
  ])('is given again after a reset with %s', async (_name, code) => {
    const { replay, session } = await start();
    expect(await counted(session, large, 'body', 1)).toEqual(['1']);
    const stream = session.request(large, { endStream: false });
    stream.on('error', () => undefined);
    stream.end('body');
    const [headers] = (await once(stream, 'response')) as [Record<string, string>];
    expect(headers['x-count']).toBe('2');
    reset(stream, code);
    await new Promise((resolve) => replay.exchanges[1]?.onAbort(resolve));
    expect(await counted(session, large, 'body', 2)).toEqual(['2', '3']);
  });

  test('is given again after the end of its connection', async () => {
    const { replay, session, through } = await start();
    const stream = session.request(large, { endStream: false });
    stream.on('error', () => undefined);
    stream.end('body');
    await once(stream, 'response');
    session.destroy();
    await new Promise((resolve) => replay.exchanges[0]?.onAbort(resolve));
    expect(await counted(await through(), large, 'body')).toEqual(['1', '2', '3']);
  });

  test('is not given again when its reset comes after the last byte', async () => {
    const { session } = await start();
    const stream = session.request(large, { endStream: false });
    stream.end('body');
    stream.once('end', () => reset(stream, NGHTTP2_NO_ERROR));
    expect(countOf(await answerOf(stream))).toBe('1');
    expect(await counted(session, large, 'body', 2)).toEqual(['2', '3']);
  });
});

test.each(['keep-alive', 'close'])(
  'equal requests over HTTP/1.1 with Connection: %s go on as they did',
  async (connection) => {
    const origin = await counting();
    const run = async (proxy: RecordingProxy | ReplayingProxy): Promise<string[]> => {
      const counts: string[] = [];
      let client = await proxy.connect(origin.authority, 'tls');
      for (let i = 0; i < 3; i += 1) {
        if (connection === 'close' && i > 0) client = await proxy.connect(origin.authority, 'tls');
        const lines = [`Host: ${origin.authority}`, `Connection: ${connection}`, 'Content-Length: 4'];
        client.write(`POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\nbody`);
        const head = await client.head();
        await (/transfer-encoding/i.test(head.headers.join()) ? client.chunked() : client.body(head));
        counts.push(head.headers[head.headers.findIndex((name) => name.toLowerCase() === 'x-count') + 1] ?? '');
      }
      return counts;
    };
    const replay = await recorded(origin, async (proxy) => void (await run(proxy)));
    expect(await run(replay)).toEqual(['1', '2', '3']);
  },
);
