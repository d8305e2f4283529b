import { readReference } from './reference.js';
import { shapes, simulate } from './simulate.js';
import { quantile } from './statistics.js';
const cells = (await readReference('/work/shared/reference/tcp-loss.json')).filter((c) => c.ge);
for (const cell of cells)
  for (const w of Object.keys(shapes) as (keyof typeof shapes)[]) {
    const m = cell.measures[w]!;
    const bulk = w === 'bulk_10m';
    const ref = bulk ? m.goodput_mbit! : m.time_ms;
    const p50: number[] = [],
      p90: number[] = [];
    for (let s = 0; s < 60; s++) {
      const v = simulate(cell, w, { seed: s * 7919 + 3 })
        .samples.map((x) => (bulk ? (x.bytes * 8) / x.timeMs / 1000 : x.timeMs))
        .sort((a, b) => a - b);
      p50.push(quantile(v, 0.5));
      p90.push(quantile(v, 0.9));
    }
    p50.sort((a, b) => a - b);
    p90.sort((a, b) => a - b);
    const f = (x: number[]) => [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantile(x, q).toFixed(1)).join(' ');
    console.log(
      cell.id,
      w,
      'ref p50',
      ref.p50,
      ref.p50_ci95,
      'model',
      f(p50),
      '| p90',
      ref.p90,
      ref.p90_ci95,
      'model',
      f(p90),
    );
  }
