import { expect, test } from 'vitest';
import { Body, type HttpRequest } from '../../../src/http/index.js';
import { requestHead } from '../../../src/proxy/upstream/request-head.js';

function request(headers: string[], changes: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    scheme: 'http',
    host: 'a.test',
    port: 80,
    target: '/p%C3%A4th?q=\xe4',
    httpVersion: 'HTTP/1.1',
    headers,
    body: Body.empty(),
    ...changes,
  };
}

function fields(headers: string[], changes?: Partial<HttpRequest>): string[] {
  return requestHead(request(headers, changes)).text.split('\r\n').slice(1, -2);
}

test('order, case and duplicates are the client’s', () => {
  const head = requestHead(request(['hOsT', 'a.test', 'X-B', '1', 'accept', '*/*', 'X-b', '', 'X-B', '1']));
  expect(head.text).toBe(
    'GET /p%C3%A4th?q=\xe4 HTTP/1.1\r\nhOsT: a.test\r\nX-B: 1\r\naccept: */*\r\nX-b: \r\nX-B: 1\r\n\r\n',
  );
  expect(head).toMatchObject({ chunked: false, upgrade: false, expectContinue: false });
});

test('what concerned the client’s connection goes, and Connection keeps its place', () => {
  const headers = [
    ...['Host', 'a.test', 'Connection', 'close, X-Mine', 'Keep-Alive', 'timeout=5', 'Proxy-Connection', 'keep-alive'],
    ...[
      'Proxy-Authorization',
      'Basic eA==',
      'X-Mine',
      '1',
      'Upgrade',
      'h2c',
      'HTTP2-Settings',
      'AAA',
      'TE',
      'gzip',
      'Last',
      'x',
    ],
  ];
  expect(fields(headers)).toEqual(['Host: a.test', 'Connection: keep-alive', 'Last: x']);
});

test('TE: trailers goes on, with the Connection option that it needs', () => {
  expect(fields(['Host', 'a.test', 'TE', 'trailers', 'Connection', 'TE'])).toEqual([
    'Host: a.test',
    'TE: trailers',
    'Connection: keep-alive, TE',
  ]);
});

test('a request to change the protocol keeps its fields', () => {
  const headers = [
    'Host',
    'a.test',
    'Connection',
    'keep-alive, Upgrade',
    'Upgrade',
    'websocket',
    'Sec-WebSocket-Key',
    'x',
  ];
  expect(requestHead(request(headers)).upgrade).toBe(true);
  expect(fields(headers)).toEqual([
    'Host: a.test',
    'Connection: keep-alive, Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: x',
  ]);
});

test('Connection cannot take away what the message needs', () => {
  const headers = [
    'Host',
    'a.test',
    'Connection',
    'host, content-length, cookie',
    'Cookie',
    'a=b',
    'Content-Length',
    '2',
  ];
  expect(fields(headers, { method: 'POST', body: Body.of('ok') })).toEqual([
    'Host: a.test',
    'Connection: keep-alive',
    'Cookie: a=b',
    'Content-Length: 2',
  ]);
});

test('the framing follows a body that was changed on the way', () => {
  const post = (headers: string[], body: Body) =>
    fields(['Host', 'a.test', ...headers], { method: 'POST', body }).slice(1);
  expect(post(['Content-Length', '99', 'X', 'y'], Body.of('ok'))).toEqual(['Content-Length: 2', 'X: y']);
  expect(post([], Body.of('ok'))).toEqual(['Content-Length: 2']);
  expect(post(['Content-Length', '0'], Body.empty())).toEqual(['Content-Length: 0']);
  expect(post([], Body.empty())).toEqual([]);
  expect(post(['Content-Length', '5'], unknownLength())).toEqual(['Transfer-Encoding: chunked']);
  expect(post(['Transfer-Encoding', 'gzip, chunked', 'Content-Length', '2'], Body.of('ok'))).toEqual([
    'Transfer-Encoding: gzip, chunked',
  ]);
});

test('a value with a line break is refused, since it would be two headers', () => {
  expect(() => requestHead(request(['Host', 'a.test', 'X', 'a\r\nEvil: 1']))).toThrow(/header X holds a line break/);
});

function unknownLength(): Body {
  return new Body({ pipe: () => undefined });
}
