import { readReference } from './reference.js';
import { shapes, simulate } from './simulate.js';
import { summarize } from './statistics.js';
const cells = (await readReference(process.argv[2]!)).filter((c) => new RegExp(process.argv[3]!).test(c.id));
for (const cell of cells)
  for (const w of Object.keys(shapes) as (keyof typeof shapes)[]) {
    const m = cell.measures[w];
    if (!m) continue;
    const bulk = w === 'bulk_10m';
    const ref = bulk ? m.goodput_mbit! : m.time_ms;
    const r = simulate(cell, w, { seed: 3, scale: Number(process.argv[4] ?? 1) });
    const s = summarize(r.samples.map((x) => (bulk ? (x.bytes * 8) / x.timeMs / 1000 : x.timeMs)));
    console.log(
      cell.id,
      w,
      'ref mean',
      ref.mean,
      'p50',
      ref.p50,
      'p90',
      ref.p90,
      '| model',
      s.mean.toFixed(3),
      s.p50.toFixed(3),
      s.p90.toFixed(3),
      JSON.stringify(r.counters),
    );
  }
