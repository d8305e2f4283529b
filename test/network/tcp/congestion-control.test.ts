import { expect, test } from 'vitest';
import type { CongestionControl, CongestionWindow } from '../../../src/network/tcp/congestion-control.js';
import { createCongestionControl } from '../../../src/network/tcp/congestion-controls.js';

const rttMs = 100;

/** Whole windows acknowledged, one a round trip. Returns the window after each. */
function rounds(control: CongestionControl, window: CongestionWindow, count: number, startMs = 10_000): number[] {
  return Array.from({ length: count }, (_, round) => {
    const now = startMs + round * rttMs;
    control.onRtt(rttMs, window, { now, una: round * 1000 + 1, nxt: round * 1000 + 900 });
    for (let left = window.cwnd; left > 0; left -= 2) control.onAck(window, Math.min(2, left), now + left / 100);
    return window.cwnd;
  });
}

const start = (): CongestionWindow => ({ cwnd: 10, ssthresh: Infinity, credit: 0 });

function afterLoss(control: CongestionControl, cwnd: number): CongestionWindow {
  const ssthresh = control.onLoss(cwnd);
  return { cwnd: ssthresh, ssthresh, credit: 0 };
}

test.each(['cubic', 'reno'] as const)('%s doubles its window each round trip in slow start', (name) => {
  expect(rounds(createCongestionControl(name), { ...start(), ssthresh: 160 }, 4)).toEqual([20, 40, 80, 160]);
});

test('reno halves its window on a loss and adds one segment a round trip', () => {
  const control = createCongestionControl('reno');
  const window = afterLoss(control, 41);
  expect(window.cwnd).toBe(20);
  expect(rounds(control, window, 5)).toEqual([21, 22, 23, 24, 25]);
  expect(control.onLoss(3)).toBe(2);
});

test('cubic falls to 0.7 of its window, and remembers less than that window when it had not come back to the one before', () => {
  const control = createCongestionControl('cubic');
  expect(control.onLoss(100)).toBe(70);
  expect(control.onLoss(1)).toBe(2);
  // The plateau is at 0.85 · 80 = 68 and not at 80: growth beyond it starts sooner.
  const twice = createCongestionControl('cubic');
  twice.onLoss(100);
  const window = afterLoss(twice, 80);
  const plateau = rounds(twice, window, 30).filter((cwnd) => cwnd >= 66 && cwnd <= 70);
  expect(plateau.length).toBeGreaterThan(5);
});

test('cubic comes back to the window of the last loss, stays about it, then grows faster and faster', () => {
  const control = createCongestionControl('cubic');
  const window = afterLoss(control, 400);
  const seen = rounds(control, window, 130);
  const k = Math.cbrt((400 - 280) / 0.4) * (1000 / rttMs); // RFC 9438 §4.2, in round trips
  const at = (share: number): number => seen[Math.round(k * share)] ?? 0;
  expect(at(0.5)).toBeGreaterThan(350);
  expect(Math.abs(at(1) - 400)).toBeLessThan(12);
  expect(at(1.5) - at(1)).toBeLessThan(at(1.9) - at(1.5));
});

test('at small windows cubic is as fast as reno would be', () => {
  const control = createCongestionControl('cubic');
  const window = afterLoss(control, 10);
  const seen = rounds(control, window, 40);
  // RFC 9438 §4.3: 3(1−β)/(1+β) = 0.53 segments a round trip.
  expect(seen.at(-1)).toBeGreaterThan(7 + 0.45 * 40);
});

test('a time-out makes cubic forget where it was', () => {
  const control = createCongestionControl('cubic');
  control.onLoss(400);
  control.onTimeout();
  const window: CongestionWindow = { cwnd: 20, ssthresh: 20, credit: 0 };
  // Without a last maximum it grows by at least one in twenty.
  expect(rounds(control, window, 3).at(-1)).toBeGreaterThanOrEqual(23);
});

test('slow start ends before the queue is full: when the train of ACKs is half a round trip long', () => {
  const control = createCongestionControl('cubic');
  const window = { ...start(), cwnd: 40 };
  for (let index = 0; index < 60; index += 1) {
    control.onRtt(rttMs + index * 0.1, window, { now: index * 1.2, una: 1 + index, nxt: 100 });
  }
  expect(window.ssthresh).toBe(40);
});

test('none has no window that a loss could shrink', () => {
  const control = createCongestionControl('none');
  expect(control.unlimited).toBe(true);
  expect(control.onLoss(2896)).toBe(2896);
});
