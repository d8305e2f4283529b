import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const statistics = z.object({
  n: z.number(),
  p10: z.number(),
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  max: z.number(),
  mean: z.number(),
  p50_ci95: z.tuple([z.number(), z.number()]),
  p90_ci95: z.tuple([z.number(), z.number()]),
  mean_ci95: z.tuple([z.number(), z.number()]),
  /** Quantiles at 0, 5, … 100 %. */
  q: z.array(z.number()),
});
export type ReferenceStatistics = z.infer<typeof statistics>;

const measure = z.object({ time_ms: statistics, goodput_mbit: statistics.optional() });

export const workloads = ['bulk_1m', 'bulk_10m', 'rr_1k', 'rr_50k', 'connect'] as const;
export type Workload = (typeof workloads)[number];

const cell = z.object({
  id: z.string(),
  rtt_ms: z.number(),
  loss_pct: z.number(),
  loss_dir: z.enum(['none', 'both', 'down']),
  /** p:r:1-h:1-k, each in percent, in place of `loss_pct`. */
  ge: z.string().optional(),
  rate_mbit: z.number().optional(),
  queue_pkts: z.number().optional(),
  cc: z.enum(['cubic', 'reno']).default('cubic'),
  measures: z.partialRecord(z.enum(workloads), measure),
});
/** One cell of the grid: a link, and what kernel TCP did on it. */
export type ReferenceCell = z.infer<typeof cell>;

const reference = z.object({ cells: z.array(cell) });

/** Reads a file of the format of `tcp-loss.json`. Cells of other congestion controls are left out. */
export async function readReference(path: string): Promise<ReferenceCell[]> {
  const raw = z
    .object({ cells: z.array(z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(await readFile(path, 'utf8')));
  const known = raw.cells.filter(({ cc }) => cc === undefined || cc === 'cubic' || cc === 'reno');
  return reference.parse({ cells: known }).cells;
}
