import type { Row } from './row.js';

const titles: Record<Row['group'], string> = {
  capacity: 'Goodput, as it was asked for',
  latency: 'Latency',
  page: 'A page of 30 resources over 6 connections, against kernel TCP over the same link',
  cost: 'What one core carries',
};

export interface Circumstances {
  /** The command that made it. */
  command: string;
  date: string;
  machine: string;
}

/** The page for docs/: a table for each group, the plot, and the command. */
export function renderPage(rows: readonly Row[], { command, date, machine }: Circumstances, plot: string): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const missed = rows.filter(({ within }) => !within);
  const verdict =
    missed.length === 0
      ? 'All are within their bounds.'
      : `Outside their bounds: ${missed.map(({ name, wanted, unit }) => `${name} (${wanted.toFixed(0)} ${unit})`).join('; ')}.`;
  return [
    '# Links and latency, measured',
    '',
    `Made by \`${command}\` on ${date}. Machine: ${machine}. How it measures: [bench/network/README.md](../bench/network/README.md).`,
    '',
    verdict,
    '',
    `![Deviation of goodput from what was asked for, and the time of a page against kernel TCP](${plot})`,
    ...groups.flatMap((group) => ['', `## ${titles[group]}`, '', ...table(rows.filter((row) => row.group === group))]),
    '',
  ].join('\n');
}

function table(rows: readonly Row[]): string[] {
  const wanted = rows[0]?.group === 'page' ? 'kernel TCP' : 'asked for';
  return [
    `| | ${wanted} | measured | deviation | bound | |`,
    '| --- | --: | --: | --: | --- | --- |',
    ...rows.map(
      ({ name, unit, wanted: asked, measured, bound, within }) =>
        `| ${name} | ${figure(asked)} ${unit} | ${figure(measured)} ${unit} | ${percent(measured / asked - 1)} | ${bound} | ${within ? 'ok' : '**outside**'} |`,
    ),
  ];
}

/** Plain text for the terminal. */
export function renderText(rows: readonly Row[]): string {
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

const width = 760;
const line = 22;
const left = 250;
const colours = { product: '#2b6cb0', kernel: '#a0aec0', outside: '#c53030', text: '#2d3748', band: '#e6fffa' };

/** Bars: how far goodput is from what was asked for, and the time of a page beside kernel TCP's. */
export function renderPlot(rows: readonly Row[]): string {
  const parts: string[] = [];
  let y = 30;
  const text = (x: number, at: number, what: string, anchor = 'start', weight = 'normal'): void =>
    void parts.push(
      `<text x="${x}" y="${at}" text-anchor="${anchor}" font-weight="${weight}" fill="${colours.text}">${escape(what)}</text>`,
    );
  const bar = (x: number, at: number, length: number, colour: string, height = 12): void =>
    void parts.push(`<rect x="${round(x)}" y="${at}" width="${round(length)}" height="${height}" fill="${colour}"/>`);

  const capacity = rows.filter(({ group }) => group === 'capacity');
  if (capacity.length > 0) {
    text(10, y, 'Goodput: deviation from what was asked for (band: ± 3 %)', 'start', 'bold');
    y += 12;
    const middle = left + (width - left - 80) / 2;
    const scale = (width - left - 80) / 20; // pixels for a percent: the plot goes from −10 to +10 %
    bar(middle - 3 * scale, y, 6 * scale, colours.band, capacity.length * line);
    for (const { name, wanted, measured, within } of capacity) {
      const deviation = (measured / wanted - 1) * 100;
      const length = Math.min(10, Math.abs(deviation)) * scale;
      text(10, y + 14, `${figure(wanted)} kB/s, ${name}`);
      bar(
        deviation < 0 ? middle - length : middle,
        y + 4,
        Math.max(1, length),
        within ? colours.product : colours.outside,
      );
      text(width - 10, y + 14, percent(deviation / 100), 'end');
      y += line;
    }
    y += 24;
  }
  const pages = rows.filter(({ group }) => group === 'page');
  if (pages.length > 0) {
    text(10, y, 'Time to load a page: proxyctl (blue), kernel TCP over the same link (grey)', 'start', 'bold');
    y += 12;
    const scale = (width - left - 110) / Math.max(...pages.flatMap(({ wanted, measured }) => [wanted, measured]));
    for (const { name, wanted, measured, within } of pages) {
      text(10, y + 18, name);
      bar(left, y + 3, measured * scale, within ? colours.product : colours.outside, 9);
      bar(left, y + 13, wanted * scale, colours.kernel, 9);
      text(width - 10, y + 18, `${(measured / 1000).toFixed(2)} / ${(wanted / 1000).toFixed(2)} s`, 'end');
      y += line + 6;
    }
  }
  const size = `width="${width}" height="${y + 10}" viewBox="0 0 ${width} ${y + 10}"`;
  const style = 'font-family="system-ui, sans-serif" font-size="12"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`;
}

function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
