import { expect, test } from 'vitest';
import { roundTrip, toxicLink, untilEnd } from '../helpers/toxic-link.js';

test('reset-peer resets a new connection when data arrives', async () => {
  const link = await toxicLink();
  await link.add('reset-peer', {}, 'upstream');
  const socket = await link.connect();
  const ended = untilEnd(socket);
  socket.write('hello');
  expect((await ended).error).toBe('ECONNRESET');
});

test('the reset comes after the time given', async () => {
  const link = await toxicLink();
  await link.add('reset-peer', { timeout: '200ms' }, 'upstream');
  const socket = await link.connect();
  const ended = untilEnd(socket);
  socket.write('hello');
  const { ms, error } = await ended;
  expect(error).toBe('ECONNRESET');
  expect(ms).toBeGreaterThanOrEqual(190);
});

test('a connection that was open before ends without a reset, as the reference says', async () => {
  const link = await toxicLink();
  const socket = await link.connect();
  await roundTrip(socket, Buffer.from('established'));
  await link.add('reset-peer', {}, 'downstream');
  const ended = untilEnd(socket);
  socket.write('hello');
  expect((await ended).error).toBeUndefined();
});
