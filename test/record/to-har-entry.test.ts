import { createHash, randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ExchangeRecord } from '../../src/record/exchange-record.js';
import { toHarEntry } from '../../src/record/to-har-entry.js';

const record: ExchangeRecord = {
  id: 'exchange-7',
  index: 7,
  sessionId: 'session-1',
  startedAt: Date.UTC(2026, 10, 21, 3, 4, 5) + 678.25,
  timings: {},
  request: {
    method: 'GET',
    url: 'https://api.example.com/search?q=a+b&q=%C3%A9&empty=&flag&bad=%zz',
    httpVersion: 'HTTP/1.1',
    headers: ['Host', 'api.example.com', 'Cookie', 'a=1; b="two=2"; c'],
  },
  response: {
    status: 302,
    reason: 'Found',
    httpVersion: 'HTTP/1.1',
    headers: [
      'Location',
      '/login',
      'Set-Cookie',
      'sid=abc=; Path=/; Domain=example.com; Expires=Sat, 21 Nov 2026 04:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
      'set-cookie',
      'old=; Expires=0',
    ],
  },
};

test('query and cookies are taken apart, a broken escape stands as it was sent', () => {
  const { request, response } = toHarEntry(record);
  expect(request.queryString).toEqual([
    { name: 'q', value: 'a b' },
    { name: 'q', value: 'é' },
    { name: 'empty', value: '' },
    { name: 'flag', value: '' },
    { name: 'bad', value: '%zz' },
  ]);
  expect(request.cookies).toEqual([
    { name: 'a', value: '1' },
    { name: 'b', value: '"two=2"' },
    { name: 'c', value: '' },
  ]);
  expect(response.cookies[0]).toEqual({
    name: 'sid',
    value: 'abc=',
    path: '/',
    domain: 'example.com',
    expires: '2026-11-21T04:00:00.000Z',
    httpOnly: true,
    secure: true,
    sameSite: 'Lax',
  });
  expect(response.redirectURL).toBe('/login');
});

test('the phases follow HAR: ssl lies within connect, and time is their sum without it', () => {
  const timings = {
    blockedUntil: 1,
    dnsStart: 1,
    dnsEnd: 3,
    connectStart: 3,
    connectEnd: 7,
    tlsStart: 7,
    tlsEnd: 15,
    requestSent: 16,
    responseStart: 48,
    responseEnd: 112,
  };
  const entry = toHarEntry({ ...record, timings });
  expect(entry.timings).toEqual({ blocked: 1, dns: 2, connect: 12, ssl: 8, send: 1, wait: 32, receive: 64 });
  expect(entry.time).toBe(112);
  expect(entry._proxyctl?.timings).toEqual(timings);
});

test('a reused connection has no dns, connect and ssl; an answer that came before the request was over has no wait', () => {
  const timings = { blockedUntil: 0.5, requestSent: 50, responseStart: 20, responseEnd: 60 };
  expect(toHarEntry({ ...record, timings }).timings).toEqual({
    blocked: 0.5,
    dns: -1,
    connect: -1,
    ssl: -1,
    send: 49.5,
    wait: 0,
    receive: 40,
  });
});

test('an exchange without a response has status 0 and says why', () => {
  const error = { kind: 'refused' as const, phase: 'connect' as const, message: 'api.example.com:443 refused' };
  const entry = toHarEntry({ ...record, response: undefined, error });
  expect(entry.response).toMatchObject({ status: 0, headers: [], content: { size: 0 } });
  expect(entry._error).toBe('api.example.com:443 refused');
  expect(entry._proxyctl?.error).toEqual(error);
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['identity', (data: Buffer) => data],
])('a body in %s is told by its decoded length and text, and kept by the hash of its wire bytes', (coding, encode) => {
  const plain = Buffer.from('{"name":"größe"}'.repeat(20));
  const { content, bodySize } = entryWith(encode(plain), ['Content-Encoding', coding]);
  expect(content).toMatchObject({ size: plain.length, text: plain.toString() });
  expect(bodySize).toBe(encode(plain).length);
  expect(content._sha256).toBe(createHash('sha256').update(encode(plain)).digest('hex'));
});

test('what cannot be decoded has its wire length, no text, and says why', () => {
  const { content } = entryWith(Buffer.from('not zstd'), ['Content-Encoding', 'zstd']);
  expect(content).toMatchObject({ size: 8, comment: expect.stringContaining('(zstd) could not be undone') as string });
  expect(content).not.toHaveProperty('text');
  expect(entryWith(gzipSync('cut').subarray(0, 12), ['Content-Encoding', 'gzip']).content.size).toBe(12);
});

test('a small body that unpacks into a large one is not unpacked into the HAR', () => {
  const plain = Buffer.alloc(1024 * 1024, 'x');
  const { content } = entryWith(gzipSync(plain), ['Content-Encoding', 'gzip']);
  expect(content.size).toBe(plain.length);
  expect(content).not.toHaveProperty('text');
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  expect(entryWith(bomb, ['Content-Encoding', 'gzip']).content).toMatchObject({ size: bomb.length });
});

test('what is not UTF-8 stands in base64', () => {
  const data = Buffer.concat([Buffer.from([0xff, 0x00]), randomBytes(100)]);
  expect(entryWith(data, []).content).toMatchObject({ encoding: 'base64', text: data.toString('base64') });
  const bom = Buffer.from('\ufeff{"a":1}');
  expect(Buffer.from(entryWith(bom, []).content.text ?? '', 'utf8').equals(bom)).toBe(true);
});

test('a request body stands as it was sent', () => {
  const bytes = Buffer.from('a=1&b=2');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const request = { ...record.request, headers: ['Content-Type', 'application/x-www-form-urlencoded'] };
  const entry = toHarEntry({ ...record, request }, { request: { sha256, size: 7, bytes } });
  expect(entry.request.postData).toMatchObject({
    mimeType: 'application/x-www-form-urlencoded',
    text: 'a=1&b=2',
    _sha256: sha256,
  });
});

function entryWith(wire: Buffer, headers: string[]) {
  const body = { size: wire.length, at: 'inline' as const };
  const response = { status: 200, reason: 'OK', httpVersion: 'HTTP/1.1' as const, headers, body };
  const sha256 = createHash('sha256').update(wire).digest('hex');
  return toHarEntry({ ...record, response }, { response: { sha256, size: wire.length, bytes: wire } }).response;
}
