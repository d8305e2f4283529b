import { expect, test } from 'vitest';
import { LinkDirection, lost, LossyPath } from '../../src/network/link-direction.js';
import { lossless } from '../../src/network/loss-process.js';

const rate = { bytesPerMs: 1250, queuePackets: 3 }; // 10 Mbit/s

test('without a rate packets leave at once', () => {
  const link = new LinkDirection({ delayMs: 20, loss: lossless });
  expect(link.transmit(1500, 5)).toBe(5);
  expect(link.transmit(1500, 5)).toBe(5);
  expect(link.capacity(1500, 40)).toBe(Infinity);
});

test('packets leave one after the other at the rate', () => {
  const link = new LinkDirection({ delayMs: 20, loss: lossless, rate });
  expect([link.transmit(1500, 0), link.transmit(1500, 0), link.transmit(250, 0.1)]).toEqual([1.2, 2.4, 2.6]);
  expect(link.transmit(1500, 10)).toBeCloseTo(11.2);
});

test('a queue that is full drops what comes, and takes packets again once one has left', () => {
  const link = new LinkDirection({ delayMs: 0, loss: lossless, rate });
  const results = Array.from({ length: 5 }, () => link.transmit(1500, 0));
  expect(results.slice(3)).toEqual([lost, lost]);
  expect(link.transmit(1500, 1.2)).toBeCloseTo(4.8);
  expect(link.counters).toMatchObject({ packets: 6, queueDrops: 2, lost: 0 });
});

test('a lost packet takes no share of the rate', () => {
  let packets = 0;
  const link = new LinkDirection({ delayMs: 0, loss: { lost: () => (packets += 1) === 1 }, rate });
  expect(link.transmit(1500, 0)).toBe(lost);
  expect(link.transmit(1500, 0)).toBe(1.2);
});

test('packets keep their order when the rate is lifted', () => {
  const link = new LinkDirection({ delayMs: 0, loss: lossless, rate });
  link.transmit(1500, 0);
  const last = link.transmit(1500, 0);
  link.rate = undefined;
  expect(link.transmit(1500, 1)).toBe(last);
  expect(link.transmit(1500, 50)).toBe(50);
});

test('a rate says how many packets the way holds', () => {
  const link = new LinkDirection({ delayMs: 25, loss: lossless, rate });
  expect(link.capacity(1500, 50)).toBe(Math.ceil(50 / 1.2) + 3);
});

test('each of several losses sees every packet, and any of them loses it', () => {
  const seen = [0, 0];
  const link = new LinkDirection({ delayMs: 7, loss: lossless });
  const path = new LossyPath(
    [
      { lost: () => ((seen[0] = (seen[0] ?? 0) + 1), seen[0] === 1) },
      { lost: () => ((seen[1] = (seen[1] ?? 0) + 1), seen[1] === 2) },
    ],
    link,
  );
  expect([path.transmit(100, 0), path.transmit(100, 1), path.transmit(100, 2)]).toEqual([lost, lost, 2]);
  expect(seen).toEqual([3, 3]);
  expect(path.delayMs).toBe(7);
});

test('jitter makes packets later, none of them earlier than one before it', () => {
  const draws = [0.5, 0, 1, 0.2];
  const link = new LinkDirection({ delayMs: 5, loss: lossless, random: () => draws.shift() ?? 0 });
  link.jitterMs = 10;
  expect([0, 1, 20, 21].map((now) => link.transmit(100, now))).toEqual([5, 5, 30, 30]);
  link.jitterMs = 0;
  expect([25, 40].map((now) => link.transmit(100, now))).toEqual([30, 40]);
});
