import { judge, type CellSamples } from './criterion.js';
import { readReference } from './reference.js';
import { shapes, simulate } from './simulate.js';
const file = process.argv[2] ?? '';
const scale = Number(process.argv[3] ?? 1);
const filter = new RegExp(process.argv[4] ?? '.');
const seed = Number(process.argv[5] ?? 1);
const cells = (await readReference(file)).filter((c) => filter.test(c.id) && (c.loss_pct > 0 || c.ge));
const results = [];
const t0 = performance.now();
let segs = 0;
const total: Record<string, number> = {};
for (const cell of cells) {
  const samples: CellSamples = {};
  for (const w of Object.keys(shapes) as (keyof typeof shapes)[]) {
    const r = simulate(cell, w, { seed: seed * 1000003 + cells.indexOf(cell) * 17 + w.length, scale });
    samples[w] = r.samples;
    segs += r.counters.segments;
    if (process.env.COUNTERS) {
      console.log(cell.id, w, JSON.stringify(r.counters));
    }
  }
  results.push({ cell, samples });
}
const v = judge(results);
const pc = (x: number) => (x * 100).toFixed(1).padStart(6);
for (const c of cells) {
  const find = (w: string, s: string) => {
    const x = v.comparisons.find((y) => y.cell === c.id && y.workload === w && y.statistic === s);
    return x ? pc(x.error) + (x.within ? ' ' : '!') : '   -   ';
  };
  console.log(
    c.id.padEnd(28),
    '1k',
    find('rr_1k', 'mean'),
    find('rr_1k', 'p50'),
    find('rr_1k', 'slow-share'),
    '50k',
    find('rr_50k', 'mean'),
    find('rr_50k', 'p50'),
    find('rr_50k', 'p90'),
    '10m',
    find('bulk_10m', 'p50'),
    find('bulk_10m', 'mean'),
    '1m',
    find('bulk_1m', 'mean'),
    find('bulk_1m', 'p50'),
    find('bulk_1m', 'p90'),
  );
}
for (const g of v.grid)
  console.log(
    g.workload,
    g.statistic,
    'median',
    pc(g.medianError),
    '/',
    pc(g.medianBound),
    'bias',
    pc(g.bias),
    g.within,
  );
const bn = v.comparisons.filter((c) => !c.cell.includes('ge'));
for (const mb of [false, true])
  for (const g of v.grid) {
    const e = bn
      .filter((c) => c.workload === g.workload && c.statistic === g.statistic && c.cell.includes('mbit') === mb)
      .map((c) => c.error)
      .sort((a, b) => a - b);
    const a = e.map(Math.abs).sort((x, y) => x - y);
    if (e.length)
      console.log(
        mb ? '10mbit' : 'plain ',
        g.workload,
        g.statistic,
        pc(a[a.length >> 1]!),
        pc(e[e.length >> 1]!),
        'max',
        pc(a.at(-1)!),
      );
  }
console.log('outside', v.cellsOutside, v.burstCellsOutside, 'met', v.met);
for (const c of v.comparisons)
  if (!c.within)
    console.log(
      '  ',
      c.cell,
      c.workload,
      c.statistic,
      c.product.toFixed(2),
      c.reference.toFixed(2),
      pc(c.error),
      c.bound,
    );
console.log(
  'time',
  ((performance.now() - t0) / 1000).toFixed(1),
  's',
  segs,
  'segments',
  (((performance.now() - t0) * 1000) / segs).toFixed(2),
  'us/segment',
  total,
);
