import type { Comparison, Verdict } from './criterion.js';
import type { Row } from './links/row.js';
import { figure, percent } from './page/figure.js';
import type { Figures } from './page/page.js';

/** The columns of the table of cells. */
const columns = [
  { title: '1k mean', workload: 'rr_1k', statistic: 'mean' },
  { title: '1k p50', workload: 'rr_1k', statistic: 'p50' },
  { title: '50k mean', workload: 'rr_50k', statistic: 'mean' },
  { title: '50k p50', workload: 'rr_50k', statistic: 'p50' },
  { title: '50k p90', workload: 'rr_50k', statistic: 'p90' },
  { title: '10m p50', workload: 'bulk_10m', statistic: 'p50' },
  { title: '10m p90', workload: 'bulk_10m', statistic: 'p90' },
  { title: '1m mean', workload: 'bulk_1m', statistic: 'mean' },
  { title: '1m p90', workload: 'bulk_1m', statistic: 'p90' },
] as const;

/** For the terminal. */
export function renderReport({ loss, links }: Figures): string {
  return [
    ...(loss === undefined ? [] : [renderLoss(loss.verdict)]),
    ...(links === undefined ? [] : [renderLinks(links.rows)]),
  ].join('\n\n');
}

/** Every cell's errors in percent (`!`: outside its own bound), the grid as a whole, what lies outside, the verdict. */
function renderLoss(verdict: Verdict): string {
  const ids = [...new Set(verdict.comparisons.map(({ cell }) => cell))];
  const width = Math.max(4, ...ids.map((id) => id.length));
  const lines = [`${'cell'.padEnd(width)}  ${columns.map(({ title }) => title.padStart(9)).join('')}`];
  for (const id of ids)
    lines.push(`${id.padEnd(width)}  ${columns.map((column) => entry(verdict, id, column)).join('')}`);
  lines.push('', 'over the grid        median |e|   bound      bias   bound');
  for (const { workload, statistic, medianError, medianBound, bias, biasBound, within } of verdict.grid) {
    const figures = [medianError, medianBound, bias, biasBound].map((share) => percent(share).padStart(8)).join('  ');
    lines.push(`${`${workload} ${statistic}`.padEnd(20)} ${figures}  ${within ? 'ok' : 'NOT MET'}`);
  }
  lines.push('', ...outside(verdict), '', verdict.met ? 'The criterion is met.' : 'The criterion is NOT met.');
  return lines.join('\n');
}

function entry(
  { comparisons }: Verdict,
  id: string,
  { workload, statistic }: { workload: string; statistic: string },
): string {
  const found = comparisons.find((one) => one.cell === id && one.workload === workload && one.statistic === statistic);
  if (found === undefined) return '-'.padStart(9);
  return `${percent(found.error)}${found.within ? ' ' : '!'}`.padStart(9);
}

function outside({ cells, cellsOutside, burstCells, burstCellsOutside, comparisons }: Verdict): string[] {
  const lines = [
    `${cellsOutside.length} of ${cells} cells with Bernoulli loss and ${burstCellsOutside.length} of ${burstCells} with bursts are outside their own bounds (1 in 20 may be)`,
  ];
  return [...lines, ...comparisons.filter(({ within }) => !within).map(describe)];
}

function describe({ cell, workload, statistic, product, reference, error, bound }: Comparison): string {
  const difference = statistic === 'slow-share' ? `${(error * 100).toFixed(1)} points` : percent(error);
  return `  ${cell} ${workload} ${statistic}: ${figure(product)}, reference ${figure(reference)} (${difference}; bound ${bound ?? 'none'})`;
}

function renderLinks(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(({ name, unit, wanted, measured, bound, within }) =>
      [
        name.padEnd(width),
        `${figure(wanted)} ${unit}`.padStart(14),
        `${figure(measured)} ${unit}`.padStart(14),
        percent(measured / wanted - 1).padStart(9),
        bound.padStart(9),
        within ? 'ok' : 'OUTSIDE',
      ].join('  '),
    )
    .join('\n');
}
