import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import type { Interceptor } from '../../../src/http/index.js';
import { mockRequest, SessionOverrides } from '../../../src/overrides/index.js';
import { startProxy, type TestProxy, type TestProxyOptions } from '../../helpers/engine.js';
import { answerOf, H2Origin, h2Through, reset, type Arrived, type H2Answer } from '../../helpers/h2.js';
import { Origin } from '../../helpers/origin.js';
import { startParentProxy } from '../../helpers/parent-proxy.js';
import { startRecordingProxy } from '../../helpers/record-and-replay.js';

/** Ways in which a request that begins with its HEADERS alone may end; the first is what gRPC sends for no message. */
const ends: Record<string, (stream: ClientHttp2Stream) => void> = {
  'an empty DATA frame': (stream) => stream.end(),
  'bytes and an empty DATA frame': (stream) => stream.write('bytes', () => stream.end()),
  'trailers alone': (stream) => {
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
    stream.end();
  },
  'bytes and trailers': (stream) => {
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
    stream.end('bytes');
  },
};

const headers: OutgoingHttpHeaders = { ':method': 'POST', ':path': '/echo', 'content-type': 'application/grpc' };

function send(session: ClientHttp2Session, how: string, more: OutgoingHttpHeaders = {}): Promise<H2Answer> {
  const options = { endStream: false, waitForTrailers: how.includes('trailers') };
  const stream = session.request({ ...headers, ...more }, options);
  const answer = answerOf(stream);
  ends[how]?.(stream);
  return answer;
}

/** Answers with what came: the body, and after a `+` its trailer. */
function echo({ stream }: Arrived): void {
  let text = '';
  stream.on('trailers', (trailers) => (text += `+${String(trailers['x-sum'])}`));
  stream.on('data', (data: Buffer) => (text = data.toString() + text));
  stream.on('end', () => {
    stream.respond({ ':status': 200 });
    stream.end(text);
  });
}

const came = (how: string): string => (how.includes('bytes') ? 'bytes' : '') + (how.includes('trailers') ? '+7' : '');

/** A chain that goes on only once it is told to. */
function held() {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const interceptor: Interceptor = async (exchange, next) => {
    await released;
    return next(exchange);
  };
  return { interceptor, release: () => release() };
}

/** The answer to a ping comes after all that was sent before it has been read. */
const arrived = (session: ClientHttp2Session): Promise<void> =>
  new Promise((resolve) => session.ping(() => setImmediate(resolve)));

const hows = Object.keys(ends);

test.each(['tls', 'plain', 'direct'] as const)('a request as the first to a host is answered: %s', async (kind) => {
  for (const how of hows) {
    const origin = await H2Origin.start(echo, { plain: kind !== 'tls' });
    const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] } });
    const session = await h2Through(proxy, origin.authority, kind);
    expect((await send(session, how)).body.toString()).toBe(came(how));
    expect((await send(session, how)).body.toString()).toBe(came(how));
  }
});

async function throughHeld(how: string, options: TestProxyOptions, authority: string, more?: OutgoingHttpHeaders) {
  const { interceptor, release } = held();
  const proxy = await startProxy({ ...options, interceptors: [interceptor] });
  const session = await h2Through(proxy, authority);
  const answer = send(session, how, more);
  await arrived(session);
  release();
  return answer;
}

test.each(hows)('%s that came before anybody read the body is its end', async (how) => {
  const origin = await H2Origin.start(echo);
  const answer = await throughHeld(how, { upstream: { upstreamCa: [origin.ca] } }, origin.authority);
  expect(answer.body.toString()).toBe(came(how));
});

test('so does an empty DATA frame of a body that was announced as empty', async () => {
  const origin = await H2Origin.start(echo);
  const options = { upstream: { upstreamCa: [origin.ca] } };
  const answer = await throughHeld('an empty DATA frame', options, origin.authority, { 'content-length': '0' });
  expect(answer).toMatchObject({ status: 200, rstCode: 0 });
  const session = await h2Through(await startProxy(options), origin.authority);
  expect(await send(session, 'an empty DATA frame', { 'content-length': '0' })).toMatchObject({ status: 200 });
});

test('so does END_STREAM on the HEADERS', async () => {
  const origin = await H2Origin.start(echo);
  const { interceptor, release } = held();
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] }, interceptors: [interceptor] });
  const session = await h2Through(proxy, origin.authority);
  const answer = answerOf(session.request(headers, { endStream: true }));
  await arrived(session);
  release();
  expect(await answer).toMatchObject({ status: 200, rstCode: 0 });
});

test.each(hows)('a server of HTTP/1.1 gets a request that ended with %s', async (how) => {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  const options = { upstream: { upstreamCa: [origin.ca] } };
  const answer = await throughHeld(how, options, `localhost:${origin.httpsPort}`);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ length: how.includes('bytes') ? 5 : 0 });
  const session = await h2Through(await startProxy(options), `localhost:${origin.httpsPort}`);
  expect(await send(session, how)).toMatchObject({ status: 200 });
});

test.each(hows)('a request that ended with %s is answered through a parent proxy', async (how) => {
  const origin = await H2Origin.start(echo);
  const parent = await startParentProxy();
  const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca], upstreamProxy: parent.url() } });
  const answer = await send(await h2Through(proxy, origin.authority), how);
  expect(answer.body.toString()).toBe(came(how));
  expect(parent.asked).toEqual([`CONNECT ${origin.authority}`]);
});

test.each(hows)(
  'a request that ended with %s is answered by a mock that takes its time, and where one does',
  async (how) => {
    const origin = await H2Origin.start(echo);
    const rules = new SessionOverrides({ onHit: () => undefined, onProblem: () => undefined });
    const proxy = await startProxy({ upstream: { upstreamCa: [origin.ca] }, interceptors: [rules.mocks] });
    const session = await h2Through(proxy, origin.authority);
    const answers: string[] = [];
    for (const response of [{ response: { text: 'mocked' }, delay_sec: 0.02 }, { delay_sec: 0.02 }]) {
      const mock = { id: 'one', ...mockRequest.parse({ response }) };
      rules.set({ mocks: [mock], redirects: [], interception: { intercept: [], noIntercept: [] } });
      answers.push((await send(session, how, { 'content-type': 'text/plain' })).body.toString());
    }
    expect(answers).toEqual([expect.stringContaining('mocked'), came(how)]);
  },
);

test.each(hows)('a request that ended with %s is recorded and replayed', async (how) => {
  const origin = await H2Origin.start(echo);
  const proxy = await startRecordingProxy({ upstream: { upstreamCa: [origin.ca] } });
  expect((await send(await h2Through(proxy, origin.authority), how)).body.toString()).toBe(came(how));
  const replay = await proxy.replay();
  expect(replay.recorded.map(({ error }) => error)).toEqual([undefined]);
  const session = await h2Through(replay, origin.authority);
  expect((await send(session, how)).body.toString()).toBe(came(how));
  expect((await send(session, how)).body.toString()).toBe(came(how));
  expect(replay.replayer.misses()).toEqual([]);
});

test('a request that its client broke off before anybody read the body never looks whole', async () => {
  const failures: string[] = [];
  let seen: () => void = () => undefined;
  const failed = new Promise<void>((resolve) => (seen = resolve));
  const { interceptor: wait, release } = held();
  const read: Interceptor = async (exchange, next) => {
    await exchange.request.body.bytes().catch((error: Error) => failures.push(error.message));
    seen();
    return next(exchange);
  };
  const proxy: TestProxy = await startProxy({ interceptors: [wait, read] });
  const session = await h2Through(proxy, 'localhost:9', 'tls');
  const stream = session.request(headers, { endStream: false });
  stream.on('error', () => undefined);
  await arrived(session);
  reset(stream, 0);
  await arrived(session);
  release();
  await failed;
  expect(failures).toEqual([expect.stringContaining('within its request')]);
});
