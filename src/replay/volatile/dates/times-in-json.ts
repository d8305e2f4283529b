import type { JsonNode } from '../../request/text/json-text.js';
import { datesInParts } from './date-parts.js';
import { within, type FoundTime, type TimeWindow } from './find-times.js';
import { dateNames, weekdayNames } from './month-names.js';
import { civilSeconds, daySeconds, inNearestMonth, pad, wholeUnits, type Moment } from './time-format.js';
import { isTimeless, namesTime } from './timeless-names.js';

interface Leaf {
  type: 'string' | 'number' | 'literal';
  start: number;
  end: number;
  value: string;
}

const namesWeekday = /day|dow|wochentag|jour|giorno|d[ií]a|dag$|date|datum|label/i;
/** Such a date says when something was written down, not what it is about. */
const namesRecord = /creat|updat|modif/i;

/**
 * The values of an object that are parts of one date: its year, month and perhaps day, each a member. Of several dates,
 * all.
 */
export function partsInObject(
  { members }: Extract<JsonNode, { type: 'object' }>,
  name: string,
  windows: readonly TimeWindow[],
): FoundTime[] {
  if (isTimeless(name)) return [];
  const leaves = members.flatMap(({ key, value }) =>
    isLeaf(value) ? [{ name: key, value: value.value, node: value }] : [],
  );
  return datesInParts(leaves)
    .filter(({ seconds }) => within(seconds, windows))
    .flatMap(({ year, month, day, seconds }) => {
      const unit = day === undefined ? ('month' as const) : ('day' as const);
      const moment = { seconds, dateOnly: true, offsetSeconds: 0, unit };
      const part = (node: Leaf, tell: (date: Date) => string): FoundTime => partOf(node, moment, daySeconds, tell);
      const names = dateNames(month.value, undefined, false)?.monthNames;
      return [
        part(year.node, (date) => pad(date.getUTCFullYear(), 4)),
        part(month.node, (date) => names?.[date.getUTCMonth()] ?? like(month.value, date.getUTCMonth() + 1)),
        ...(day === undefined ? [] : [part(day.node, (date) => like(day.value, date.getUTCDate()))]),
      ];
    });
}

const readers: ((date: Date) => number)[] = [
  (date) => date.getUTCFullYear(),
  (date) => date.getUTCMonth() + 1,
  (date) => date.getUTCDate(),
  (date) => date.getUTCHours(),
  (date) => date.getUTCMinutes(),
  (date) => date.getUTCSeconds(),
];

/**
 * The numbers of an array that is a date, as Java's time classes are written where nobody says otherwise: `"date":
 * [2026, 11, 21, 10, 0]`.
 */
export function partsInArray(
  { items }: Extract<JsonNode, { type: 'array' }>,
  name: string,
  windows: readonly TimeWindow[],
): FoundTime[] {
  if (items.length < 3 || items.length === 4 || items.length > 7 || !namesTime(name) || isTimeless(name)) return [];
  const numbers = items.flatMap((item) => (item.type === 'number' && /^\d{1,9}$/.test(item.value) ? [item] : []));
  if (numbers.length < items.length || numbers[0]?.value.length !== 4) return [];
  const [year = 0, month = 0, day = 0, ...time] = numbers.slice(0, readers.length).map(({ value }) => Number(value));
  const seconds = civilSeconds(year, month, day, ...time);
  if (seconds === undefined || !within(seconds, windows)) return [];
  const moment = { seconds, dateOnly: items.length === 3, offsetSeconds: 0 };
  const unit = items.length === 3 ? daySeconds : items.length === 5 ? 60 : 1;
  return numbers
    .slice(0, readers.length)
    .map((node, i) => partOf(node, moment, unit, (date) => String(readers[i]?.(date) ?? node.value)));
}

/**
 * Members that name the day of the week of a date beside them; `times` are those of the object's own members, in their
 * places in the text.
 */
export function weekdaysBeside(
  { members }: Extract<JsonNode, { type: 'object' }>,
  times: readonly { time: FoundTime; start: number }[],
): FoundTime[] {
  if (times.length === 0) return [];
  const dates = members.flatMap(({ key, value }) => {
    if (namesRecord.test(key) || value.type === 'object' || value.type === 'array') return [];
    return times.filter(({ start }) => value.start <= start && start < value.end);
  });
  return members.flatMap(({ key, value: node }) => {
    if (node.type !== 'string' || node.value.length > 13 || !namesWeekday.test(key)) return [];
    const names = weekdayNames(node.value);
    const beside = dates.find(({ time }) => names?.[weekdayOf(time.moment)] === node.value);
    if (names === undefined || beside === undefined) return [];
    const { moment } = beside.time;
    return [partOf(node, moment, moment.dateOnly ? daySeconds : 1, (date) => names[date.getUTCDay()] ?? node.value)];
  });
}

function weekdayOf({ seconds, offsetSeconds }: Moment): number {
  return new Date((seconds + offsetSeconds) * 1000).getUTCDay();
}

/**
 * A part of a time, in its place in the whole text (without quotes). `tell`: the part of another date, in the zone that
 * the text is in.
 */
function partOf(node: Leaf, moment: Moment, unit: number, tell: (date: Date) => string): FoundTime {
  const quotes = node.type === 'string' ? 1 : 0;
  const local = moment.seconds + moment.offsetSeconds;
  const move = (_: string, seconds: number): string => {
    const by = wholeUnits(seconds, unit);
    return tell(moment.unit === 'month' ? inNearestMonth(local, by) : new Date((local + by) * 1000));
  };
  const format = { name: 'date-part', summary: '', pattern: /(?!)/g, read: () => undefined, move };
  return { start: node.start + quotes, end: node.end - quotes, text: node.value, format, moment };
}

/** With a leading zero where the other one has it. */
function like(other: string, value: number): string {
  return other.startsWith('0') || (other.length === 2 && Number(other) < 10) ? pad(value) : String(value);
}

function isLeaf(node: JsonNode): node is Extract<JsonNode, Leaf> {
  return node.type === 'string' || node.type === 'number';
}
