import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { judge, type CellSamples } from '../../bench/network/criterion.js';
import { readReference } from '../../bench/network/reference.js';
import { simulate } from '../../bench/network/simulate.js';
import { measuredWorkloads } from '../../bench/network/workloads.js';

const reference = await readReference(fileURLToPath(new URL('../fixtures/network/kernel-tcp.json', import.meta.url)));

/** Twice the reference's number of samples of each workload of each cell, on the model alone. */
function measure(): { cell: (typeof reference)[number]; samples: CellSamples }[] {
  return reference.map((cell, index) => ({
    cell,
    samples: Object.fromEntries(
      measuredWorkloads.map((workload) => [workload, simulate(cell, workload, { seed: index + 1, scale: 2 }).samples]),
    ),
  }));
}

test('the model does what kernel TCP did, on an excerpt of the grid', () => {
  const verdict = judge(measure());
  expect(verdict.cells).toBe(7);
  expect(verdict.grid.filter(({ within }) => !within)).toEqual([]);
  expect(verdict.cellsOutside).toEqual([]);
  expect(verdict.burstCellsOutside).toEqual([]);
}, 60_000);

test('the criterion is not met by times that are a tenth longer', () => {
  const slower = measure().map(({ cell, samples }) => ({
    cell,
    samples: Object.fromEntries(
      Object.entries(samples).map(([workload, values]) => [
        workload,
        values.map(({ timeMs, bytes }) => ({ timeMs: timeMs * 1.1, bytes })),
      ]),
    ),
  }));
  expect(judge(slower).met).toBe(false);
}, 60_000);
