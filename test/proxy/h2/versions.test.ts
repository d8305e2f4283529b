import { expect, onTestFinished, test } from 'vitest';
import { ask, H2Origin, h2Through } from '../../helpers/h2.js';
import { Origin } from '../../helpers/origin.js';
import { startRecordingProxy } from '../../helpers/record-and-replay.js';

test('what HTTP/2 recorded is replayed to HTTP/1.1, with a reason phrase', async () => {
  const origin = await H2Origin.start(({ stream }) => {
    stream.respond({ ':status': 404, 'x-name': 'as sent', 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
    stream.end('no such thing');
  });
  const proxy = await startRecordingProxy({ upstream: { upstreamCa: [origin.ca] } });
  const session = await h2Through(proxy, origin.authority);
  expect((await ask(session, { ':path': '/', cookie: ['a=1', 'b=2'] })).status).toBe(404);
  const replay = await proxy.replay();
  const connection = await replay.connect(origin.authority, 'tls');
  connection.write(`GET / HTTP/1.1\r\nHost: ${origin.authority}\r\nCookie: a=1; b=2\r\n\r\n`);
  const head = await connection.head();
  expect(head.line).toBe('HTTP/1.1 404 Not Found');
  expect(head.headers.slice(0, 6)).toEqual(['x-name', 'as sent', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
  expect(await connection.chunked()).toMatchObject({ body: 'no such thing', trailers: ['x-sum', '1'] });
  const second = await h2Through(replay, origin.authority);
  const again = await ask(second, { ':path': '/', cookie: ['a=1', 'b=2'] });
  expect(again).toMatchObject({ status: 404, trailers: { 'x-sum': '1' } });
  expect(replay.replayer.misses()).toEqual([]);
});

test('what HTTP/1.1 recorded is replayed to HTTP/2', async () => {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  const proxy = await startRecordingProxy({ upstream: { upstreamCa: [origin.ca] } });
  const authority = `localhost:${origin.httpsPort}`;
  const connection = await proxy.connect(authority, 'tls');
  connection.write(`GET /headers HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  await connection.head();
  expect((await connection.chunked()).body).toBe('headers');
  const replay = await proxy.replay();
  const answer = await ask(await h2Through(replay, authority), { ':path': '/headers' });
  expect(answer.body.toString()).toBe('headers');
  expect(answer.raw.slice(0, 12)).toEqual([
    ...[':status', '200', 'x-twice', 'one', 'x-twice', 'two', 'x-empty', '', 'set-cookie', 'a=1', 'set-cookie', 'b=2'],
  ]);
});

test('a stream that the server reset within its answer is reset in the replay, after the same bytes', async () => {
  const origin = await H2Origin.start(({ stream }) => {
    stream.respond({ ':status': 200 });
    stream.write('begun', () => stream.destroy(new Error('broken')));
  });
  const proxy = await startRecordingProxy({ upstream: { upstreamCa: [origin.ca] } });
  const live = await ask(await h2Through(proxy, origin.authority), { ':path': '/' });
  const replay = await proxy.replay();
  const replayed = await ask(await h2Through(replay, origin.authority), { ':path': '/' });
  expect(live).toMatchObject({ status: 200, rstCode: 2 });
  expect(replayed).toMatchObject({ status: 200, rstCode: 2 });
  expect([live.body.toString(), replayed.body.toString()]).toEqual(['begun', 'begun']);
});
