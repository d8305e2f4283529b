import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { HarRecordingInfo } from '../../src/har/har.js';
import { Body, type BodySink, UpstreamError } from '../../src/http/index.js';
import { Journal } from '../../src/record/journal.js';
import { type JournalEntry, JournalReader } from '../../src/record/journal-reader.js';
import { createRecorder, type Recorder } from '../../src/record/recorder.js';
import { exchangeOf, responseOf } from '../helpers/exchange.js';
import { tempFolder } from '../helpers/temp-folder.js';

const info: HarRecordingInfo = {
  formatVersion: 1,
  recordingId: '20261121T030405.678Z-1a2b3c4d',
  testId: 'checkout',
  appVersion: '4.2.0',
  recordedAt: '2026-11-21T03:04:05.678Z',
};

test('an exchange is in the journal with its raw headers and both bodies', async () => {
  const { recorder, folder } = await recording();
  const exchange = exchangeOf(0, {
    method: 'POST',
    target: '/items?a=1&a=2',
    headers: ['hOST', 'api.example.com', 'X-Twice', '1', 'x-twice', '2', 'X-Latin', 'caf\u00e9'],
    body: Body.of('{"name":"tea"}'),
  });
  const answer = await recorder.interceptor(exchange, async ({ request }) => {
    expect((await request.body.bytes()).data.toString()).toBe('{"name":"tea"}');
    return responseOf('{"id":7}', { status: 201, reason: 'Made', headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'] });
  });
  expect((await answer.body.bytes()).data.toString()).toBe('{"id":7}');
  await recorder.close();

  const [entry, ...others] = await entriesOf(folder);
  expect(others).toEqual([]);
  expect(entry?.record).toMatchObject({
    index: 0,
    request: {
      method: 'POST',
      url: 'https://api.example.com/items?a=1&a=2',
      headers: ['hOST', 'api.example.com', 'X-Twice', '1', 'x-twice', '2', 'X-Latin', 'caf\u00e9'],
    },
    response: { status: 201, reason: 'Made', headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'] },
    servedBy: 'upstream',
  });
  expect(entry?.request?.bytes?.toString()).toBe('{"name":"tea"}');
  expect(entry?.response?.bytes?.toString()).toBe('{"id":7}');
});

test('when a client has the last byte of an answer of known length, the exchange is on disk', async () => {
  const { recorder, folder } = await recording();
  for (const body of [Body.of('whole'), Body.fromReadable(Readable.from([Buffer.from('who'), Buffer.from('le')]), 5)]) {
    const before = statSync(join(folder, 'exchanges.bin')).size;
    const answer = await recorder.interceptor(exchangeOf(0), async () => responseOf(body));
    let received = 0;
    const sizeAtLastByte = await new Promise<number>((resolve, reject) => {
      answer.body.pipe({
        open: () => undefined,
        chunk: (data) => {
          received += data.length;
          if (received === 5) resolve(statSync(join(folder, 'exchanges.bin')).size - before);
        },
        end: () => undefined,
        error: reject,
      });
    });
    expect(sizeAtLastByte).toBeGreaterThan(100);
  }
  expect(await entriesOf(folder)).toHaveLength(2);
});

test('the head of an answer without a body is handed on when the exchange is on disk', async () => {
  const { recorder, folder } = await recording();
  await recorder.interceptor(exchangeOf(0), async () => responseOf(Body.empty(), { status: 204 }));
  expect(await entriesOf(folder)).toHaveLength(1);
});

test('the last chunk does not wait for an end that comes later', async () => {
  const { recorder } = await recording();
  let sink: BodySink | undefined;
  const body = new Body({ pipe: (target) => ((sink = target), target.open(noFlow)) }, 5);
  const answer = await recorder.interceptor(exchangeOf(0), async () => responseOf(body));
  const order: string[] = [];
  const over = new Promise<void>((resolve) =>
    answer.body.pipe({
      open: () => undefined,
      chunk: () => {
        order.push('chunk');
        sink?.end([]);
      },
      end: () => {
        order.push('end');
        resolve();
      },
      error: () => order.push('error'),
    }),
  );
  sink?.chunk(Buffer.from('whole'));
  await over;
  expect(order).toEqual(['chunk', 'end']);
});

test('a large body goes to a file of its own', async () => {
  const { recorder, folder } = await recording();
  const data = randomBytes(20 * 1024 * 1024);
  const pieces = Readable.from([data.subarray(0, 1000), data.subarray(1000, 5_000_000), data.subarray(5_000_000)]);
  const answer = await recorder.interceptor(exchangeOf(3), async () => responseOf(Body.fromReadable(pieces)));
  expect((await answer.body.bytes()).data.equals(data)).toBe(true);
  const [entry] = await entriesOf(folder);
  expect(entry?.response?.ref.size).toBe(data.length);
  expect(entry?.response?.bytes).toBeUndefined();
  expect((await buffer(entry?.response?.open() ?? Readable.from([]))).equals(data)).toBe(true);
});

test('a large body that comes again is not written again, and each exchange has it whole', async () => {
  const { recorder, folder } = await recording();
  const [one, other] = [randomBytes(200_000), randomBytes(200_000)];
  for (const [index, data] of [one, other, one, one].entries()) {
    const answer = await recorder.interceptor(exchangeOf(index), async () => responseOf(Body.of(data)));
    expect((await answer.body.bytes()).data.equals(data)).toBe(true);
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('body-'))).toHaveLength(2);
  const entries = await entriesOf(folder);
  const bodies = await Promise.all(entries.map(({ response }) => buffer(response?.open() ?? Readable.from([]))));
  expect(bodies.map((body) => body.equals(one))).toEqual([true, false, true, true]);
  expect(bodies[1]?.equals(other)).toBe(true);
});

test('more large bodies at once than may wait in memory are all recorded whole', async () => {
  const { recorder, folder } = await recording();
  const bodies = Array.from({ length: 48 }, () => randomBytes(1_000_000));
  const answers = await Promise.all(
    bodies.map((data, index) =>
      recorder.interceptor(exchangeOf(index), async () => responseOf(Body.fromReadable(inPieces(data), data.length))),
    ),
  );
  // All are under way before the first one ends.
  await Promise.all(answers.map(async ({ body }) => body.bytes()));
  const entries = await entriesOf(folder);
  expect(entries).toHaveLength(bodies.length);
  for (const { record, response } of entries)
    expect((await buffer(response?.open() ?? Readable.from([]))).equals(bodies[record.index] as Buffer)).toBe(true);
});

function inPieces(data: Buffer): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < data.length; at += 64 * 1024) yield data.subarray(at, at + 64 * 1024);
    })(),
  );
}

test('a body that comes faster than the disk takes it is held back at about a mebibyte, and goes on', async () => {
  const { recorder, folder } = await recording();
  const piece = Buffer.alloc(64 * 1024, 'x');
  const inAll = 64 * 1024 * 1024;
  let made = 0;
  let longestBurst = 0;
  const source = new Body({
    pipe: (sink) => {
      let paused = false;
      const pour = (): void => {
        const start = made;
        while (!paused && made < inAll) {
          made += piece.length;
          sink.chunk(piece);
        }
        longestBurst = Math.max(longestBurst, made - start);
        if (made === inAll) sink.end([]);
      };
      sink.open({
        pause: () => (paused = true),
        resume: () => {
          paused = false;
          setImmediate(pour);
        },
        abort: () => (paused = true),
      });
      pour();
    },
  });
  const answer = await recorder.interceptor(exchangeOf(0), async () => responseOf(source));
  let received = 0;
  await new Promise<void>((resolve, reject) =>
    answer.body.pipe({
      open: () => undefined,
      chunk: (data) => (received += data.length),
      end: () => resolve(),
      error: reject,
    }),
  );
  expect(received).toBe(inAll);
  expect(longestBurst).toBeLessThanOrEqual(1.2 * 1024 * 1024);
  expect((await entriesOf(folder))[0]?.response?.ref.size).toBe(inAll);
});

test('a failure is recorded as what it was, and thrown on', async () => {
  const { recorder, folder } = await recording();
  const refused = new UpstreamError(
    { kind: 'refused', phase: 'connect', host: 'api.example.com', port: 443, systemCode: 'ECONNREFUSED' },
    'api.example.com:443 refused the connection',
  );
  await expect(
    recorder.interceptor(exchangeOf(0, { method: 'PUT', body: Body.of('unread') }), () => Promise.reject(refused)),
  ).rejects.toBe(refused);
  const [entry] = await entriesOf(folder);
  expect(entry?.record.response).toBeUndefined();
  expect(entry?.request?.bytes?.toString()).toBe('unread');
  expect(entry?.record.error).toMatchObject({ kind: 'refused', phase: 'connect', systemCode: 'ECONNREFUSED' });
});

test('an answer that breaks off is recorded with the bytes that came', async () => {
  const { recorder, folder } = await recording();
  const reset = new UpstreamError(
    { kind: 'reset', phase: 'response', host: 'api.example.com', port: 443 },
    'the connection was reset',
  );
  const body = new Body({ pipe: (sink) => (sink.open(noFlow), sink.chunk(Buffer.from('par')), sink.error(reset)) }, 8);
  const answer = await recorder.interceptor(exchangeOf(0), async () => responseOf(body));
  await expect(answer.body.bytes()).rejects.toBe(reset);
  const [entry] = await entriesOf(folder);
  expect(entry?.record.error).toMatchObject({ kind: 'reset', phase: 'response', bytesReceived: 3 });
  expect(entry?.record.response?.body).toEqual({ size: 3, at: 'inline', truncated: true });
});

test('a client that goes away in the middle is recorded as aborted', async () => {
  const { recorder, folder } = await recording();
  const body = new Body({ pipe: (sink) => (sink.open(noFlow), sink.chunk(Buffer.from('par'))) }, 8);
  const answer = await recorder.interceptor(exchangeOf(0), async () => responseOf(body));
  answer.body.pipe({
    open: (flow) => setImmediate(() => flow.abort(new Error('the client closed the connection'))),
    chunk: () => undefined,
    end: () => undefined,
    error: () => undefined,
  });
  await recorder.idle(5_000);
  const [entry] = await entriesOf(folder);
  expect(entry?.record.error).toMatchObject({ kind: 'aborted', phase: 'response', bytesReceived: 3 });
});

test('trailers and informational responses are recorded, and reach the client', async () => {
  const { recorder, folder } = await recording();
  const exchange = exchangeOf(0, { method: 'POST', body: Body.of('q', ['X-Sum', '1']) });
  const answer = await recorder.interceptor(exchange, async ({ request }) => {
    await request.body.bytes();
    return responseOf(Body.of('a', ['Grpc-Status', '0']));
  });
  expect((await answer.body.bytes()).trailers).toEqual(['Grpc-Status', '0']);
  const early = exchangeOf(1);
  await recorder.interceptor(early, async (seen) => {
    seen.informational(103, ['Link', '</a.css>; rel=preload']);
    return responseOf(Body.empty());
  });
  expect(early.sent).toEqual([{ status: 103, headers: ['Link', '</a.css>; rel=preload'] }]);
  const [first, second] = await entriesOf(folder);
  expect(first?.record.request.trailers).toEqual(['X-Sum', '1']);
  expect(first?.record.response?.trailers).toEqual(['Grpc-Status', '0']);
  expect(second?.record.response?.informational).toEqual([{ status: 103, headers: ['Link', '</a.css>; rel=preload'] }]);
});

test('an answer that is over before its request lets the client have it, and is written when the request is over', async () => {
  const { recorder, folder } = await recording();
  let sink: BodySink | undefined;
  const upload = new Body({ pipe: (target) => ((sink = target), target.open(noFlow)) }, 10);
  const answer = await recorder.interceptor(exchangeOf(0, { method: 'POST', body: upload }), async ({ request }) => {
    request.body.pipe({ open: () => undefined, chunk: () => undefined, end: () => undefined, error: () => undefined });
    return responseOf('no', { status: 413 });
  });
  sink?.chunk(Buffer.from('begin'));
  await answer.body.bytes();
  expect(recorder.inFlight).toBe(1);
  sink?.error(new Error('the client stopped'));
  await recorder.idle(5_000);
  const [entry] = await entriesOf(folder);
  expect(entry?.record.request.body).toEqual({ size: 5, at: 'inline', truncated: true });
  expect(entry?.record.response?.status).toBe(413);
});

test('what is open when the recording ends is written as far as it came', async () => {
  const { recorder, folder } = await recording();
  const never = new Body({ pipe: (sink) => (sink.open(noFlow), sink.chunk(Buffer.from('so far'))) });
  const answer = await recorder.interceptor(exchangeOf(0), async () => responseOf(never));
  answer.body.pipe({ open: () => undefined, chunk: () => undefined, end: () => undefined, error: () => undefined });
  void recorder.interceptor(exchangeOf(1), () => new Promise(() => undefined));
  expect(recorder.inFlight).toBe(2);
  expect(await recorder.idle(10)).toEqual({ cut: 2 });
  await recorder.close();
  const entries = await entriesOf(folder);
  expect(entries.map(({ record }) => record.error?.kind)).toEqual(['aborted', 'aborted']);
  expect(entries[0]?.response?.bytes?.toString()).toBe('so far');
  expect(entries[1]?.record.response).toBeUndefined();
});

test('a tunnel is recorded with its byte counts', async () => {
  const { recorder, folder } = await recording();
  recorder.tunnel({
    host: 'db.example.com',
    port: 3306,
    reason: 'not-tls-or-http',
    startedAt: 1_795_000_000_000,
    durationMs: 12,
    bytesSent: 34,
    bytesReceived: 56,
  });
  await recorder.close();
  const [entry] = await entriesOf(folder);
  expect(entry?.record).toMatchObject({
    index: 100,
    tunnel: { host: 'db.example.com', port: 3306, reason: 'not-tls-or-http', bytesSent: 34, bytesReceived: 56 },
  });
});

test('records stand in the order in which the exchanges ended', async () => {
  const { recorder, folder } = await recording();
  const slow = await recorder.interceptor(exchangeOf(0), async () => responseOf('slow'));
  const fast = await recorder.interceptor(exchangeOf(1), async () => responseOf('fast'));
  await fast.body.bytes();
  await slow.body.bytes();
  expect((await entriesOf(folder)).map(({ record }) => record.index)).toEqual([1, 0]);
});

const noFlow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };

async function recording(): Promise<{ recorder: Recorder; folder: string }> {
  const folder = join(await tempFolder(), info.recordingId);
  const journal = await Journal.open({ folder, info });
  return { recorder: createRecorder({ journal, sessionId: 'session-1', nextIndex: () => 100 }), folder };
}

async function entriesOf(folder: string): Promise<JournalEntry[]> {
  await using reader = await JournalReader.open(folder);
  const entries: JournalEntry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  expect(reader.damage).toBeUndefined();
  return entries;
}
