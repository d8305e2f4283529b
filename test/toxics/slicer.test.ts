import { expect, test } from 'vitest';
import { roundTrip, toxicLink } from '../helpers/toxic-link.js';

test('slicer cuts data into pieces and pauses after each', async () => {
  const link = await toxicLink();
  await link.add('slicer', { average_size: '100b', size_variation: '20b', delay: '10ms' });
  const sent = Buffer.from(Array.from({ length: 2000 }, (_, index) => index % 251));
  const { data, ms, pieces } = await roundTrip(await link.connect(), sent);
  expect(data.equals(sent)).toBe(true);
  expect(pieces).toBeGreaterThan(10);
  expect(ms).toBeGreaterThanOrEqual(100);
});

test('the largest variation that is allowed keeps Toxiproxy alive and the bytes whole', async () => {
  const link = await toxicLink();
  await link.add('slicer', { average_size: '2b', size_variation: '1b' });
  const sent = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 251));
  const { data } = await roundTrip(await link.connect(), sent);
  expect(data.equals(sent)).toBe(true);
  expect(await link.toxiproxy.api.version()).toBe(link.toxiproxy.version);
});
