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
  /** A guess of what it takes of a core while it runs. */
  load: number;
}

/** What the chain with both ends takes on a usual machine: a guess that need not be exact, ms. */
const cpuMs = { perExchange: 0.5, perByte: 33e-6 };

export interface MeasureOptions {
  /** Connections at once, at most. */
  parallel: number;
  /** Cores that all of them together may take, as guessed: more would measure how they wait for each other. */
  cores: number;
  scale: number;
  onProgress: (line: string) => void;
}

/**
 * Small exchanges are what waiting for others shows in most, so they come last, among themselves and on so many cores.
 */
const coresOfSmall = 0.15;

/** Runs all jobs of all cells, many at once: almost all of their time is waiting. */
export async function measureChain(
  chain: Chain,
  cells: readonly ReferenceCell[],
  { parallel, cores, scale, onProgress }: MeasureOptions,
): Promise<Measured[]> {
  const results = cells.map((cell): Measured => ({ cell, samples: {} }));
  const jobs = results.flatMap((result) => jobsOf(result, scale));
  let done = 0;
  const run = async ({ result, workload }: Job): Promise<void> => {
    const samples = await runJob(chain, result.cell, workload);
    (result.samples[workload] ??= []).push(...samples);
    done += 1;
    if (done % 100 === 0 || done === jobs.length) onProgress(`${done} of ${jobs.length} jobs`);
  };
  const isSmall = ({ workload }: Job): boolean => workload === 'rr_1k';
  const large = jobs.filter((job) => !isSmall(job));
  await runAll(large, run, { parallel, cores });
  await runAll(jobs.filter(isSmall), run, { parallel, cores: Math.min(cores, coresOfSmall) });
  return results;
}

/** As many at once as the limits allow. The longest begin first. */
async function runAll(
  jobs: Job[],
  run: (job: Job) => Promise<void>,
  { parallel, cores }: Pick<MeasureOptions, 'parallel' | 'cores'>,
): Promise<void> {
  const waiting = jobs.toSorted((a, b) => b.cost - a.cost);
  const running = new Set<Promise<void>>();
  let load = 0;
  while (waiting.length > 0) {
    const next =
      running.size >= parallel ? -1 : waiting.findIndex((job) => running.size === 0 || load + job.load <= cores);
    const [job] = next === -1 ? [] : waiting.splice(next, 1);
    if (job === undefined) {
      await Promise.race(running);
      continue;
    }
    load += job.load;
    const ending = run(job).finally(() => (load -= job.load));
    running.add(ending);
    void ending.then(() => running.delete(ending));
  }
  await Promise.all(running);
}

function jobsOf(result: Measured, scale: number): Job[] {
  return measuredWorkloads.flatMap((workload) => {
    const { jobs, perJob, warmUp, fresh, limitMs, response } = shapes[workload];
    const measure = result.cell.measures[workload];
    if (measure === undefined) return [];
    const exchanges = perJob + warmUp;
    const times = measure.time_ms;
    const cost = Math.min(fresh ? times.mean * exchanges : times.p90 * exchanges, limitMs * perJob);
    const load = (exchanges * (cpuMs.perExchange + response * cpuMs.perByte)) / (times.mean * exchanges);
    const job = { result, workload, cost, load };
    return Array.from({ length: Math.max(1, Math.round(jobs * scale)) }, () => job);
  });
}
