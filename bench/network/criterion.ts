import type { ReferenceCell, ReferenceStatistics, Workload } from './reference.js';
import type { Sample } from './workloads.js';
import { median, summarize, type Summary } from './statistics.js';

type Statistic = 'mean' | 'p50' | 'p90';

/** One statistic of one cell, product against reference. */
export interface Comparison {
  cell: string;
  workload: Workload;
  statistic: Statistic | 'slow-share';
  product: number;
  reference: number;
  /** product / reference − 1; for `slow-share` the difference. */
  error: number;
  /** How far `error` may go, in words; undefined: the cell has no bound of its own for this. */
  bound: string | undefined;
  within: boolean;
}

/** The grid as a whole on one statistic. */
export interface GridResult {
  workload: Workload;
  statistic: Statistic;
  cells: number;
  medianError: number;
  medianBound: number;
  bias: number;
  biasBound: number;
  within: boolean;
}

export interface Verdict {
  grid: GridResult[];
  /** Cells with a Bernoulli loss, and those with any statistic outside its bound. */
  cells: number;
  cellsOutside: string[];
  burstCells: number;
  burstCellsOutside: string[];
  comparisons: Comparison[];
  met: boolean;
}

export type CellSamples = Partial<Record<Workload, Sample[]>>;

const gridBounds: { workload: Workload; statistic: Statistic; median: number; bias: number }[] = [
  { workload: 'rr_1k', statistic: 'mean', median: 0.04, bias: 0.04 },
  { workload: 'rr_50k', statistic: 'mean', median: 0.08, bias: 0.04 },
  { workload: 'rr_50k', statistic: 'p90', median: 0.1, bias: 0.04 },
  { workload: 'bulk_10m', statistic: 'p50', median: 0.06, bias: 0.04 },
  { workload: 'bulk_1m', statistic: 'mean', median: 0.12, bias: 0.06 },
  { workload: 'bulk_1m', statistic: 'p90', median: 0.1, bias: 0.06 },
];
/** At most this share of the cells may lie outside their own bounds. */
const shareOutside = 1 / 20;

/**
 * Compares what was measured with the reference, by the criterion that comes with it (docs/reference/network-bench.md).
 */
export function judge(results: readonly { cell: ReferenceCell; samples: CellSamples }[]): Verdict {
  const comparisons = results.flatMap(({ cell, samples }) => compareCell(cell, samples));
  const bernoulli = results.filter(({ cell }) => cell.ge === undefined && cell.loss_pct > 0).map(({ cell }) => cell.id);
  const bursts = results.filter(({ cell }) => cell.ge !== undefined).map(({ cell }) => cell.id);
  const outside = (ids: string[]): string[] =>
    ids.filter((id) => comparisons.some(({ cell, within }) => cell === id && !within));
  const grid = gridBounds.flatMap((bound) =>
    gridResult(
      bound,
      comparisons.filter(({ cell }) => bernoulli.includes(cell)),
    ),
  );
  const cellsOutside = outside(bernoulli);
  const burstCellsOutside = outside(bursts);
  const allowed = Math.ceil((bernoulli.length + bursts.length) * shareOutside);
  return {
    grid,
    cells: bernoulli.length,
    cellsOutside,
    burstCells: bursts.length,
    burstCellsOutside,
    comparisons,
    met: grid.every(({ within }) => within) && cellsOutside.length + burstCellsOutside.length <= allowed,
  };
}

function gridResult(
  { workload, statistic, median: medianBound, bias: biasBound }: (typeof gridBounds)[number],
  comparisons: readonly Comparison[],
): GridResult[] {
  const errors = comparisons
    .filter((entry) => entry.workload === workload && entry.statistic === statistic)
    .map(({ error }) => error);
  if (errors.length === 0) return [];
  const medianError = median(errors.map(Math.abs));
  const bias = median(errors);
  const within = medianError <= medianBound && Math.abs(bias) <= biasBound;
  return [{ workload, statistic, cells: errors.length, medianError, medianBound, bias, biasBound, within }];
}

function compareCell(cell: ReferenceCell, samples: CellSamples): Comparison[] {
  if (cell.ge === undefined && cell.loss_pct === 0) return [];
  return (Object.keys(samples) as Workload[]).flatMap((workload) => {
    const measured = samples[workload];
    const reference = cell.measures[workload];
    if (measured === undefined || measured.length === 0 || reference === undefined) return [];
    const bulk = workload === 'bulk_10m';
    const values = measured.map(({ timeMs, bytes }) => (bulk ? (bytes * 8) / timeMs / 1000 : timeMs));
    const from = bulk ? reference.goodput_mbit : reference.time_ms;
    if (from === undefined) return [];
    const summary = summarize(values);
    const statistics: Statistic[] = ['mean', 'p50', 'p90'];
    const compared = statistics.map((statistic) => compare(cell, workload, statistic, summary, from));
    if (workload === 'rr_1k' && cell.ge === undefined) compared.push(compareSlowShare(cell, values, from));
    return compared;
  });
}

function compare(
  cell: ReferenceCell,
  workload: Workload,
  statistic: Statistic,
  summary: Summary,
  from: ReferenceStatistics,
): Comparison {
  const product = summary[statistic];
  const reference = from[statistic];
  const error = product / reference - 1;
  const allowed = cell.ge === undefined ? bernoulliBound(cell, workload, statistic) : burstBound(workload, statistic);
  const [low, high] = from[`${statistic}_ci95`];
  const inInterval = product >= low * 0.95 && product <= high * 1.05;
  const within = allowed === undefined || inInterval || Math.abs(product - reference) <= allowed.absolute(reference);
  return { cell: cell.id, workload, statistic, product, reference, error, bound: allowed?.text, within };
}

interface Bound {
  text: string;
  absolute: (reference: number) => number;
}

const relative = (share: number): Bound => ({
  text: `${Math.round(share * 100)} %`,
  absolute: (reference) => reference * share,
});
const milliseconds = (ms: number): Bound => ({ text: `${ms} ms`, absolute: () => ms });

function bernoulliBound(cell: ReferenceCell, workload: Workload, statistic: Statistic): Bound | undefined {
  switch (`${workload} ${statistic}`) {
    case 'rr_1k p50':
      return milliseconds(2);
    case 'rr_1k mean':
      return relative(0.15);
    case 'rr_50k mean':
      return relative(0.2);
    case 'rr_50k p50':
      return milliseconds(cell.rtt_ms);
    case 'bulk_10m p50':
      return relative(0.2);
    case 'bulk_1m mean':
      return relative(cell.loss_pct <= 1 ? 0.35 : 0.2);
    default:
      return undefined;
  }
}

function burstBound(workload: Workload, statistic: Statistic): Bound | undefined {
  if (statistic === 'mean' || workload === 'bulk_1m' || workload === 'connect') return undefined;
  return relative(0.3);
}

/**
 * The share of exchanges slower than RTT + 100 ms. The reference has quantiles only, so its share is known to lie
 * between two of them; the product's must be within the 95 % interval of a difference of two such shares from the
 * nearer end.
 */
function compareSlowShare(cell: ReferenceCell, values: readonly number[], from: ReferenceStatistics): Comparison {
  const limit = cell.rtt_ms + 100;
  const product = values.filter((value) => value > limit).length / values.length;
  const [low, high] = slowShareBetween(from, limit);
  const reference = Math.min(Math.max(product, low), high);
  const variance = (share: number, n: number): number => (share * (1 - share)) / n;
  const margin = 1.96 * Math.sqrt(variance(product, values.length) + variance(reference, from.n));
  const error = product - reference;
  return {
    cell: cell.id,
    workload: 'rr_1k',
    statistic: 'slow-share',
    product,
    reference,
    error,
    bound: `±${(margin * 100).toFixed(1)} points`,
    within: Math.abs(error) <= margin,
  };
}

/** The smallest and largest share above `limit` that fits the quantiles. */
function slowShareBetween(from: ReferenceStatistics, limit: number): [number, number] {
  const known = from.q.map((value, index) => ({ share: index * 0.05, value }));
  known.push({ share: 0.99, value: from.p99 });
  const below = known.filter(({ value }) => value <= limit).map(({ share }) => share);
  const above = known.filter(({ value }) => value > limit).map(({ share }) => share);
  return [Math.max(0, 1 - Math.min(1, ...above)), Math.max(0, 1 - Math.max(0, ...below))];
}
