import type { Row } from '../links/row.js';
import { figure, percent } from './figure.js';
import { colours, Svg } from './svg.js';

const width = 760;
const line = 22;
const left = 250;

/** Bars: how far goodput is from what was asked for, and the time of a page beside kernel TCP's. */
export function linksPlot(rows: readonly Row[]): string {
  const svg = new Svg();
  const capacityEnd = drawCapacity(
    svg,
    rows.filter(({ group }) => group === 'capacity'),
    30,
  );
  const end = drawPages(
    svg,
    rows.filter(({ group }) => group === 'page'),
    capacityEnd,
  );
  return svg.render(width, end + 10);
}

/** Draws from `top` on. Returns where it ends. */
function drawCapacity(svg: Svg, rows: readonly Row[], top: number): number {
  if (rows.length === 0) return top;
  svg.text(10, top, 'Goodput: deviation from what was asked for (band: ± 3 %)', { bold: true });
  const middle = left + (width - left - 80) / 2;
  const scale = (width - left - 80) / 20; // pixels for a percent: the plot goes from −10 to +10 %
  svg.bar(middle - 3 * scale, top + 12, 6 * scale, rows.length * line, colours.band);
  for (const [index, { name, wanted, measured, within }] of rows.entries()) {
    const y = top + 12 + index * line;
    const deviation = (measured / wanted - 1) * 100;
    const length = Math.min(10, Math.abs(deviation)) * scale;
    const colour = within ? colours.product : colours.outside;
    svg.text(10, y + 14, `${figure(wanted)} kB/s, ${name}`);
    svg.bar(deviation < 0 ? middle - length : middle, y + 4, Math.max(1, length), 12, colour);
    svg.text(width - 10, y + 14, percent(deviation / 100), { anchor: 'end' });
  }
  return top + 12 + rows.length * line + 24;
}

function drawPages(svg: Svg, rows: readonly Row[], top: number): number {
  if (rows.length === 0) return top;
  svg.text(10, top, 'Time to load a page: proxyctl (blue), kernel TCP over the same link (grey)', { bold: true });
  const scale = (width - left - 110) / Math.max(...rows.flatMap(({ wanted, measured }) => [wanted, measured]));
  for (const [index, { name, wanted, measured, within }] of rows.entries()) {
    const y = top + 12 + index * (line + 6);
    svg.text(10, y + 18, name);
    svg.bar(left, y + 3, measured * scale, 9, within ? colours.product : colours.outside);
    svg.bar(left, y + 13, wanted * scale, 9, colours.kernel);
    svg.text(width - 10, y + 18, `${(measured / 1000).toFixed(2)} / ${(wanted / 1000).toFixed(2)} s`, {
      anchor: 'end',
    });
  }
  return top + 12 + rows.length * (line + 6);
}
