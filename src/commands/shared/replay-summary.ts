import type { SessionSummary } from '../../api/schemas.js';
import type { MissReport } from '../../replay/explain/miss-report.js';

const shownMisses = 20;
const shownUnused = 5;
const shownReasons = 3;
const longestValue = 200;

/**
 * How a replay went, for people: each miss with the recorded request that came nearest and what differs, then the
 * counts.
 */
export function replayText({
  misses,
  unused,
  failures,
  passedThrough,
  addedFields,
  upstreamConnections,
  session,
}: SessionSummary): string {
  const { exchanges } = session.counters;
  const lines: string[] = [];
  if (misses.length > 0) {
    lines.push(`${plural(misses.length, 'request')} not in the recording:`, '');
    for (const [index, miss] of misses.slice(0, shownMisses).entries()) lines.push(...missLines(miss, index + 1), '');
    if (misses.length > shownMisses)
      lines.push(`… and ${misses.length - shownMisses} more; --report FILE has them all`, '');
  }
  for (const { method, url, message } of failures.slice(0, shownMisses))
    lines.push(`failed: ${method} ${url}: ${message}`);
  for (const { method, url, recorded } of passedThrough.slice(0, shownMisses))
    lines.push(`passed through${recorded ? ' and recorded' : ''}: ${method} ${url}`);
  if (passedThrough.length > shownMisses) lines.push(`… and ${passedThrough.length - shownMisses} more`);
  lines.push(...addedLines(addedFields));
  const own = ownFailures({ failures });
  if (own.length > 0) lines.push(notGivenText(own));
  const answered = exchanges - misses.length - passedThrough.length - own.length;
  lines.push(
    `Replayed ${answered} of ${plural(exchanges, 'request')}; ${plural(upstreamConnections, 'upstream connection')}.`,
  );
  if (unused.length > 0) lines.push(unusedLine(unused));
  return lines.join('\n');
}

/** Those that are neither a client's nor a backend's. */
export function ownFailures({ failures }: Pick<SessionSummary, 'failures'>): SessionSummary['failures'] {
  return failures.filter(({ own }) => own === true);
}

/** How many answers of a recording could not be given, and why. */
export function notGivenText(own: SessionSummary['failures']): string {
  const reasons = [...new Set(own.map(({ message }) => message))];
  const more = reasons.length > shownReasons ? '; …' : '';
  return `${plural(own.length, 'answer')} could not be given: ${reasons.slice(0, shownReasons).join('; ')}${more}`;
}

/** A miss with the recorded request that came nearest and what differs. */
export function missText(miss: MissReport): string {
  return missLines(miss, 1).slice(1).join('\n');
}

function missLines({ method, url, reason, nearest }: MissReport, number: number): string[] {
  const head = `${number}. ${method} ${url}`;
  if (nearest === undefined) return [head, `   ${reason}`];
  const where = nearest.method === method && nearest.url === url ? '' : `: ${nearest.method} ${nearest.url}`;
  return [
    head,
    `   ${reason}`,
    `   nearest is recorded request #${nearest.index}${where}`,
    ...nearest.differences.flatMap((difference) => [
      `     ${difference.where}`,
      `     - ${shown(difference.recorded, 'recorded')}`,
      `     + ${shown(difference.incoming, 'asked')}`,
    ]),
  ];
}

function shown(value: string | undefined, side: string): string {
  if (value === undefined) return `(nothing ${side})`;
  return value.length <= longestValue ? value : `${value.slice(0, longestValue)}… (${value.length} characters)`;
}

/** A line for each operation and version, with all that it was given anew. */
function addedLines(addedFields: SessionSummary['addedFields']): string[] {
  const places = new Map<string, Set<string>>();
  for (const { method, url, where, by } of addedFields) {
    const operation = `added${by === undefined ? '' : ` by ${by}`}: ${method} ${url.replace(/\?.*/, '')}`;
    const known = places.get(operation) ?? new Set();
    for (const place of where) known.add(place);
    places.set(operation, known);
  }
  const lines = [...places].map(([operation, wheres]) => `${operation}: ${[...wheres].join(', ')}`);
  const more = lines.length > shownMisses ? [`… and ${lines.length - shownMisses} more`] : [];
  return [...lines.slice(0, shownMisses), ...more];
}

function unusedLine(unused: SessionSummary['unused']): string {
  const some = unused.slice(0, shownUnused).map(({ method, url }) => `${method} ${url}`);
  const more = unused.length > shownUnused ? ', …' : '';
  return `${plural(unused.length, 'recorded request')} not asked for: ${some.join(', ')}${more}`;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
