import { describe, expect, test } from 'vitest';
import { MalformedResponse, type ResponseHead } from '../../../src/proxy/upstream/response-head.js';
import { ResponseParser } from '../../../src/proxy/upstream/response-parser.js';

interface Parsed {
  informational: ResponseHead[];
  head?: ResponseHead;
  body: string;
  /** Undefined: not complete. */
  trailers?: readonly string[];
  rest: string;
}

/** Feeds `bytes` in pieces of `size`. */
function parse(bytes: string, { method = 'GET', size = bytes.length, ended = false } = {}): Parsed {
  const parser = new ResponseParser();
  const parsed: Parsed = { informational: [], body: '', rest: '' };
  parser.begin(method, {
    informational: (head) => parsed.informational.push(head),
    head: (head) => (parsed.head = head),
    data: (data) => (parsed.body += data.toString('latin1')),
    end: (trailers) => (parsed.trailers = trailers),
  });
  const data = Buffer.from(bytes, 'latin1');
  for (let at = 0; at < data.length; at += size)
    parsed.rest += parser.execute(data.subarray(at, at + size)).toString('latin1');
  if (ended) parser.finish();
  return parsed;
}

describe.each([1, 2, 3, 7, 100_000])('in pieces of %i bytes', (size) => {
  test('a body of a given length', () => {
    const parsed = parse('HTTP/1.1 200 OK\r\nX-A: 1\r\ncontent-LENGTH: 5\r\nx-a:  2 \r\nEmpty:\r\n\r\nhello', { size });
    expect(parsed.head).toMatchObject({
      status: 200,
      reason: 'OK',
      httpVersion: 'HTTP/1.1',
      headers: ['X-A', '1', 'content-LENGTH', '5', 'x-a', '2', 'Empty', ''],
      keepAlive: true,
    });
    expect(parsed).toMatchObject({ body: 'hello', trailers: [], rest: '' });
  });

  test('a chunked body with extensions and trailers', () => {
    const parsed = parse(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;a=b\r\nhello\r\n00A \r\n, world...\r\n0\r\nX-Sum: 1\r\nx-sum:2\r\n\r\n',
      { size },
    );
    expect(parsed).toMatchObject({ body: 'hello, world...', trailers: ['X-Sum', '1', 'x-sum', '2'], rest: '' });
  });

  test('a body that only the end of the connection ends', () => {
    const text = 'HTTP/1.0 200 Fine\r\nServer: old\r\n\r\nsome text';
    expect(parse(text, { size }).body).toBe('some text');
    expect(parse(text, { size }).trailers).toBeUndefined();
    expect(parse(text, { size, ended: true })).toMatchObject({
      head: { httpVersion: 'HTTP/1.0', keepAlive: false },
      body: 'some text',
      trailers: [],
    });
  });

  test('informational responses ahead of the final one', () => {
    const parsed = parse(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
      { size },
    );
    expect(parsed.informational.map(({ status }) => status)).toEqual([100, 103]);
    expect(parsed.informational[1]?.headers).toEqual(['Link', '</a>']);
    expect(parsed).toMatchObject({ head: { status: 204 }, body: '', trailers: [] });
  });

  test('line feeds alone end lines of a head', () => {
    expect(parse('HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\nok', { size })).toMatchObject({
      head: { headers: ['A', 'b', 'Content-Length', '2'] },
      body: 'ok',
      trailers: [],
    });
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok', { size })).toMatchObject({ body: 'ok', trailers: [] });
  });

  test('what follows a 101 belongs to the new protocol', () => {
    const parsed = parse('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x81\x00raw', { size });
    expect(parsed).toMatchObject({ head: { status: 101 }, body: '', rest: '\x81\x00raw' });
  });

  test('what follows a complete response is not taken', () => {
    const parsed = parse('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200', { size });
    expect(parsed).toMatchObject({ body: 'ok', rest: 'HTTP/1.1 200' });
  });
});

test.each(['HEAD /', 'GET 204', 'GET 304'])('no body after %s, whatever its headers say', (kind) => {
  const [method = '', status = '200'] = kind.replace('/', '200').split(' ');
  for (const framing of ['Content-Length: 10', 'Transfer-Encoding: chunked', 'X: y']) {
    const parsed = parse(`HTTP/1.1 ${status} x\r\n${framing}\r\n\r\n`, { method });
    expect(parsed).toMatchObject({ body: '', trailers: [], head: { framing: 'none', keepAlive: true } });
  }
});

test.each([
  ['HTTP/1.1 keeps alive', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true, undefined],
  ['unless it says close', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: foo, Close\r\n\r\n', false, undefined],
  ['HTTP/1.0 does not', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false, undefined],
  ['unless it says so', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n', true, undefined],
  [
    'for as long as it says',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: max=5, timeout=7\r\n\r\n',
    true,
    7000,
  ],
])('persistence: %s', (_, bytes, keepAlive, keepAliveMs) => {
  expect(parse(bytes).head).toMatchObject({ keepAlive, keepAliveMs });
});

test('bytes above 0x7f in values and reasons are kept', () => {
  const parsed = parse('HTTP/1.1 200 Sch\xf6n\r\nX: caf\xc3\xa9\r\nContent-Length: 0\r\n\r\n');
  expect(parsed.head).toMatchObject({ reason: 'Sch\xf6n', headers: ['X', 'caf\xc3\xa9', 'Content-Length', '0'] });
});

test.each([
  ['no status line', 'hello\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9\r\n\r\n'],
  ['another version', 'HTTP/2 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n'],
  ['a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\n\r\n'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nabc\r\n\r\n'],
  ['a carriage return within a value', 'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n'],
  ['a zero byte within a value', 'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n'],
  ['both length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n'],
  ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n'],
  ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n'],
  ['a hexadecimal length', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n'],
  ['an absurd length', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n'],
  ['chunked that is not last', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n'],
  ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n'],
  ['an empty chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n'],
  ['a negative chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n'],
  ['a chunk size with 0x', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n'],
  ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n'],
  ['a bare line feed in chunked data', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n'],
  ['a trailer that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nfoo\r\n\r\n'],
  ['a control character in a trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: \x01\r\n\r\n'],
  ['an endless head', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(300_000)}`],
  ['an endless chunk size line', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;${'x'.repeat(5000)}`],
  ['endless trailers', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'A: b\r\n'.repeat(20_000)}`],
])('refuses %s', (_, bytes) => {
  expect(() => parse(bytes)).toThrow(MalformedResponse);
  expect(() => parse(bytes, { size: 997 })).toThrow(MalformedResponse);
});
