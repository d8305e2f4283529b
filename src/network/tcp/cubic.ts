import { additiveIncrease, slowStart, type CongestionControl, type CongestionWindow } from './congestion-control.js';
import { HyStart } from './hystart.js';
import { tickMs } from './kernel-timer.js';

/** β = 0.7 and the fast-convergence factor (1+β)/2 = 0.85, as fractions of 1024 (RFC 9438 §4.6, §4.7). */
const betaScale = 1024;
const beta = 717;
/** The Reno-friendly estimate grows by one per cwnd · this / 8 acknowledged segments: 3(1−β)/(1+β) turned over. */
const friendlyEighths = 15;
/** The kernel recomputes the rate of growth at most this often for one window, ms (HZ/32 ticks). */
const recomputeMs = Math.floor(1000 / tickMs / 32) * tickMs;

/**
 * CUBIC (RFC 9438) with the whole numbers of Linux's: the window is in segments, time in units of 1/1024 s on a clock
 * of whole ticks, C = 0.4 as 410/1024, and all divisions round down, which at the small windows of a lossy path is
 * felt.
 */
export function createCubic(): CongestionControl {
  return new Cubic();
}

class Cubic implements CongestionControl {
  readonly unlimited = false;
  readonly #hystart = new HyStart();
  /** Window at the last loss; 0: none yet. */
  #lastMax = 0;
  /** When the current growth began, as a tick; -1: it will begin with the next acknowledgement. */
  #epoch = -1;
  #origin = 0;
  /** Time to reach the origin, 1/1024 s. */
  #k = 0;
  #count = 0;
  #ackedInEpoch = 0;
  /** What Reno's window would be. */
  #renoWindow = 0;
  #lastWindow = 0;
  #lastTick = -Infinity;
  /** Smallest round-trip time, ms; 0: none yet. */
  #minRtt = 0;

  onLoss(cwnd: number): number {
    this.#epoch = -1;
    this.#lastMax = cwnd < this.#lastMax ? Math.floor((cwnd * (betaScale + beta)) / (2 * betaScale)) : cwnd;
    return Math.max(2, Math.floor((cwnd * beta) / betaScale));
  }

  onAck(window: CongestionWindow, acked: number, now: number): void {
    const rest = window.cwnd < window.ssthresh ? slowStart(window, acked) : acked;
    if (rest === 0) return;
    this.#update(window.cwnd, rest, Math.floor(now / tickMs));
    additiveIncrease(window, this.#count, rest);
  }

  onRtt(rtt: number, window: CongestionWindow, position: { now: number; una: number; nxt: number }): void {
    // Just after a recovery the queue that was there is still draining: such samples say nothing of the path.
    if (this.#epoch !== -1 && Math.floor(position.now / tickMs) - this.#epoch < 1000 / tickMs) return;
    if (this.#minRtt === 0 || rtt < this.#minRtt) this.#minRtt = rtt;
    this.#hystart.onRtt(rtt, this.#minRtt, window, position);
  }

  onTimeout(): void {
    this.#lastMax = 0;
    this.#epoch = -1;
    this.#origin = 0;
    this.#k = 0;
    this.#count = 0;
    this.#ackedInEpoch = 0;
    this.#renoWindow = 0;
    this.#lastWindow = 0;
    this.#lastTick = -Infinity;
    this.#minRtt = 0;
    this.#hystart.reset();
  }

  /** Idle time does not count as growth: the epoch moves on with it. */
  onStart(idleMs: number, now: number): void {
    if (this.#epoch === -1 || idleMs <= 0) return;
    const tick = Math.floor(now / tickMs);
    this.#epoch = Math.min(tick, this.#epoch + Math.floor(idleMs / tickMs));
  }

  /** Finds `#count`: after how many acknowledged segments the window grows by one. */
  #update(cwnd: number, acked: number, tick: number): void {
    this.#ackedInEpoch += acked;
    if (this.#lastWindow === cwnd && (tick - this.#lastTick) * tickMs <= recomputeMs) return;
    if (this.#epoch === -1 || tick !== this.#lastTick) {
      this.#lastWindow = cwnd;
      this.#lastTick = tick;
      if (this.#epoch === -1) this.#begin(cwnd, acked, tick);
      this.#count = this.#cubicCount(cwnd, tick);
    }
    this.#beFriendly(cwnd);
    this.#count = Math.max(2, this.#count);
  }

  #begin(cwnd: number, acked: number, tick: number): void {
    this.#epoch = tick;
    this.#ackedInEpoch = acked;
    this.#renoWindow = cwnd;
    this.#k = this.#lastMax <= cwnd ? 0 : Math.floor(Math.cbrt((this.#lastMax - cwnd) * (2 ** 40 / 410)));
    this.#origin = Math.max(this.#lastMax, cwnd);
  }

  #cubicCount(cwnd: number, tick: number): number {
    const ticks = tick - this.#epoch + Math.ceil(this.#minRtt / tickMs);
    const t = Math.floor((ticks * 1024 * tickMs) / 1000);
    const distance = Math.abs(t - this.#k);
    const delta = Math.floor((410 * distance ** 3) / 2 ** 40);
    const target = t < this.#k ? this.#origin - delta : this.#origin + delta;
    const count = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
    // Before any loss the capacity is unknown: grow by at least 5 % a round trip.
    return this.#lastMax === 0 ? Math.min(20, count) : count;
  }

  /** Never slower than Reno would be (RFC 9438 §4.3). */
  #beFriendly(cwnd: number): void {
    const perIncrease = (cwnd * friendlyEighths) >> 3;
    while (this.#ackedInEpoch > perIncrease) {
      this.#ackedInEpoch -= perIncrease;
      this.#renoWindow += 1;
    }
    if (this.#renoWindow > cwnd) {
      this.#count = Math.min(this.#count, Math.floor(cwnd / (this.#renoWindow - cwnd)));
    }
  }
}
