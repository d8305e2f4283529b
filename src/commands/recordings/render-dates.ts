import { formatDuration } from '../../core/units.js';
import type { DateReport } from '../../replay/explain/date-report.js';
import type { Recording } from '../../store/recording.js';
import { count } from '../shared/record-test.js';
import { table } from '../shared/table.js';

/** What a replay at `date` makes of a recording's dates, by exchange. */
export function renderDates({ info, entries }: Recording, date: string, { moved, left }: DateReport): string {
  const lines = [`Recorded ${info.recordedAt}, replayed ${date}:`, ''];
  for (const [index, entry] of entries.entries()) {
    const rows = [
      ...moved
        .filter((each) => each.index === index)
        .map(({ where, from, to, seconds }) => [where, from, `→ ${to}`, signed(seconds)]),
      ...left.filter((each) => each.index === index).map(({ where, value, why }) => [where, value, 'stays', why]),
    ];
    if (rows.length === 0) continue;
    lines.push(`#${entry._proxyctl?.index ?? index} ${entry.request.method} ${entry.request.url}`);
    lines.push(indented(table(['WHERE', 'RECORDED', 'TOLD', 'BY'], rows)), '');
  }
  return [...lines, `${count(moved.length, 'date')} would move, ${left.length} would stay.`].join('\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function signed(seconds: number): string {
  const days = Math.trunc(Math.abs(seconds) / 86_400);
  const rest = Math.abs(seconds) % 86_400;
  const parts = [...(days > 0 ? [`${days} d`] : []), ...(rest > 0 || days === 0 ? [formatDuration(rest * 1000)] : [])];
  return `${seconds < 0 ? '-' : '+'}${parts.join(' ')}`;
}
