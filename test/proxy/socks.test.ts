import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startProxy, testAuthority, type TestProxy, type TestProxyOptions } from '../helpers/engine.js';
import { Origin } from '../helpers/origin.js';
import { RawConnection } from '../helpers/raw-connection.js';
import { RawServer } from '../helpers/raw-server.js';

const greeting = Buffer.of(5, 1, 0);
const granted = Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);

function asking(address: Buffer, port: number, command = 1): Buffer {
  return Buffer.concat([Buffer.of(5, command, 0), address, Buffer.of(port >> 8, port & 255)]);
}

const named = (name: string): Buffer => Buffer.concat([Buffer.of(3, name.length), Buffer.from(name, 'latin1')]);

/** A connection on which SOCKS was asked for a tunnel, and the number that came back. */
async function socks(proxy: TestProxy, address: Buffer, port: number): Promise<[RawConnection, number | undefined]> {
  const connection = await proxy.connect();
  connection.write(greeting);
  expect(await connection.bytes(2)).toEqual(Buffer.of(5, 0));
  connection.write(asking(address, port));
  return [connection, (await connection.bytes(10))[1]];
}

async function withOrigin(options: TestProxyOptions = {}): Promise<{ origin: Origin; proxy: TestProxy }> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return { origin, proxy: await startProxy({ upstream: { upstreamCa: [origin.ca] }, ...options }) };
}

test.each([
  ['a name', named('localhost'), 'localhost'],
  ['an IPv4 address', Buffer.of(1, 127, 0, 0, 1), '127.0.0.1'],
  ['an IPv6 address', Buffer.concat([Buffer.of(4), Buffer.alloc(15), Buffer.of(1)]), '::1'],
  ['an IPv6 address as a name', named('::1'), '::1'],
])('a request in a tunnel to %s is an exchange like any other', async (_, address, host) => {
  const server = await RawServer.start(
    async (connection) => {
      await connection.head();
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    },
    { host },
  );
  const proxy = await startProxy();
  const [connection, reply] = await socks(proxy, address, server.port);
  expect(reply).toBe(0);
  connection.write(`GET /a HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect((await connection.head()).status).toBe(200);
  expect(await connection.text('hi')).toBe('hi');
  expect(proxy.exchanges.map(({ request }) => [request.host, request.port])).toEqual([[host, server.port]]);
});

test('TLS within it is intercepted', async () => {
  const { origin, proxy } = await withOrigin();
  const [connection] = await socks(proxy, named('localhost'), origin.httpsPort);
  connection.socket.removeAllListeners('data').removeAllListeners('end');
  const { certPem } = await testAuthority();
  const tls = connectTls({ socket: connection.socket, ca: certPem, servername: 'localhost' });
  await once(tls, 'secureConnect');
  const inside = new RawConnection(tls);
  inside.write('GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect((await inside.head()).status).toBe(200);
  expect(proxy.exchanges[0]?.request.scheme).toBe('https');
});

test('it may come byte by byte, and all at once with what follows', async () => {
  const { origin, proxy } = await withOrigin();
  const whole = Buffer.concat([
    greeting,
    asking(named('localhost'), origin.httpPort),
    Buffer.from('GET /json HTTP/1.1\r\nHost: x\r\n\r\n'),
  ]);
  const atOnce = await proxy.connect();
  atOnce.write(whole);
  expect(await atOnce.bytes(12)).toEqual(Buffer.concat([Buffer.of(5, 0), granted]));
  expect((await atOnce.head()).status).toBe(200);
  const inBytes = await proxy.connect();
  for (const byte of whole) {
    inBytes.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await inBytes.bytes(12)).toEqual(Buffer.concat([Buffer.of(5, 0), granted]));
  expect((await inBytes.head()).status).toBe(200);
});

test('a client that insists on a password has it taken, whatever it is', async () => {
  const { origin, proxy } = await withOrigin();
  const connection = await proxy.connect();
  connection.write(Buffer.of(5, 2, 1, 2));
  expect(await connection.bytes(2)).toEqual(Buffer.of(5, 2));
  connection.write(Buffer.concat([Buffer.of(1, 2), Buffer.from('me'), Buffer.of(3), Buffer.from('pwd')]));
  expect(await connection.bytes(2)).toEqual(Buffer.of(1, 0));
  connection.write(asking(named('localhost'), origin.httpPort));
  expect(await connection.bytes(10)).toEqual(granted);
});

test('a server that speaks first is heard', async () => {
  const server = await RawServer.start((connection) => Promise.resolve(connection.write('220 ready\r\n')));
  const proxy = await startProxy();
  const [connection, reply] = await socks(proxy, Buffer.of(1, 127, 0, 0, 1), server.port);
  expect(reply).toBe(0);
  expect(await connection.text('220 ready\r\n')).toBe('220 ready\r\n');
});

describe('what cannot be had has its number, and its words for the session', () => {
  const passthrough = { session: { interception: () => ({ passthrough: 'configured' }) } };

  test('a refused port', async () => {
    const proxy = await startProxy(passthrough);
    const [connection, reply] = await socks(proxy, named('localhost'), 1);
    expect(reply).toBe(5);
    expect(await connection.rest()).toHaveLength(0);
  });

  test('an unknown name', async () => {
    const proxy = await startProxy(passthrough);
    expect((await socks(proxy, named('nowhere.invalid'), 443))[1]).toBe(4);
    expect(proxy.warnings[0]?.message).toContain('nowhere.invalid');
  });

  test('the proxy itself', async () => {
    const proxy = await startProxy();
    expect((await socks(proxy, named('localhost'), proxy.port))[1]).toBe(2);
    expect(proxy.warnings[0]?.message).toContain('loop');
  });

  test('what no name can be', async () => {
    const proxy = await startProxy();
    expect((await socks(proxy, named('a b/c'), 80))[1]).toBe(1);
  });

  test.each([
    ['BIND', asking(named('localhost'), 80, 2), 7],
    ['UDP', asking(named('localhost'), 80, 3), 7],
    ['an unknown type of address', asking(Buffer.of(9, 1, 1), 80), 8],
  ])('%s', async (_, request, number) => {
    const proxy = await startProxy();
    const connection = await proxy.connect();
    connection.write(Buffer.concat([greeting, request]));
    expect((await connection.bytes(12))[3]).toBe(number);
    expect(await connection.rest()).toHaveLength(0);
  });

  test('a way to log in that is not known', async () => {
    const proxy = await startProxy();
    const connection = await proxy.connect();
    connection.write(Buffer.of(5, 1, 1));
    expect(await connection.rest()).toEqual(Buffer.of(5, 0xff));
  });
});

test('after a request of HTTP, and within a tunnel, it is a malformed request', async () => {
  const { origin, proxy } = await withOrigin();
  const connection = await proxy.connect();
  connection.write(`GET http://localhost:${origin.httpPort}/json HTTP/1.1\r\nHost: x\r\n\r\n`);
  await connection.body(await connection.head());
  connection.write(greeting);
  expect((await connection.head()).status).toBe(400);
});

test('a client that goes away in the middle leaves nothing', async () => {
  const proxy = await startProxy();
  const connection = await proxy.connect();
  connection.write(Buffer.of(5, 3));
  connection.socket.end();
  expect(await connection.closed).toBeUndefined();
  expect(proxy.troubles).toEqual([]);
});
