import { expect, test } from 'vitest';
import { roundTrip, toxicLink } from '../helpers/toxic-link.js';

test('bandwidth limits a connection to its rate', async () => {
  const link = await toxicLink();
  await link.add('bandwidth', { rate: '200kb' });
  const { data, ms } = await roundTrip(await link.connect(), Buffer.alloc(100_000, 'x'));
  expect(data.length).toBe(100_000);
  expect(ms).toBeGreaterThanOrEqual(450); // 100 kB at 200 kB/s, less the timer's own grain
});

test('each connection has the rate for itself, as the reference says', async () => {
  const link = await toxicLink();
  await link.add('bandwidth', { rate: '200kb' });
  const sockets = await Promise.all([link.connect(), link.connect(), link.connect(), link.connect()]);
  const start = performance.now();
  await Promise.all(sockets.map((socket) => roundTrip(socket, Buffer.alloc(100_000, 'x'))));
  expect(performance.now() - start).toBeLessThan(4 * 450); // one after the other would take 2 s
});
