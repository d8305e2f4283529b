import { expect, test } from 'vitest';
import { createRandom, deriveSeed } from '../../src/network/random.js';

const take = (seed: number, count: number): number[] => Array.from({ length: count }, createRandom(seed));

test('a seed always gives the same numbers', () => {
  expect(take(7, 5)).toEqual(take(7, 5));
  expect(take(7, 3).map((value) => value.toFixed(6))).toMatchInlineSnapshot(`
    [
      "0.607358",
      "0.782465",
      "0.325419",
    ]
  `);
});

test('neighbouring seeds give unlike numbers', () => {
  const pairs = Array.from({ length: 2000 }, (_, seed) => [createRandom(seed)(), createRandom(seed + 1)()] as const);
  const covariance = pairs.reduce((sum, [a, b]) => sum + (a - 0.5) * (b - 0.5), 0) / pairs.length;
  expect(Math.abs(covariance * 12)).toBeLessThan(0.08); // 3.5 standard errors of a correlation of 2000 pairs
});

test('numbers are spread evenly over [0, 1)', () => {
  const counts = new Array<number>(10).fill(0);
  for (const value of take(1, 100_000)) counts[Math.floor(value * 10)] = (counts[Math.floor(value * 10)] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});

test('seeds that are derived for many things are all different', () => {
  const seeds = [1, 2, 3].flatMap((seed) => Array.from({ length: 1000 }, (_, index) => deriveSeed(seed, index)));
  expect(new Set(seeds).size).toBe(seeds.length);
});
