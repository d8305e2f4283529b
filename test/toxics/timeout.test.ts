import { once } from 'node:events';
import { expect, test } from 'vitest';
import { toxicLink, untilEnd } from '../helpers/toxic-link.js';

test('timeout lets nothing through and closes after its time', async () => {
  const link = await toxicLink((socket) => socket.write('never seen'));
  await link.add('timeout', { timeout: '200ms' });
  const start = performance.now();
  const { data, ms } = await untilEnd(await link.connect(), start);
  expect(data.length).toBe(0);
  expect(ms).toBeGreaterThanOrEqual(190);
});

test('timeout 0 holds the connection open until the toxic is removed, which closes it', async () => {
  const link = await toxicLink();
  const socket = await link.connect();
  await link.add('timeout', { timeout: '0' });
  const ended = untilEnd(socket);
  socket.write('lost');
  await expect(once(socket, 'close', { signal: AbortSignal.timeout(300) })).rejects.toThrow('aborted');
  await link.remove('timeout');
  expect((await ended).data.length).toBe(0);
});
