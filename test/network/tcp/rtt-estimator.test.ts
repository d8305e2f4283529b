import { expect, test } from 'vitest';
import { RttEstimator } from '../../../src/network/tcp/rtt-estimator.js';

/** Feeds samples, one a round trip of ten segments. */
function estimate(samples: number[]): RttEstimator {
  const rtt = new RttEstimator();
  samples.forEach((sample, round) => {
    rtt.noteMinimum(sample);
    rtt.sample(sample, round * 10 + 1, round * 10 + 10);
  });
  return rtt;
}

test('before any sample the time-out is one second', () => {
  expect(new RttEstimator().rto).toBe(1000);
});

test('a steady path has a time-out of the RTT and 200 ms, in whole ticks of 4 ms', () => {
  const rto = (path: number): number => estimate(new Array<number>(40).fill(path)).rto;
  expect([20, 50, 100].map(rto)).toEqual([220, 252, 300]);
});

test('the first sample makes it three times as long, which later ones take back by a quarter a round', () => {
  expect(estimate([200]).rto).toBe(600);
  expect(estimate([200, 200, 200, 200]).rto).toBeLessThan(540);
  expect(estimate(new Array<number>(40).fill(200)).rto).toBeLessThanOrEqual(404);
});

test('a sudden longer sample raises the time-out at once', () => {
  const rtt = estimate([...new Array<number>(20).fill(50), 450]);
  expect(rtt.srtt).toBeCloseTo(100, 0);
  expect(rtt.rto).toBeGreaterThan(480);
  expect(rtt.min).toBe(50);
});

test('the time-out is never longer than two minutes', () => {
  expect(estimate([100_000]).rto).toBe(120_000);
});
