import { once } from 'node:events';
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Body, type Exchange, type HttpResponse, type Interceptor } from '../../../src/http/index.js';
import type { SessionEventBody } from '../../../src/protocol/session-event.js';
import { sessionSpec } from '../../../src/protocol/session-spec.js';
import { Session } from '../../../src/worker/session.js';
import { startProxy, type TestProxy } from '../../helpers/engine.js';
import { responseOf } from '../../helpers/exchange.js';
import { answerOf, ask, h2Through, reset } from '../../helpers/h2.js';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;
const whole = Buffer.alloc(1_000_000, 'whole ');

/** How an exchange ended for its client, and how much had been written to the connection by then. */
interface Outcome {
  aborted: string | undefined;
  bytesWritten: number;
}

class Outcomes {
  readonly #over: Outcome[] = [];
  #wake: (() => void) | undefined;

  add(exchange: Exchange, connection: Socket): void {
    const outcome: Outcome = { aborted: undefined, bytesWritten: connection.bytesWritten };
    exchange.onAbort((reason) => (outcome.aborted = reason.message));
    this.#over.push(outcome);
    this.#wake?.();
  }

  async of(count: number): Promise<Outcome[]> {
    while (this.#over.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#over;
  }
}

async function start(answer: (exchange: Exchange) => HttpResponse | Promise<HttpResponse>) {
  const outcomes = new Outcomes();
  const interceptor: Interceptor = async (exchange) => answer(exchange);
  const proxy: TestProxy = await startProxy({
    interceptors: [interceptor],
    session: {
      watchFaults: () => ({}),
      faultsOver: (_watch, exchange, _stream, accepted) => outcomes.add(exchange, accepted as Socket),
    },
  });
  const through = (options = {}): Promise<ClientHttp2Session> => h2Through(proxy, 'localhost:9', 'tls', options);
  return { proxy, outcomes, through };
}

/** Answers once the request has come whole, as a replay does. */
async function afterRequest(exchange: Exchange, answer: HttpResponse): Promise<HttpResponse> {
  await exchange.request.body.bytes();
  return answer;
}

const headersOf = (method: string) => ({ ':method': method, ':path': '/' });

/** A request whose body goes on. */
function begin(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request(headersOf('POST'), { endStream: false });
  stream.on('error', () => undefined);
  stream.write('half of the ');
  return stream;
}

describe('an exchange whose answer has left whole was not aborted', () => {
  const answers: [string, () => HttpResponse][] = [
    ['a small answer', () => responseOf('{"a":1}')],
    ['a large answer', () => responseOf(whole)],
    ['an empty answer', () => responseOf('')],
    ['a 204', () => responseOf('', { status: 204, headers: [] })],
    ['trailers alone', () => responseOf(Body.empty(['grpc-status', '0']), { headers: [] })],
    ['a body and trailers', () => responseOf(Body.of('body', ['grpc-status', '0']))],
  ];

  test.each(answers)('%s, to each method, with and without a body', async (_name, answer) => {
    const { outcomes, through } = await start((exchange) => afterRequest(exchange, answer()));
    const session = await through();
    const asked: [string, string?][] = [['GET'], ['HEAD'], ['POST'], ['POST', 'body'], ['PUT', 'body'], ['DELETE', '']];
    for (const [method, body] of asked) await ask(session, headersOf(method), body);
    const over = await outcomes.of(asked.length);
    expect(over.map(({ aborted }) => aborted)).toEqual(asked.map(() => undefined));
  });

  test('many at once on one connection', async () => {
    const { outcomes, through } = await start((exchange) => afterRequest(exchange, responseOf('answer')));
    const session = await through();
    await Promise.all(Array.from({ length: 200 }, (_, i) => ask(session, headersOf(i % 2 ? 'POST' : 'PUT'), 'body')));
    expect((await outcomes.of(200)).filter(({ aborted }) => aborted !== undefined)).toEqual([]);
  });

  test.each(['POST', 'GET'])(
    'a client that closes its connection right after the last byte of a %s',
    async (method) => {
      const { outcomes, through } = await start((exchange) => afterRequest(exchange, responseOf('answer')));
      for (const close of ['close', 'destroy'] as const) {
        const session = await through();
        const stream = session.request(headersOf(method), { endStream: method === 'GET' });
        if (method === 'POST') stream.end('body');
        stream.resume().on('end', () => session[close]());
        await once(session, 'close');
      }
      expect((await outcomes.of(2)).map(({ aborted }) => aborted)).toEqual([undefined, undefined]);
    },
  );

  test.each(['unread', 'read', 'given up'])('an answer that ends before its request does, which is %s', async (how) => {
    const { outcomes, through } = await start(({ request }) => {
      if (how === 'read') request.body.bytes().catch(() => undefined);
      if (how === 'given up') request.body.cancel(new Error('not wanted'));
      return responseOf(Body.of('early', ['x-end', '1']));
    });
    const ends: ((stream: ClientHttp2Stream, session: ClientHttp2Session) => void)[] = [
      (stream) => reset(stream, NGHTTP2_NO_ERROR),
      (stream) => reset(stream, NGHTTP2_CANCEL),
      (_stream, session) => session.destroy(),
      (stream) => stream.end('whole'),
    ];
    for (const end of ends) {
      const session = await through();
      const stream = begin(session);
      const answer = answerOf(stream);
      stream.once('end', () => end(stream, session));
      expect(await answer).toMatchObject({ status: 200, trailers: { 'x-end': '1' } });
    }
    const over = await outcomes.of(ends.length);
    expect(over.map(({ aborted }) => aborted)).toEqual(ends.map(() => undefined));
  });

  test('its answer has been written to the connection when the exchange is over', async () => {
    const { outcomes, through } = await start((exchange) => afterRequest(exchange, responseOf('x'.repeat(16_000))));
    const session = await through();
    await ask(session, headersOf('POST'), 'body');
    const [first] = await outcomes.of(1);
    await ask(session, headersOf('GET'));
    const { 1: second } = await outcomes.of(2);
    expect((second?.bytesWritten ?? 0) - (first?.bytesWritten ?? 0)).toBeGreaterThan(16_000);
    expect((second?.bytesWritten ?? 0) - (first?.bytesWritten ?? 0)).toBeLessThan(20_000);
  });
});

describe('an exchange whose client went away before the last byte was aborted', () => {
  const resets = [
    ['NO_ERROR', NGHTTP2_NO_ERROR],
    ['CANCEL', NGHTTP2_CANCEL],
  ] as const;

  test.each(resets)('by a reset with %s ahead of the answer', async (name, code) => {
    const { outcomes, through } = await start(() => new Promise(() => undefined));
    const session = await through();
    for (const method of ['GET', 'POST']) {
      const stream = session.request(headersOf(method), { endStream: method === 'GET' });
      stream.on('error', () => undefined);
      // The answer to a ping comes after what was sent before it.
      await new Promise((resolve) => session.ping(resolve));
      reset(stream, code);
    }
    const over = await outcomes.of(2);
    expect(over.map(({ aborted }) => aborted)).toEqual(over.map(() => `the client reset the stream (NGHTTP2_${name})`));
  });

  test.each(resets)('by a reset with %s within the answer', async (_name, code) => {
    const { outcomes, through } = await start(async ({ request }) => {
      if (request.method !== 'PUT') await request.body.bytes();
      return responseOf(whole);
    });
    const session = await through();
    for (const method of ['GET', 'POST', 'PUT']) {
      const stream = session.request(headersOf(method), { endStream: method === 'GET' });
      stream.on('error', () => undefined);
      if (method === 'POST') stream.end('body');
      if (method === 'PUT') stream.write('half');
      await once(stream, 'response');
      reset(stream, code);
    }
    const over = await outcomes.of(3);
    expect(over.map(({ aborted }) => aborted)).not.toContain(undefined);
  });

  test.each(resets)('by a reset with %s while a small answer finds the window shut', async (_name, code) => {
    const { outcomes, through } = await start((exchange) => afterRequest(exchange, responseOf('small')));
    const session = await through({ settings: { initialWindowSize: 0 } });
    for (const method of ['GET', 'POST']) {
      const stream = session.request(headersOf(method), { endStream: method === 'GET' });
      stream.on('error', () => undefined);
      if (method === 'POST') stream.end('body');
      await once(stream, 'response');
      reset(stream, code);
    }
    const over = await outcomes.of(2);
    expect(over.map(({ aborted }) => aborted)).not.toContain(undefined);
  });

  test('by the end of the connection, within the answer and ahead of it', async () => {
    const { proxy, outcomes, through } = await start(({ request }) =>
      request.method === 'GET' ? responseOf(whole) : new Promise(() => undefined),
    );
    const session = await through();
    const [within, before] = [session.request(headersOf('GET')), session.request(headersOf('DELETE'))];
    for (const stream of [within, before]) stream.on('error', () => undefined);
    await once(within, 'response');
    session.destroy();
    const over = await outcomes.of(2);
    expect(proxy.exchanges).toHaveLength(2);
    expect(over.map(({ aborted }) => aborted)).not.toContain(undefined);
  });
});

test('a request that a reset with NO_ERROR cut short never looks whole', async () => {
  let failed: (error: Error) => void = () => undefined;
  const failure = new Promise<Error>((resolve) => (failed = resolve));
  const { through } = await start(({ request }) => {
    request.body.bytes().catch(failed);
    return responseOf(whole);
  });
  const stream = begin(await through());
  await once(stream, 'response');
  reset(stream, NGHTTP2_NO_ERROR);
  expect((await failure).message).toContain('within its request');
});

test('the counters and events of a session tell an answer that left whole from one that a reset cut', async () => {
  const events: SessionEventBody[] = [];
  const spec = { id: 's', mode: 'live', createdAt: '2026-11-21T00:00:00Z' };
  const session = new Session(sessionSpec.parse(spec), {
    upstream: async (exchange) =>
      afterRequest(exchange, responseOf(exchange.request.target === '/' ? 'small' : slow())),
    interceptors: [],
    indexes: { next: 0 },
    wantsEvents: () => true,
    emit: (event) => events.push(event),
  });
  let last: Exchange | undefined;
  const handle = (exchange: Exchange): Promise<HttpResponse> => session.handle((last = exchange));
  const proxy = await startProxy({ session: { handle } });
  const client = await h2Through(proxy, 'localhost:9');
  for (let i = 0; i < 3; i += 1) await ask(client, headersOf('POST'), 'body');
  expect(session.counts).toMatchObject({ exchanges: 3, inFlight: 0, failures: 0, responseBytes: 15 });
  for (const code of [NGHTTP2_CANCEL, NGHTTP2_NO_ERROR]) {
    const stream = client.request({ ':method': 'POST', ':path': '/slow' }, { endStream: false });
    stream.on('error', () => undefined).end('body');
    await once(stream, 'data');
    const aborted = new Promise((resolve) => last?.onAbort(resolve));
    reset(stream, code);
    await aborted;
  }
  expect(session.counts).toMatchObject({ exchanges: 5, inFlight: 0, failures: 2 });
  const ends = events.map(({ type }) => type).filter((type) => type === 'response' || type === 'failure');
  expect(ends).toEqual(['response', 'response', 'response', 'failure', 'failure']);
});

/** A body that begins and does not end. */
function slow(): Body {
  const stream = new PassThrough();
  stream.write('begun');
  return Body.fromReadable(stream);
}
