import { expect, test } from 'vitest';
import { kernelTimerExpiry, roundUpToTick } from '../../../src/network/tcp/kernel-timer.js';

test.each([
  [10, 4],
  [248, 4],
  [249, 32],
  [1000, 32],
  [2012, 32],
  [2013, 256],
  [16_000, 256],
  [17_000, 2048],
])('a timer of %i ms fires late by at most one slot of %i ms', (delayMs, slotMs) => {
  let latest = 0;
  for (let now = 1000; now < 1000 + 2 * slotMs; now += 0.37) {
    const late = kernelTimerExpiry(now, delayMs) - now - delayMs;
    expect(late).toBeGreaterThan(0);
    latest = Math.max(latest, late);
  }
  expect(latest).toBeLessThanOrEqual(slotMs + 4); // the slot, and the delay's own rounding
  expect(latest).toBeGreaterThan(slotMs / 2);
});

test('delays are counted in whole ticks, rounded up', () => {
  expect([0.1, 4, 4.1, 250.3].map(roundUpToTick)).toEqual([4, 4, 8, 252]);
});
