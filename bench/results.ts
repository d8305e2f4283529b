import type { ChainId } from './chains/index.js';
import { rows, type Row, type RowId, type Sample } from './rows.js';
import type { Observation } from './schedule.js';

/** A cell of the table: medians over the rounds. */
export interface Cell {
  /** The figure itself, in the row's unit. */
  value: number;
  /** As a share of direct in the same round, or what it adds to direct. */
  compared?: number;
  cpuPer10k?: number;
  stallMs?: number;
  mibPerSecond?: number;
  /** The highest value of all rounds. */
  worst: number;
  samples: number;
  errors: number;
  firstError?: string;
}

export type Results = Partial<Record<RowId, Partial<Record<ChainId, Cell | { failure: string }>>>>;

export function isCell(cell: Cell | { failure: string } | undefined): cell is Cell {
  return cell !== undefined && 'value' in cell;
}

export function summarize(seen: Observation[]): Results {
  const results: Results = {};
  for (const { row, chain } of seen) {
    results[row] ??= {};
    results[row][chain] ??= cell(seen, row, chain);
  }
  return results;
}

function cell(seen: Observation[], row: RowId, chain: ChainId): Cell | { failure: string } {
  const here = seen.filter((one) => one.row === row && one.chain === chain);
  const good = here.filter((one): one is Observation & { sample: Sample } => (one.sample?.requests ?? 0) > 0);
  if (good.length === 0) {
    return {
      failure:
        here.map((one) => one.failure ?? one.sample?.firstError).find((text) => text !== undefined) ?? 'no answer',
    };
  }
  const { compare } = rows[row] as Row;
  const samples = good.map(({ sample }) => sample);
  const compared = good.flatMap(({ round, sample }) => {
    const base = directOf(seen, row, round);
    if (base === undefined || compare === 'none') return [];
    return [compare === 'ratio' ? sample.value / base : sample.value - base];
  });
  return {
    value: median(samples.map(({ value }) => value)) ?? NaN,
    compared: median(compared),
    cpuPer10k: median(samples.map((sample) => sample.cpuPer10k)),
    stallMs: median(samples.map((sample) => sample.stallMs)),
    mibPerSecond: median(samples.map((sample) => sample.mibPerSecond)),
    worst: Math.max(...samples.map(({ value }) => value)),
    samples: samples.length,
    errors: here.reduce((sum, one) => sum + (one.sample?.errors ?? 0), 0),
    firstError: samples.map((sample) => sample.firstError).find((text) => text !== undefined),
  };
}

/** The mean of what direct had before and after the others in that round. */
function directOf(seen: Observation[], row: RowId, round: number): number | undefined {
  const values = seen
    .filter((one) => one.row === row && one.round === round && one.chain === 'direct')
    .flatMap(({ sample }) => (sample !== undefined && sample.requests > 0 ? [sample.value] : []));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}
