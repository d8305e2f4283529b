import type { Chain } from './chain.js';
import type { CellSamples } from './criterion.js';
import type { ReferenceCell } from './reference.js';
import { runJob } from './traffic.js';
import { measuredWorkloads, shapes, type MeasuredWorkload } from './workloads.js';

export interface Measured {
  cell: ReferenceCell;
  samples: CellSamples;
}

interface Job {
  result: Measured;
  workload: MeasuredWorkload;
  /** A guess of its length, ms. */
  cost: number;
}

/** Runs all jobs of all cells, many at once: almost all of their time is waiting. The longest begin first. */
export async function measureChain(
  chain: Chain,
  cells: readonly ReferenceCell[],
  { parallel, scale, onProgress }: { parallel: number; scale: number; onProgress: (line: string) => void },
): Promise<Measured[]> {
  const results = cells.map((cell): Measured => ({ cell, samples: {} }));
  const jobs = results.flatMap((result) => jobsOf(result, scale)).sort((a, b) => b.cost - a.cost);
  const total = jobs.length;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const samples = await runJob(chain, job.result.cell, job.workload);
      (job.result.samples[job.workload] ??= []).push(...samples);
      done += 1;
      if (done % 100 === 0 || done === total) onProgress(`${done} of ${total} jobs`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}

function jobsOf(result: Measured, scale: number): Job[] {
  return measuredWorkloads.flatMap((workload) => {
    const { jobs, perJob, warmUp, fresh, limitMs } = shapes[workload];
    const measure = result.cell.measures[workload];
    if (measure === undefined) return [];
    const cost = fresh ? measure.time_ms.mean * perJob : measure.time_ms.p90 * (perJob + warmUp);
    const job = { result, workload, cost: Math.min(cost, limitMs * perJob) };
    return Array.from({ length: Math.max(1, Math.round(jobs * scale)) }, () => job);
  });
}
