import { describe, expect, test } from 'vitest';
import { header, type RawHeaders } from '../../src/http/index.js';
import { Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

const url = 'http://shop.test/a';
const withHeader = (name: string, value: string): Incoming => ({ url, headers: [name, value] });

describe('a header that both sides send must be equal:', () => {
  test.each<[name: string, one: string, other: string, third: string]>([
    ['Api-Version', '2024-01-01', '2025-02-02', '2020-03-03'],
    ['X-Api-Version', '1', '2', '3'],
    ['Next-Action', 'f00d', 'beef', 'cafe'],
    ['HX-Request', 'true', 'false', 'maybe'],
    ['HX-Target', 'list', 'detail', 'menu'],
    ['RSC', '1', '0', '2'],
    ['Turbo-Frame', 'cart', 'menu', 'list'],
    ['X-Inertia-Version', 'abc', 'def', 'ghi'],
    ['X-Requested-With', 'XMLHttpRequest', 'fetch', 'none'],
    ['X-GraphQL-Operation-Name', 'list', 'save', 'drop'],
    ['X-Datacenter', 'eu', 'us', 'ap'],
    ['X-Page', '1', '2', '3'],
    ['Accept-Profile', 'public', 'private', 'other'],
    ['Temporal-Namespace', 'a', 'b', 'c'],
    ['Upload-Offset', '0', '100', '200'],
    ['Content-Range', 'bytes 0-9/30', 'bytes 10-19/30', 'bytes 20-29/30'],
  ])('%s', async (name, one, other, third) => {
    const recorded: Recorded[] = [
      { ...withHeader(name, one), answer: 'one' },
      { ...withHeader(name, other), answer: 'other' },
    ];
    const replay = new Replay(recorded);
    expect((await replay.ask(withHeader(name, other))).text).toBe('other');
    expect((await replay.ask(withHeader(name, one))).text).toBe('one');
    expect((await replay.ask(withHeader(name, third))).status).toBe(502);
    expect((await new Replay(recorded.slice(0, 1)).ask(withHeader(name, other))).status).toBe(502);
  });
});

test.each<[name: string, one: string, other: string]>([
  ['User-Agent', 'curl/8', 'curl/9'],
  ['Sec-Fetch-Mode', 'cors', 'navigate'],
  ['Referer', 'http://shop.test/x', 'http://shop.test/y'],
  ['traceparent', '00-1-2-01', '00-3-4-01'],
  ['X-B3-TraceId', '1', '2'],
  ['X-Request-Id', '17', '18'],
  ['x-stainless-retry-count', '0', '1'],
  ['Cache-Control', 'no-cache', 'max-age=0'],
  ['X-Retry-Attempt', '1', '2'],
  ['X-Session-Trace', '3fa85f64-5717-4562-b3fc-2c963f66afa6', '7d9f1c52-1b5e-4c0a-8f65-3f2e9d8c7b6a'],
])('what says nothing of what is wanted may differ: %s', async (name, one, other) => {
  const replay = new Replay([{ ...withHeader(name, one), answer: 'one' }]);
  expect((await replay.ask(withHeader(name, other))).text).toBe('one');
  expect((await replay.ask(url)).text).toBe('one');
});

describe('whether a header is there at all', () => {
  const recorded: Recorded[] = [
    { url, headers: ['DPoP', 'x.y.z'], answer: { token_type: 'DPoP' } },
    { url, answer: { token_type: 'Bearer' } },
  ];

  test('counts where it tells recorded answers apart', async () => {
    const replay = new Replay(recorded);
    expect((await replay.ask(url)).json()).toEqual({ token_type: 'Bearer' });
    expect((await replay.ask({ url, headers: ['DPoP', 'x.y.z'] })).json()).toEqual({ token_type: 'DPoP' });
    expect((await replay.ask(url)).json()).toEqual({ token_type: 'Bearer' });
  });

  test('does not where all were answered alike', async () => {
    const alike = recorded.map((each) => ({ ...each, answer: 'same' }));
    expect((await new Replay(alike).ask({ url, headers: ['X-Other', '1'] })).text).toBe('same');
  });
});

describe('a preflight', () => {
  const preflight = (asked: string): Incoming => ({
    ...{ method: 'OPTIONS', url },
    headers: [
      'Origin',
      'http://a.test',
      'Access-Control-Request-Method',
      'POST',
      'Access-Control-Request-Headers',
      asked,
    ],
  });
  const allowing = (asked: string, allowed: string): Recorded => ({
    ...{ ...preflight(asked), status: 204, responseHeaders: ['Access-Control-Allow-Headers', allowed] },
  });
  const allowed = async (recorded: Recorded, asked: string): Promise<string | undefined> => {
    const { status, headers } = await new Replay([recorded]).ask(preflight(asked));
    return status === 502 ? undefined : header(headers, 'access-control-allow-headers');
  };

  test('that allowed all that it was asked for allows what is asked now', async () => {
    expect(await allowed(allowing('x-a', 'X-A'), 'x-a,x-b')).toBe('X-A, x-b');
    expect(await allowed(allowing('x-a', '*'), 'x-a,x-b')).toBe('*');
    expect(await allowed(allowing('x-a', 'x-a, x-b'), 'x-b')).toBe('x-a, x-b');
  });

  test('that did not is a miss for anything else', async () => {
    expect(await allowed(allowing('x-a,x-c', 'X-A'), 'x-a,x-b')).toBeUndefined();
  });
});

test('a gRPC deadline selects, but for the moment that it takes to send it', async () => {
  const call = (timeout: string): Incoming => ({ url, headers: ['grpc-timeout', timeout] });
  const replay = new Replay([
    { ...call('4997m'), answer: 'slow' },
    { ...call('50m'), answer: 'fast' },
  ]);
  expect((await replay.ask(call('49m'))).text).toBe('fast');
  expect((await replay.ask(call('5S'))).text).toBe('slow');
  expect((await replay.ask(call('1S'))).status).toBe(502);
});

test.each<[string, RawHeaders, boolean]>([
  ['public and fresh', ['Cache-Control', 'public, max-age=3600'], true],
  ['for shared caches', ['Cache-Control', 's-maxage=60'], true],
  ['private', ['Cache-Control', 'private, max-age=3600'], false],
  ['not said', [], false],
  ['varying by cookie', ['Cache-Control', 'public, max-age=3600', 'Vary', 'Accept, Cookie'], false],
  ['one that sets a cookie', ['Cache-Control', 'public, max-age=3600', 'Set-Cookie', 'a=b'], false],
])(
  'what may be cached for all is one answer for all, whatever cookies they have: %s',
  async (_, responseHeaders, isOne) => {
    const style = (cookie: string): Incoming => ({ url: 'http://shop.test/s.css', headers: ['Cookie', cookie] });
    const set: Recorded = { url: 'http://shop.test/', responseHeaders: ['Set-Cookie', 'user=ada'] };
    const replay = new Replay([set, { ...style('user=ada'), responseHeaders, answer: 'css' }]);
    expect((await replay.ask(style('user=bob'))).status).toBe(isOne ? 200 : 502);
  },
);

test('another If-Match is another condition', async () => {
  const replay = new Replay([{ url, headers: ['If-Match', '"a"'], answer: 'read', responseHeaders: ['ETag', '"a"'] }]);
  expect((await replay.ask({ url, headers: ['If-Match', '"b"'] })).status).toBe(502);
  expect((await replay.ask({ url, headers: ['If-Match', '"a"'] })).text).toBe('read');
});
