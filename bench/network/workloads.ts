import type { LossModel } from '../../src/network/loss-process.js';
import type { ReferenceCell, Workload } from './reference.js';

/** One measurement: its time, and for bulk what had arrived when it was over or cut off. */
export interface Sample {
  timeMs: number;
  bytes: number;
}

export interface Shape {
  request: number;
  response: number;
  /** Exchanges that count, of one connection (or of one link, each on a connection of its own). */
  perJob: number;
  jobs: number;
  warmUp: number;
  fresh: boolean;
  limitMs: number;
}

/** The workloads as the reference's driver has them. */
export type MeasuredWorkload = Exclude<Workload, 'connect'>;
export const measuredWorkloads = ['bulk_10m', 'bulk_1m', 'rr_50k', 'rr_1k'] as const satisfies MeasuredWorkload[];

export const shapes: Record<MeasuredWorkload, Shape> = {
  bulk_10m: { request: 64, response: 10e6, perJob: 1, jobs: 6, warmUp: 0, fresh: true, limitMs: 40_000 },
  bulk_1m: { request: 64, response: 1e6, perJob: 2, jobs: 36, warmUp: 0, fresh: true, limitMs: 300_000 },
  rr_50k: { request: 1000, response: 50_000, perJob: 40, jobs: 15, warmUp: 5, fresh: false, limitMs: 300_000 },
  rr_1k: { request: 1000, response: 1000, perJob: 100, jobs: 6, warmUp: 10, fresh: false, limitMs: 300_000 },
};

/** The loss of a cell, in one direction that has any. */
export function lossModel({ ge, loss_pct }: Pick<ReferenceCell, 'ge' | 'loss_pct'>): LossModel {
  if (ge === undefined) return { kind: 'bernoulli', p: loss_pct / 100 };
  const [p = 0, r = 0, lossInBad = 1, lossInGood = 0] = ge.split(':').map((text) => parseFloat(text) / 100);
  return { kind: 'gilbert-elliott', p, r, lossInBad, lossInGood };
}
