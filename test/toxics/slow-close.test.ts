import { expect, test } from 'vitest';
import { toxicLink, untilEnd } from '../helpers/toxic-link.js';

test('slow-close passes data at once and the end later', async () => {
  const link = await toxicLink((socket) => socket.end('bye'));
  await link.add('slow-close', { delay: '200ms' });
  const start = performance.now();
  const socket = await link.connect();
  let firstByteMs = Number.POSITIVE_INFINITY;
  socket.once('data', () => (firstByteMs = performance.now() - start));
  const { data, ms, error } = await untilEnd(socket, start);
  expect(data.toString()).toBe('bye');
  expect(error).toBeUndefined();
  expect(ms).toBeGreaterThanOrEqual(190);
  expect(firstByteMs).toBeLessThan(ms - 100);
});
