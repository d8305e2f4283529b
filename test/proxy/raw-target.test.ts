import { expect, test } from 'vitest';
import { Body, type Interceptor } from '../../src/http/index.js';
import { startProxy } from '../helpers/engine.js';

test.each([1, 7, 1000])('a URL in UTF-8 reaches the chain as it was sent, in packets of %i bytes', async (size) => {
  const proxy = await startProxy({ interceptors: [() => Promise.reject(new Error('seen'))] });
  const connection = await proxy.connect();
  const asked = 'GET http://a.test/caf\xc3\xa9/\xe4\xbd\xa0?q=\xff HTTP/1.1\r\nHost: a.test\r\n\r\n';
  // What comes ahead of the first such byte is one packet with it.
  const first = asked.indexOf('\xc3') + 1;
  connection.write(asked.slice(0, first));
  for (let at = first; at < asked.length; at += size) {
    await new Promise((resolve) => setImmediate(resolve));
    connection.write(asked.slice(at, at + size));
  }
  expect((await connection.head()).status).toBe(500);
  expect(proxy.exchanges[0]?.request.target).toBe('/caf\xc3\xa9/\xe4\xbd\xa0?q=\xff');
});

test('such a URL may come after other requests on its connection, and others after it', async () => {
  const echo: Interceptor = async ({ request: { target } }) => ({
    ...{ status: 200, reason: 'OK', httpVersion: 'HTTP/1.1' },
    ...{ headers: ['Content-Length', String(target.length)], body: Body.of(Buffer.from(target, 'latin1')) },
  });
  const proxy = await startProxy({ interceptors: [echo] });
  const connection = await proxy.connect();
  for (const path of ['/1', '/\xe9', '/\xff\xfe', '/3']) {
    connection.write(`GET http://a.test${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
    expect(await connection.body(await connection.head())).toBe(path);
  }
});

test('a line whose beginning the parser has already is refused, with the reason', async () => {
  const proxy = await startProxy();
  const connection = await proxy.connect();
  connection.write('GET http://a.test/a');
  await new Promise((resolve) => setTimeout(resolve, 30));
  connection.write('\xe9 HTTP/1.1\r\nHost: a.test\r\n\r\n');
  const head = await connection.head();
  expect(head.status).toBe(400);
  expect(await connection.body(head)).toContain('Invalid char in url path');
});
