import type { Comparison, Verdict } from '../criterion.js';
import { figure, percent } from './figure.js';

const columns = [
  { title: '1 KB mean', workload: 'rr_1k', statistic: 'mean' },
  { title: '1 KB p50', workload: 'rr_1k', statistic: 'p50' },
  { title: '50 KB mean', workload: 'rr_50k', statistic: 'mean' },
  { title: '50 KB p90', workload: 'rr_50k', statistic: 'p90' },
  { title: '1 MB mean', workload: 'bulk_1m', statistic: 'mean' },
  { title: '1 MB p90', workload: 'bulk_1m', statistic: 'p90' },
  { title: '10 MB p50', workload: 'bulk_10m', statistic: 'p50' },
] as const;

/** Packet loss for the page: the verdict, the grid as a whole, the plot, what lies outside, and every cell. */
export function lossPart(verdict: Verdict, plot: string): string[] {
  const { cells, cellsOutside, burstCells, burstCellsOutside, comparisons, met } = verdict;
  const ids = [...new Set(comparisons.map(({ cell }) => cell))];
  const outside = comparisons.filter(({ within }) => !within);
  return [
    `The criterion is ${met ? 'met' : '**not** met'}. Outside bounds of their own: ${cellsOutside.length} of ${cells} cells with independent loss, ${burstCellsOutside.length} of ${burstCells} with bursts (one in twenty may be).`,
    '',
    '| over the grid | median error | bound | bias | bound | |',
    '| --- | --: | --: | --: | --: | --- |',
    ...verdict.grid.map(
      ({ workload, statistic, medianError, medianBound, bias, biasBound, within }) =>
        `| \`${workload}\` ${statistic} | ${percent(medianError).replace('+', '')} | ${medianBound * 100} % | ${percent(bias)} | ± ${biasBound * 100} % | ${within ? 'ok' : '**outside**'} |`,
    ),
    '',
    `![proxyctl against kernel TCP, a dot for each cell](${plot})`,
    '',
    ...(outside.length === 0 ? [] : ['Outside their bounds:', '', ...outside.map(describe), '']),
    'Each cell, measured / kernel TCP − 1:',
    '',
    `| cell | ${columns.map(({ title }) => title).join(' | ')} |`,
    `| --- |${columns.map(() => ' --: |').join('')}`,
    ...ids.map((id) => `| \`${id}\` | ${columns.map((column) => entry(comparisons, id, column)).join(' | ')} |`),
  ];
}

function entry(
  comparisons: readonly Comparison[],
  id: string,
  { workload, statistic }: { workload: string; statistic: string },
): string {
  const found = comparisons.find((one) => one.cell === id && one.workload === workload && one.statistic === statistic);
  if (found === undefined) return '–';
  return found.within ? percent(found.error) : `**${percent(found.error)}**`;
}

function describe({ cell, workload, statistic, product, reference, error, bound }: Comparison): string {
  const difference = statistic === 'slow-share' ? `${(error * 100).toFixed(1)} points` : percent(error);
  return `- \`${cell}\` \`${workload}\` ${statistic}: ${figure(product)}, kernel ${figure(reference)} (${difference}; bound ${bound ?? 'none'})`;
}
