import { expect, test } from 'vitest';
import { createLossProcess, meanLoss, type LossModel } from '../../src/network/loss-process.js';
import { createRandom } from '../../src/network/random.js';

/** The fates of `count` packets, one each `stepMs`: true is lost. */
function fates(model: LossModel, { count = 200_000, stepMs = 1, seed = 1 } = {}): boolean[] {
  const process = createLossProcess(model, createRandom(seed));
  return Array.from({ length: count }, (_, index) => process.lost(index * stepMs));
}

const share = (lost: boolean[]): number => lost.filter(Boolean).length / lost.length;

function meanBurst(lost: boolean[]): number {
  const bursts = lost.filter((value, index) => value && lost[index - 1] !== true).length;
  return lost.filter(Boolean).length / bursts;
}

test('Bernoulli loses the share that was asked for, packet by packet', () => {
  const lost = fates({ kind: 'bernoulli', p: 0.05 });
  expect(share(lost)).toBeCloseTo(0.05, 2);
  expect(meanBurst(lost)).toBeCloseTo(1 / 0.95, 1);
});

test('Gilbert–Elliott loses in bursts of the mean length 1/r', () => {
  const model: LossModel = { kind: 'gilbert-elliott', p: 0.01, r: 0.25, lossInBad: 1, lossInGood: 0 };
  const lost = fates(model, { count: 400_000 });
  expect(meanLoss(model)).toBeCloseTo(0.01 / 0.26, 6);
  expect(Math.abs(share(lost) - meanLoss(model))).toBeLessThan(0.003);
  expect(Math.abs(meanBurst(lost) - 4)).toBeLessThan(0.15);
});

test('a packet is judged by the state in which it arrived, as netem has it', () => {
  // It turns bad with each good packet and good with each bad one: the first is judged as good.
  const lost = fates({ kind: 'gilbert-elliott', p: 1, r: 1, lossInBad: 1, lossInGood: 0 }, { count: 6 });
  expect(lost).toEqual([false, true, false, true, false, true]);
});

test('losses within the good and the bad state follow their own probabilities', () => {
  const model: LossModel = { kind: 'gilbert-elliott', p: 0.01, r: 0.2, lossInBad: 0.6, lossInGood: 0.001 };
  expect(Math.abs(share(fates(model, { count: 400_000 })) - meanLoss(model))).toBeLessThan(0.003);
});

test('bursts clocked in time last as long however few packets meet them', () => {
  const model: LossModel = { kind: 'timed-bursts', burstMs: 300, gapMs: 700, lossInBurst: 1, lossInGap: 0 };
  expect(meanLoss(model)).toBeCloseTo(0.3, 6);
  for (const stepMs of [1, 50]) {
    const lost = fates(model, { count: 400_000 / stepMs, stepMs, seed: 3 });
    expect(Math.abs(share(lost) - 0.3)).toBeLessThan(0.06);
  }
  const dense = fates(model, { count: 400_000, seed: 3 });
  expect(Math.abs(meanBurst(dense) - 300)).toBeLessThan(45);
});

test('the same seed loses the same packets', () => {
  for (const model of [
    { kind: 'bernoulli', p: 0.1 },
    { kind: 'gilbert-elliott', p: 0.02, r: 0.2, lossInBad: 1, lossInGood: 0 },
    { kind: 'timed-bursts', burstMs: 20, gapMs: 100, lossInBurst: 0.9, lossInGap: 0.01 },
  ] satisfies LossModel[]) {
    expect(fates(model, { count: 2000, seed: 9 })).toEqual(fates(model, { count: 2000, seed: 9 }));
    expect(fates(model, { count: 2000, seed: 9 })).not.toEqual(fates(model, { count: 2000, seed: 10 }));
  }
});
