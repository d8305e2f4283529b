import { expect, test } from 'vitest';
import { roundTrip, toxicLink, untilEnd } from '../helpers/toxic-link.js';

test('limit-data passes so many bytes and closes', async () => {
  const link = await toxicLink((socket) => socket.write(Buffer.alloc(50_000, 'x')));
  await link.add('limit-data', { bytes: '1500b' });
  const { data } = await untilEnd(await link.connect());
  expect(data.length).toBe(1500);
});

test('on an open connection the bytes count from when it was added', async () => {
  const link = await toxicLink();
  const socket = await link.connect();
  await roundTrip(socket, Buffer.alloc(1000, 'x'));
  await link.add('limit-data', { bytes: '10b' });
  const ended = untilEnd(socket);
  socket.write(Buffer.alloc(100, 'y'));
  expect((await ended).data.toString()).toBe('y'.repeat(10));
});
