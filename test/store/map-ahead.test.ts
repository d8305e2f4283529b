import { expect, test } from 'vitest';
import { mapAhead } from '../../src/store/map-ahead.js';

test('works on some items at once, and hands on what comes of them in their order', async () => {
  let [running, most] = [0, 0];
  const later: (() => void)[] = [];
  const results: number[] = [];
  for await (const result of mapAhead([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++running);
    if (later.length < 2) await new Promise<void>((resolve) => later.push(resolve));
    else for (const resolve of later.splice(0).reverse()) resolve(); // the last one first
    running -= 1;
    return item * 10;
  })) {
    results.push(result);
    if (results.length >= 6) for (const resolve of later.splice(0)) resolve();
  }
  expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
});

test('throws a failure when its turn comes, and not before', async () => {
  const results: number[] = [];
  const all = async (): Promise<void> => {
    for await (const result of mapAhead([1, 2, 3, 4], 4, (item) =>
      item === 3 ? Promise.reject(new Error('third')) : Promise.resolve(item),
    ))
      results.push(result);
  };
  await expect(all()).rejects.toThrow('third');
  expect(results).toEqual([1, 2]);
});
