import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { header, type RawHeaders } from '../../src/http/index.js';
import { Replay, type Recorded } from '../helpers/replaying.js';

const url = 'http://shop.test/me';

describe('who asks', () => {
  test('two users get each their own answers, in any order', async () => {
    const as = (token: string): { url: string; headers: string[] } => ({
      url,
      headers: ['Authorization', `Bearer ${token}`],
    });
    const replay = new Replay([
      { ...as('tok-ada'), answer: 'ada 1' },
      { ...as('tok-bob'), answer: 'bob 1' },
      { ...as('tok-ada'), answer: 'ada 2' },
      { url, status: 401, answer: 'login' },
    ]);
    expect(await replay.texts(as('tok-bob'), url, as('tok-ada'), as('tok-bob'), as('tok-ada'))).toEqual([
      ...['bob 1', 'login', 'ada 1', 'bob 1', 'ada 2'],
    ]);
    expect((await replay.ask(as('tok-eve'))).status).toBe(502);
  });

  test('a session cookie selects; visitor counters and cookies that no server set need not be there', async () => {
    const replay = new Replay([
      { url: 'http://shop.test/login', responseHeaders: ['Set-Cookie', 'sid=abc; Path=/'] },
      { url, headers: ['Cookie', 'sid=abc; _ga=GA1.2.3; theme=dark'], answer: 'hello' },
    ]);
    await replay.ask('http://shop.test/login');
    expect((await replay.ask({ url, headers: ['Cookie', '_ga=GA1.9.9; sid=abc'] })).text).toBe('hello');
    expect((await replay.ask({ url, headers: ['Cookie', 'sid=xyz; theme=dark'] })).status).toBe(502);
    expect((await replay.ask({ url, headers: ['Cookie', 'theme=dark'] })).status).toBe(502);
    expect((await replay.ask({ url, headers: ['Cookie', 'sid=abc; theme=light'] })).status).toBe(502);
  });

  test('of a key and a signature, the key selects', async () => {
    const signed = (key: string, signature: string): { url: string; headers: string[] } => ({
      url,
      headers: ['Authorization', `SharedKey ${key}:${signature}`],
    });
    const replay = new Replay([{ ...signed('shop', 'u3NmE/OtOcUBPtW4JdZTdC9F5sQ='), answer: 'found' }]);
    expect((await replay.ask(signed('shop', 'd2IxcRvuy+s+CdOgbxLQx788Ivo='))).text).toBe('found');
    expect((await replay.ask(signed('eve', 'd2IxcRvuy+s+CdOgbxLQx788Ivo='))).status).toBe(502);
  });

  test('how often a nonce of Digest was used does not count, the user does', async () => {
    const digest = (user: string, count: string, response: string): { url: string; headers: string[] } => ({
      url,
      headers: [
        'Authorization',
        `Digest username="${user}", realm="r", nonce="5f1d7e2a9c3b4d6e", uri="/me", nc=${count}, cnonce="${response}", response="${response}"`,
      ],
    });
    const replay = new Replay([{ ...digest('ada', '00000001', '0cc175b9c0f1b6a831c399e269772661'), answer: 'found' }]);
    expect((await replay.ask(digest('ada', '00000003', '92eb5ffee6ae2fec3ad71c777531578f'))).text).toBe('found');
    expect((await replay.ask(digest('eve', '00000003', '92eb5ffee6ae2fec3ad71c777531578f'))).status).toBe(502);
  });

  test.each(['X-Api-Key', 'X-Tenant-Id', 'X-User-Id', 'SOAPAction', 'X-Locale', 'Accept-Language'])(
    '%s selects',
    async (name) => {
      const replay = new Replay([{ url, headers: [name, 'one'], answer: 'never' }]);
      expect((await replay.ask({ url, headers: [name, 'two'] })).status).toBe(502);
    },
  );

  test.each([
    'User-Agent',
    'X-Request-Id',
    'traceparent',
    'sw8',
    'x-datadog-trace-id',
    'X-B3-TraceId',
    'Referer',
    'DNT',
  ])('%s does not select', async (name) => {
    const replay = new Replay([{ url, headers: [name, 'one'], answer: 'found' }]);
    expect((await replay.ask({ url, headers: [name, 'two'] })).text).toBe('found');
  });

  test('what Vary names selects', async () => {
    const replay = new Replay([
      { url, headers: ['X-Shape', 'round'], responseHeaders: ['Vary', 'Accept-Encoding, X-Shape'] },
    ]);
    expect((await replay.ask({ url, headers: ['X-Shape', 'square'] })).status).toBe(502);
    expect((await replay.ask({ url, headers: ['X-Shape', 'round'] })).status).toBe(200);
  });

  test('a header that was recorded with different values goes with its own answer', async () => {
    const replay = new Replay([
      { url, headers: ['X-Mode', 'a'], answer: 'A' },
      { url, headers: ['X-Mode', 'b'], answer: 'B' },
    ]);
    expect(await replay.texts({ url, headers: ['X-Mode', 'b'] }, { url, headers: ['X-Mode', 'a'] })).toEqual([
      'B',
      'A',
    ]);
  });
});

describe('Accept', () => {
  const recorded = { url, headers: ['Accept', 'application/json'], answer: { a: 1 } };

  test.each(['application/json, text/plain, */*', 'application/json;q=0.9,*/*;q=0.1', '*/*'])(
    '%s takes JSON',
    async (value) => {
      expect((await new Replay([recorded]).ask({ url, headers: ['Accept', value] })).status).toBe(200);
    },
  );

  test.each(['text/csv', 'application/xml, application/json;q=0.5', 'text/*', 'application/json;q=0'])(
    '%s asks for something else',
    async (value) => {
      expect((await new Replay([recorded]).ask({ url, headers: ['Accept', value] })).status).toBe(502);
    },
  );
});

describe('Accept-Encoding', () => {
  test('that does not take the recorded coding gets the body without it', async () => {
    const responseHeaders = ['Content-Type', 'text/plain', 'Content-Encoding', 'gzip', 'Content-Length', '99'];
    const replay = new Replay([
      { url, headers: ['Accept-Encoding', 'gzip'], answer: gzipSync('zipped'), responseHeaders },
    ]);
    const answer = await replay.ask({ url, headers: ['Accept-Encoding', 'br'] });
    expect([answer.text, header(answer.headers, 'content-encoding')]).toEqual(['zipped', undefined]);
    expect(header(answer.headers, 'content-length')).toBe('6');
  });
});

describe('conditions and ranges', () => {
  const whole = {
    url,
    answer: '0123456789',
    responseHeaders: ['ETag', '"v1"', 'Last-Modified', 'Wed, 18 Nov 2026 10:00:00 GMT'],
  };

  test('a recorded whole answers a client that has it with 304, and one that has another with the whole', async () => {
    const replay = new Replay([whole], { dates: 'off' });
    const fresh = await replay.ask({ url, headers: ['If-None-Match', 'W/"v1"'] });
    expect([fresh.status, fresh.text, header(fresh.headers, 'etag')]).toEqual([304, '', '"v1"']);
    const since = ['If-Modified-Since', 'Thu, 19 Nov 2026 10:00:00 GMT'];
    expect((await replay.ask({ url, headers: since })).status).toBe(304);
    expect((await replay.ask({ url, headers: ['If-None-Match', '"v2"'] })).text).toBe('0123456789');
  });

  test('a recorded 304 answers nobody who has nothing', async () => {
    const replay = new Replay([{ url, headers: ['If-None-Match', '"v1"'], status: 304 }]);
    expect((await replay.ask(url)).status).toBe(502);
    expect((await replay.ask({ url, headers: ['If-None-Match', '"v1"'] })).status).toBe(304);
  });

  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
  ])('the range %s of a recorded whole', async (range, status, text, contentRange) => {
    const answer = await new Replay([whole]).ask({ url, headers: ['Range', range] });
    expect([answer.status, answer.text, header(answer.headers, 'content-range')]).toEqual([status, text, contentRange]);
  });

  describe('of a recorded part', () => {
    const part = (asked: string, text: string, contentRange: string, more: RawHeaders = []): Recorded => ({
      ...{ url, headers: ['Range', asked], status: 206, answer: text },
      responseHeaders: ['Content-Range', contentRange, 'ETag', '"v1"', ...more],
    });
    const whole = part('bytes=0-', '0123456789', 'bytes 0-9/10');
    const middle = part('bytes=2-6', '23456', 'bytes 2-6/10');
    const unknown = part('bytes=2-6', '23456', 'bytes 2-6/*');

    test.each<[string, Recorded, string | undefined, number, string, string | undefined]>([
      ['its beginning', whole, 'bytes=0-3', 206, '0123', 'bytes 0-3/10'],
      ['its middle', whole, 'bytes=4-5', 206, '45', 'bytes 4-5/10'],
      ['what is left of it', whole, 'bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['its end', whole, 'bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['more than there is', whole, 'bytes=8-99', 206, '89', 'bytes 8-9/10'],
      ['what is behind its end', whole, 'bytes=10-', 416, '', 'bytes */10'],
      ['all of it', whole, undefined, 200, '0123456789', undefined],
      ['a part of a part', middle, 'bytes=3-4', 206, '34', 'bytes 3-4/10'],
      ['a part that ends with it', middle, 'bytes=4-6', 206, '456', 'bytes 4-6/10'],
      ['what is behind the end of the whole', middle, 'bytes=12-', 416, '', 'bytes */10'],
      ['a part where the length is unknown', unknown, 'bytes=3-4', 206, '34', 'bytes 3-4/*'],
    ])('%s', async (_, recorded, range, status, text, contentRange) => {
      for (const timing of ['fast', 'recorded'] as const) {
        const replay = new Replay([{ ...recorded, receiveMs: 1 }], { timing });
        const answer = await replay.ask({ url, headers: range === undefined ? [] : ['Range', range] });
        expect([answer.status, answer.text, header(answer.headers, 'content-range')]).toEqual([
          status,
          text,
          contentRange,
        ]);
      }
    });

    test.each<[string, Recorded, RawHeaders]>([
      ['what it does not hold', middle, ['Range', 'bytes=3-7']],
      ['what stands before it', middle, ['Range', 'bytes=0-3']],
      ['the whole', middle, []],
      ['the end of the whole', middle, ['Range', 'bytes=-2']],
      ['what may be behind it', unknown, ['Range', 'bytes=8-']],
      ['several parts', whole, ['Range', 'bytes=0-1,4-5']],
      ['lines', whole, ['Range', 'lines=0-1']],
      ['another version of it', middle, ['Range', 'bytes=3-4', 'If-Range', '"v2"']],
      [
        'a part that broke off',
        { ...whole, error: { kind: 'reset', phase: 'response', message: 'x', bytesReceived: 5 } },
        ['Range', 'bytes=7-8'],
      ],
    ])('is a miss: %s', async (_, recorded, headers) => {
      expect((await new Replay([recorded]).ask({ url, headers })).status).toBe(502);
    });

    test('is given by the one of several that holds it', async () => {
      const replay = new Replay([
        part('bytes=0-4', '01234', 'bytes 0-4/10'),
        part('bytes=5-9', '56789', 'bytes 5-9/10'),
      ]);
      expect((await replay.ask({ url, headers: ['Range', 'bytes=6-7'] })).text).toBe('67');
      expect((await replay.ask({ url, headers: ['Range', 'bytes=0-0'] })).text).toBe('0');
    });
  });

  test('a range under another version is given the whole', async () => {
    const headers = ['Range', 'bytes=2-4', 'If-Range', '"v0"'];
    expect((await new Replay([whole]).ask({ url, headers })).status).toBe(200);
  });

  test.each([
    ['a range', ['Range', 'bytes=2-4']],
    ['a condition that held', ['If-None-Match', '"v1"']],
  ])('a server that was asked for %s and gave the whole does so again', async (_what, headers) => {
    const answer = await new Replay([{ ...whole, headers }]).ask({ url, headers });
    expect([answer.status, answer.text]).toEqual([200, '0123456789']);
  });

  test('recorded ranges go with what asked for them', async () => {
    const ranges = ['bytes=0-1', 'bytes=2-3'];
    const replay = new Replay(ranges.map((range) => ({ url, headers: ['Range', range], status: 206, answer: range })));
    expect(await replay.texts(...ranges.toReversed().map((range) => ({ url, headers: ['Range', range] })))).toEqual(
      ranges.toReversed(),
    );
    expect((await replay.ask({ url, headers: ['Range', 'bytes=4-5'] })).status).toBe(502);
  });
});
