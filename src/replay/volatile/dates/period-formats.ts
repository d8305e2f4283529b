import { anyLongMonth, dateNames, monthNumber } from './month-names.js';
import {
  civilSeconds,
  daySeconds,
  defineTimeFormat,
  inNearestMonth,
  pad,
  wholeUnits,
  hints,
  notAfter,
} from './time-format.js';

const compactPattern = new RegExp(`${notAfter.wordsAndDates}(\\d{4})(\\d{2})(\\d{2})(?![A-Za-z0-9]|[.-]\\d)`, 'g');

/** Eight digits are a date where they are called so, or where they stand in a request. */
const compactDate = defineTimeFormat({
  name: 'compact-date',
  hint: hints.eightDigits,
  summary: 'A date alone in eight digits: 20261121',
  bare: true,
  pattern: compactPattern,
  read: (text) => {
    const seconds = compactSeconds(text);
    return seconds === undefined ? undefined : { seconds, dateOnly: true, offsetSeconds: 0 };
  },
  move: (text, seconds) => compactText((compactSeconds(text) ?? 0) + wholeUnits(seconds, daySeconds)).slice(0, 8),
});

const compactTimePattern = new RegExp(
  `${notAfter.wordsAndDates}(\\d{4})(\\d{2})(\\d{2})([-_]?)(\\d{2})(\\d{2})(\\d{2})(\\d{3}|\\.\\d{1,6})?(Z?)(?![A-Za-z0-9]|[.-]\\d)`,
  'g',
);

/** Fourteen digits, as names of runs, log files and directories of people (RFC 4517 §3.3.13) have them. */
const compactDateTime = defineTimeFormat({
  name: 'compact-date-time',
  hint: hints.eightDigits,
  summary: 'Date and time in fourteen digits: 20261121100000, 20261121-100000, 20261121100000Z',
  bare: true,
  pattern: compactTimePattern,
  read: (text) => {
    const seconds = compactSeconds(text);
    return seconds === undefined ? undefined : { seconds, dateOnly: false, offsetSeconds: 0 };
  },
  fraction: (text) => /^\d{8}[-_]?\d{6}\.?(\d*)/.exec(text)?.[1] ?? '',
  move: (text, seconds) => {
    const told = compactText((compactSeconds(text) ?? 0) + seconds);
    return text.replace(
      compactTimePattern,
      (_, _y, _m, _d, separator: string, _h, _i, _s, fraction: string | undefined, zone: string) =>
        `${told.slice(0, 8)}${separator}${told.slice(8)}${fraction ?? ''}${zone}`,
    );
  },
});

/** Of eight digits or fourteen. */
function compactSeconds(text: string): number | undefined {
  const digits = text.replace(/[-_]/, '');
  const part = (from: number, to: number): number => Number(digits.slice(from, to));
  return civilSeconds(part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14));
}

/** Fourteen digits. */
function compactText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:T]|\..*/g, '');
}

const weekPattern = new RegExp(
  `(?<![\\w-]|(?<![A-Za-z_])\\.)(\\d{4})(-?)W(\\d{2})(?:(-?)([1-7]))?(?![\\w.]|-\\d)`,
  'g',
);

/** ISO 8601 weeks; one with a day is that day. */
const isoWeek = defineTimeFormat({
  name: 'iso-week',
  hint: hints.week,
  summary: 'A week of ISO 8601: 2026-W47, 2026-W47-6',
  pattern: weekPattern,
  read: (text) => {
    const [year, week, day = 1] = weekParts(text);
    if (year === undefined || week === undefined || week < 1 || week > weeksOf(year)) return undefined;
    const seconds = mondayOf(year) + ((week - 1) * 7 + day - 1) * daySeconds;
    const unit = weekParts(text)[2] === undefined ? ('week' as const) : ('day' as const);
    return { seconds, dateOnly: true, offsetSeconds: 0, unit };
  },
  move: (text, seconds) => {
    const [year = 0, week = 1, day] = weekParts(text);
    const days = Math.trunc(seconds / daySeconds);
    const at = mondayOf(year) + ((week - 1) * 7 + (day ?? 1) - 1 + days) * daySeconds;
    // a week has the year of its Thursday
    const monday = at - ((dayOfWeek(at) + 6) % 7) * daySeconds;
    const newYear = new Date((monday + 3 * daySeconds) * 1000).getUTCFullYear();
    const newWeek = (monday - mondayOf(newYear)) / (7 * daySeconds) + 1;
    const newDay = String(((dayOfWeek(at) + 6) % 7) + 1);
    return text.replace(
      weekPattern,
      (_, __, dash: string, ___, dash2: string | undefined) =>
        `${pad(newYear, 4)}${dash}W${pad(newWeek)}${day === undefined ? '' : (dash2 ?? '') + newDay}`,
    );
  },
});

const monthPattern = /(?<=^|\/|[A-Za-z_]\.)(\d{4})([-/])(0[1-9]|1[0-2])(?=$|\/)/g;

/** A month alone; `seconds` moves it to the month whose first is nearest. */
const isoMonth = defineTimeFormat({
  name: 'iso-month',
  hint: hints.yearFirst,
  summary: 'A month alone: 2026-11',
  bare: true,
  pattern: monthPattern,
  read: (text) => {
    const seconds = civilSeconds(Number(text.slice(0, 4)), Number(text.slice(5)), 1);
    return seconds === undefined ? undefined : { seconds, dateOnly: true, offsetSeconds: 0, unit: 'month' };
  },
  move: (text, seconds) => {
    const first = civilSeconds(Number(text.slice(0, 4)), Number(text.slice(5)), 1) ?? 0;
    const month = inNearestMonth(first, seconds);
    return `${pad(month.getUTCFullYear(), 4)}${text[4] ?? '-'}${pad(month.getUTCMonth() + 1)}`;
  },
});

const monthYearPattern = new RegExp(
  `(?<![\\p{L}\\d]|\\d\\.? (?:de )?|\\d-)(${anyLongMonth})( (?:de )?)(\\d{4})(?![\\w/-]|[.:]\\d)`,
  'gu',
);

/** A month by its name; like `isoMonth` it moves to the month whose first is nearest. */
const monthOfYear = defineTimeFormat({
  name: 'month-name',
  hint: hints.yearLast,
  summary: 'A month by name: November 2026, novembre 2026',
  pattern: monthYearPattern,
  read: (text) => {
    const [month = '', ...rest] = text.split(' ');
    const seconds = civilSeconds(Number(rest.at(-1)), monthNumber(month) ?? 0, 1);
    return seconds === undefined ? undefined : { seconds, dateOnly: true, offsetSeconds: 0, unit: 'month' };
  },
  move: (text, seconds) =>
    text.replace(monthYearPattern, (_, name: string, between: string, year: string) => {
      const names = dateNames(name, undefined, false);
      if (names === undefined) return text;
      const first = civilSeconds(Number(year), names.month, 1) ?? 0;
      const moved = inNearestMonth(first, seconds);
      return `${names.monthNames[moved.getUTCMonth()]}${between}${moved.getUTCFullYear()}`;
    }),
});

/** Dates that only their name or place tells from other numbers, weeks and months. */
export const periodFormats = [isoWeek, isoMonth, monthOfYear, compactDateTime, compactDate];

function weekParts(text: string): [number | undefined, number | undefined, number | undefined] {
  const match = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/.exec(text);
  if (match === null) return [undefined, undefined, undefined];
  return [Number(match[1]), Number(match[2]), match[3] === undefined ? undefined : Number(match[3])];
}

/** Of the first week of a year: the one with 4 January in it. */
function mondayOf(year: number): number {
  const fourth = Date.UTC(year, 0, 4) / 1000;
  return fourth - ((dayOfWeek(fourth) + 6) % 7) * daySeconds;
}

function weeksOf(year: number): number {
  return (mondayOf(year + 1) - mondayOf(year)) / (7 * daySeconds);
}

function dayOfWeek(seconds: number): number {
  return new Date(seconds * 1000).getUTCDay();
}
