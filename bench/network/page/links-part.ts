import type { Row } from '../links/row.js';
import { figure, percent } from './figure.js';

const titles: Record<Row['group'], string> = {
  capacity: 'Goodput, as it was asked for',
  latency: 'Latency',
  page: 'A page of 30 resources over 6 connections, against kernel TCP over the same link',
  cost: 'What one core carries',
};

/** Links and latency for the page: a table for each group, and the plot. */
export function linksPart(rows: readonly Row[], plot: string): string[] {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const missed = rows.filter(({ within }) => !within);
  const verdict =
    missed.length === 0
      ? 'All are within their bounds.'
      : `Outside their bounds: ${missed.map(({ name, wanted, unit }) => `${name} (${wanted.toFixed(0)} ${unit})`).join('; ')}.`;
  return [
    verdict,
    '',
    `![Deviation of goodput from what was asked for, and the time of a page against kernel TCP](${plot})`,
    ...groups.flatMap((group) => ['', `### ${titles[group]}`, '', ...table(rows.filter((row) => row.group === group))]),
  ];
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
