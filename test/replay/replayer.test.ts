import { describe, expect, test } from 'vitest';
import { header, UpstreamError } from '../../src/http/index.js';
import { Client, form, json, Replay } from '../helpers/replaying.js';

const url = 'http://shop.test/cart';

describe('an answer', () => {
  test('has the recorded status, reason, raw headers, bytes and trailers', async () => {
    const data = Buffer.from([0, 255, 13, 10, 128]);
    const headers = ['Set-Cookie', 'a=1', 'x-CASE', 'kept', 'Set-Cookie', 'b=2', 'X-Empty', ''];
    const replay = new Replay([
      { url, status: 401, reason: 'Who Are You', responseHeaders: headers, answer: data, trailers: ['X-Sum', '5'] },
    ]);
    const answer = await replay.ask(url);
    expect([answer.status, answer.reason, answer.headers]).toEqual([401, 'Who Are You', headers]);
    expect(answer.data).toEqual(data);
    expect(answer.trailers).toEqual(['X-Sum', '5']);
    expect(answer.notes).toMatchObject({ servedBy: 'recording', recordedIndex: 0 });
  });

  test('comes after the recorded informational responses', async () => {
    const hints = { status: 103, headers: ['Link', '</a.css>; rel=preload'] };
    const replay = new Replay([{ url, informational: [hints], answer: 'page' }]);
    expect((await replay.ask(url)).informational).toEqual([hints]);
  });

  test('to HEAD has no body, whatever its Content-Length says', async () => {
    const replay = new Replay([{ method: 'HEAD', url, responseHeaders: ['Content-Length', '1234'] }]);
    const answer = await replay.ask({ method: 'HEAD', url });
    expect([answer.data.length, header(answer.headers, 'content-length')]).toEqual([0, '1234']);
  });

  test('comes at once, and after the recorded time with timing "recorded"', async () => {
    const exchanges = [{ url, answer: 'x'.repeat(64), waitMs: 60, receiveMs: 60 }];
    const began = performance.now();
    await new Replay(exchanges, { timing: 'recorded' }).ask(url);
    expect(performance.now() - began).toBeGreaterThan(115);
  });
});

describe('a recorded failure', () => {
  test('before the answer is thrown as the same failure', async () => {
    const replay = new Replay([{ url, error: { kind: 'refused', phase: 'connect', message: 'ECONNREFUSED' } }]);
    const failure = await replay.ask(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UpstreamError);
    expect((failure as UpstreamError).details).toMatchObject({ kind: 'refused', phase: 'connect', host: 'shop.test' });
  });

  test('in the middle of a body comes after the bytes that came before it', async () => {
    const error = { kind: 'reset', phase: 'response', message: 'ECONNRESET', bytesReceived: 4 } as const;
    const replay = new Replay([{ url, status: 200, answer: 'half of it', error }]);
    await expect(replay.ask(url)).rejects.toThrow(UpstreamError);
  });

  test('that was a hang hangs until the client goes away', async () => {
    const replay = new Replay([{ url, error: { kind: 'aborted', phase: 'response', message: 'client left' } }]);
    const client = new Client();
    const answer = replay.ask(url, client);
    const first = await Promise.race([answer.catch(() => 'failed'), new Promise((r) => setTimeout(r, 50, 'waiting'))]);
    expect(first).toBe('waiting');
    client.goAway();
    await expect(answer).rejects.toThrow('went away');
  });
});

describe('matching', () => {
  test('does not mind the order of query keys, but the order among repeats of one', async () => {
    const replay = new Replay([{ url: `${url}?a=1&b=2&tag=x&tag=y`, answer: 'found' }]);
    expect((await replay.ask(`${url}?tag=x&b=2&tag=y&a=1`)).text).toBe('found');
    expect((await replay.ask(`${url}?a=1&b=2&tag=y&tag=x`)).status).toBe(502);
  });

  test('does not mind JSON layout', async () => {
    const replay = new Replay([
      { method: 'POST', url, headers: json, body: '{"a":[1,{"b":"ü","c":null}],"d":1.50}', answer: 'found' },
    ]);
    const body = '{ "d": 15e-1,\n "a": [ 1, {"c":null, "b":"\\u00fc"} ] }';
    expect((await replay.ask({ method: 'POST', url, headers: json, body })).text).toBe('found');
  });

  test('does not mind the order of form fields', async () => {
    const replay = new Replay([{ method: 'POST', url, headers: form, body: 'a=1&b=%C3%BC+x', answer: 'found' }]);
    expect((await replay.ask({ method: 'POST', url, headers: form, body: 'b=%c3%bc%20x&a=1' })).text).toBe('found');
  });

  test('does not mind multipart boundaries', async () => {
    const upload = (boundary: string, content: string): { headers: string[]; body: string } => ({
      headers: ['Content-Type', `multipart/form-data; boundary=${boundary}`],
      body:
        `--${boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n${content}\r\n--${boundary}--\r\n`,
    });
    const replay = new Replay([{ method: 'POST', url, ...upload('xyz', 'data\r\n--other'), answer: 'found' }]);
    expect((await replay.ask({ method: 'POST', url, ...upload('--1234', 'data\r\n--other') })).text).toBe('found');
    expect((await replay.ask({ method: 'POST', url, ...upload('--1234', 'datA\r\n--other') })).status).toBe(502);
  });

  test('undoes a content coding of the request', async () => {
    const { gzipSync, brotliCompressSync } = await import('node:zlib');
    const replay = new Replay([
      {
        method: 'POST',
        url,
        headers: [...json, 'Content-Encoding', 'gzip'],
        body: gzipSync('{"a":1}'),
        answer: 'found',
      },
    ]);
    const headers = [...json, 'Content-Encoding', 'br'];
    expect((await replay.ask({ method: 'POST', url, headers, body: brotliCompressSync('{ "a": 1 }') })).text).toBe(
      'found',
    );
  });

  test.each([
    ['method', { method: 'PUT', url }],
    ['host', { method: 'POST', url: 'http://other.test/cart' }],
    ['port', { method: 'POST', url: 'http://shop.test:8080/cart' }],
    ['path', { method: 'POST', url: `${url}/` }],
    ['query', { method: 'POST', url: `${url}?page=2` }],
    ['number', { method: 'POST', url, body: '{"amount":20,"id":9007199254740993,"on":true}' }],
    ['large number', { method: 'POST', url, body: '{"amount":10,"id":9007199254740992,"on":true}' }],
    ['type', { method: 'POST', url, body: '{"amount":"10","id":9007199254740993,"on":true}' }],
    ['missing member', { method: 'POST', url, body: '{"amount":10,"id":9007199254740993}' }],
    ['further member', { method: 'POST', url, body: '{"amount":10,"id":9007199254740993,"on":true,"x":1}' }],
    ['missing body', { method: 'POST', url, body: '' }],
  ])('a request that differs in its %s is a miss', async (_, incoming) => {
    const body = '{"amount":10,"id":9007199254740993,"on":true}';
    const replay = new Replay([{ method: 'POST', url, headers: json, body, answer: 'never' }]);
    const answer = await replay.ask({ headers: json, body, ...incoming });
    expect(answer.status).toBe(502);
    expect(replay.replayer.misses()).toHaveLength(1);
  });

  test('knows nothing of tunnels', async () => {
    const replay = new Replay([{ url, tunnel: true, answer: 'never' }]);
    expect((await replay.ask(url)).status).toBe(502);
    expect(replay.replayer.unused()).toEqual([]);
  });
});

describe('equal requests', () => {
  const three = ['one', 'two', 'three'].map((answer) => ({ url, answer }));

  test('are answered in recorded order, and the last answer repeats', async () => {
    expect(await new Replay(three).texts(url, url, url, url, url)).toEqual(['one', 'two', 'three', 'three', 'three']);
  });

  test('begin again with "cycle"', async () => {
    const replay = new Replay(three, { exhausted: 'cycle' });
    expect(await replay.texts(url, url, url, url)).toEqual(['one', 'two', 'three', 'one']);
  });

  test('miss after the last with "error"', async () => {
    const replay = new Replay(three, { exhausted: 'error' });
    await replay.texts(url, url, url);
    expect((await replay.ask(url)).status).toBe(502);
    expect(replay.replayer.misses()[0]?.reason).toBe('recorded 3 times, and asked once more');
  });

  test('do not take the answers of others asked in between', async () => {
    const other = `${url}/other`;
    const replay = new Replay([three[0] ?? { url }, { url: other, answer: 'other' }, ...three.slice(1)]);
    expect(await replay.texts(other, url, url)).toEqual(['other', 'one', 'two']);
  });

  test('go on where a replay before them was', async () => {
    const before = new Replay(three);
    await before.texts(url, url);
    const after = new Replay(three, { served: before.replayer.served() });
    expect(await after.texts(url)).toEqual(['three']);
    expect(after.replayer.served()).toEqual([0, 1, 2]);
    expect(after.replayer.served(2)).toEqual([2]);
  });
});

describe('a miss', () => {
  test('says which recorded request is nearest and what differs', async () => {
    const replay = new Replay([
      { url: 'http://shop.test/other', answer: '' },
      { method: 'POST', url: `${url}?page=1`, headers: json, body: '{"items":[{"qty":1},{"qty":2}]}' },
    ]);
    const incoming = {
      method: 'POST',
      url: `${url}?page=2`,
      headers: json,
      body: '{"items":[{"qty":1},{"qty":3}],"new":1}',
    };
    const answer = await replay.ask(incoming);
    expect(header(answer.headers, 'X-Proxyctl-Error')).toBe('PROXYCTL_REPLAY_MISS');
    expect(answer.notes.miss).toEqual(replay.replayer.misses()[0]);
    expect(answer.json()).toMatchObject({ error: { code: 'PROXYCTL_REPLAY_MISS' } });
    expect(replay.replayer.misses()[0]).toEqual({
      index: 0,
      method: 'POST',
      url: `${url}?page=2`,
      reason: 'differs from the nearest recorded request in query page, json $.items[1].qty, json $.new',
      nearest: {
        index: 1,
        method: 'POST',
        url: `${url}?page=1`,
        differences: [
          { where: 'query page', recorded: '1', incoming: '2' },
          { where: 'json $.items[1].qty', recorded: '2', incoming: '3' },
          { where: 'json $.new', incoming: '1' },
        ],
      },
    });
  });

  test('names the path when only that was never recorded', async () => {
    const replay = new Replay([{ url: 'http://shop.test/users/1' }, { url: 'http://shop.test/items/1' }]);
    await replay.ask('http://shop.test/users/2');
    const [miss] = replay.replayer.misses();
    expect([miss?.reason, miss?.nearest?.url]).toEqual([
      'no recorded request to this path',
      'http://shop.test/users/1',
    ]);
  });

  test('on an empty recording says so, with the status asked for', async () => {
    const replay = new Replay([], { missStatus: 599 });
    expect((await replay.ask(url)).status).toBe(599);
    expect(replay.replayer.misses()[0]?.reason).toBe('the recording has no requests');
  });
});

test('recorded exchanges that nobody asked for are listed', async () => {
  const replay = new Replay([{ url }, { method: 'POST', url }]);
  await replay.ask(url);
  expect(replay.replayer.unused()).toEqual([{ index: 1, method: 'POST', url }]);
});
