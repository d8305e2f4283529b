import type { Comparison, Verdict } from '../criterion.js';
import { figure } from './figure.js';
import { colours, Svg } from './svg.js';

const panels = [
  { title: '1 KB exchange, mean', workload: 'rr_1k', statistic: 'mean', unit: 'ms' },
  { title: '50 KB exchange, mean', workload: 'rr_50k', statistic: 'mean', unit: 'ms' },
  { title: '1 MB download, mean', workload: 'bulk_1m', statistic: 'mean', unit: 'ms' },
  { title: '10 MB download, median goodput', workload: 'bulk_10m', statistic: 'p50', unit: 'Mbit/s' },
] as const;

const side = 300;
const margin = { left: 60, top: 40, right: 20, bottom: 50 };
const cell = { width: margin.left + side + margin.right, height: margin.top + side + margin.bottom };

/**
 * Each cell of the reference as a dot: what kernel TCP took to the right, what proxyctl took upwards. On the diagonal
 * they are equal.
 */
export function lossPlot({ comparisons }: Verdict): string {
  const svg = new Svg();
  svg.text(
    10,
    20,
    'Across: kernel TCP. Up: proxyctl. On the diagonal both are equal. Hollow: losses in bursts. Red: outside its bound.',
  );
  for (const [index, panel] of panels.entries()) {
    const shown = comparisons.filter(
      ({ workload, statistic }) => workload === panel.workload && statistic === panel.statistic,
    );
    draw(svg, panel, shown, { x: (index % 2) * cell.width, y: 20 + Math.floor(index / 2) * cell.height });
  }
  return svg.render(2 * cell.width, 20 + 2 * cell.height);
}

function draw(
  svg: Svg,
  { title, unit }: (typeof panels)[number],
  shown: readonly Comparison[],
  corner: { x: number; y: number },
): void {
  const values = shown.flatMap(({ product, reference }) => [product, reference]);
  if (values.length === 0) return;
  const [low, high] = [Math.log10(Math.min(...values)) - 0.1, Math.log10(Math.max(...values)) + 0.1];
  const along = (value: number): number => ((Math.log10(value) - low) / (high - low)) * side;
  const x = (value: number): number => corner.x + margin.left + along(value);
  const y = (value: number): number => corner.y + margin.top + side - along(value);
  const [least, most] = [10 ** low, 10 ** high];
  svg.text(corner.x + margin.left, corner.y + margin.top - 10, `${title}, ${unit}`, { bold: true });
  for (const tick of ticks(least, most)) {
    svg.line(x(tick), y(least), x(tick), y(most), colours.line);
    svg.line(x(least), y(tick), x(most), y(tick), colours.line);
    svg.text(x(tick), y(least) + 16, figure(tick), { anchor: 'middle', size: 11 });
    svg.text(x(least) - 6, y(tick) + 4, figure(tick), { anchor: 'end', size: 11 });
  }
  svg.line(x(least), y(least), x(most), y(most), colours.kernel);
  for (const { cell: id, product, reference, within } of shown) {
    const title = `${id}: ${figure(product)}, kernel ${figure(reference)}`;
    svg.dot(x(reference), y(product), within ? colours.product : colours.outside, {
      hollow: id.includes('-ge'),
      title,
    });
  }
}

/** 1, 2, 5, 10, … between two numbers. */
function ticks(least: number, most: number): number[] {
  const powers = Array.from({ length: 12 }, (_, index) => 10 ** (index - 4));
  return powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((tick) => tick >= least && tick <= most);
}
