import { expect, test } from 'vitest';
import { roundTrip, toxicLink } from '../helpers/toxic-link.js';

test('latency delays a response by at least its mean', async () => {
  const link = await toxicLink();
  const socket = await link.connect();
  await link.add('latency', { latency: '150ms' });
  const { data, ms } = await roundTrip(socket, Buffer.from('hello'));
  expect(data.toString()).toBe('hello');
  expect(ms).toBeGreaterThanOrEqual(149);
});

test('with jitter the delay is at least the mean less the jitter', async () => {
  const link = await toxicLink();
  await link.add('latency', { latency: '100ms', jitter: '50ms' });
  const socket = await link.connect();
  for (let turn = 0; turn < 3; turn += 1) {
    expect((await roundTrip(socket, Buffer.from('hello'))).ms).toBeGreaterThanOrEqual(49);
  }
});

test('a large answer is late as a whole, and not for each of its chunks', async () => {
  const link = await toxicLink();
  await link.add('latency', { latency: '200ms' });
  const socket = await link.connect();
  const { data, ms } = await roundTrip(socket, Buffer.alloc(2_000_000, 'x'));
  expect(data.length).toBe(2_000_000);
  expect(ms).toBeGreaterThanOrEqual(199);
  expect(ms).toBeLessThan((2_000_000 / 65_536) * 200); // what one delay for each 64 KiB would take
});
