import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startProxy } from '../helpers/engine.js';
import { Origin } from '../helpers/origin.js';

async function client(port: number, origin: Origin): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(`GET ${origin.httpUrl('/json')} HTTP/1.1\r\nHost: 127.0.0.1:${origin.httpPort}\r\n\r\n`);
  return socket;
}

async function start(admit: (socket: Socket) => 'reset' | { delayMs: number } | undefined) {
  const origin = await Origin.start();
  const proxy = await startProxy({ admit });
  onTestFinished(() => origin[Symbol.asyncDispose]());
  return { origin, proxy };
}

test('a connection that is held is served later, whole, and its requests are asked for nothing more', async () => {
  let asked = 0;
  const { origin, proxy } = await start(() => ((asked += 1), { delayMs: 300 }));
  onTestFinished(() => proxy.close());
  const begun = performance.now();
  const socket = await client(proxy.port, origin);
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
  expect(data.toString()).toMatch(/^HTTP\/1\.1 200 /);
  expect(asked).toBe(1);
});

test('a connection that is reset sees a reset', async () => {
  const { origin, proxy } = await start(() => 'reset');
  onTestFinished(() => proxy.close());
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  expect(origin.connections).toBe(0);
});

test('a listener that closes takes along the connections that it holds', async () => {
  let held = (): void => undefined;
  const isHeld = new Promise<void>((resolve) => (held = resolve));
  const { origin, proxy } = await start(() => (held(), { delayMs: 3_600_000 }));
  const socket = await client(proxy.port, origin);
  socket.on('error', () => undefined);
  await isHeld;
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  await proxy.close();
  await closed;
});
