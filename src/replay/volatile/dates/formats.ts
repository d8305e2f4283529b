import {
  civilSeconds,
  daySeconds,
  defineTimeFormat,
  pad,
  wholeUnits,
  zoneSeconds,
  type TimeFormat,
  hints,
  notAfter,
} from './time-format.js';
import { civilFormats } from './civil-formats.js';
import { otherEpochs } from './other-epochs.js';
import { periodFormats } from './period-formats.js';

const isoPattern =
  /(?<!\d|\d\.)(\d{4})-(\d{2})-(\d{2})([T ]|%20|\+)(\d{2}):(\d{2})(?::(\d{2}))?([.,]\d{1,9})?(Z|[+-]\d{2}:?\d{2}(?!\d))?(?![\d:])/gi;

/** ISO 8601 and RFC 3339 date with time of day, in its own zone and precision; the `T` may be a space. */
const isoDateTime = defineTimeFormat({
  name: 'iso-date-time',
  hint: hints.yearFirst,
  summary: 'ISO 8601 date and time: 2026-11-21T10:00:00.123+01:00',
  pattern: isoPattern,
  read: (text) => {
    // by place, as it is of the pattern: bodies hold thousands
    const time = text.charAt(10) === '%' ? 13 : 11;
    const hasSeconds = text.charAt(time + 5) === ':';
    const local = civilSeconds(
      digitsAt(text, 0, 4),
      digitsAt(text, 5, 2),
      digitsAt(text, 8, 2),
      digitsAt(text, time, 2),
      digitsAt(text, time + 3, 2),
      hasSeconds ? digitsAt(text, time + 6, 2) : 0,
    );
    const offsetSeconds = /z$/i.test(text) ? 0 : zoneSeconds(/[+-]\d{2}:?\d{2}$/.exec(text.slice(time + 5))?.[0] ?? '');
    return local === undefined ? undefined : { seconds: local - offsetSeconds, dateOnly: false, offsetSeconds };
  },
  move: (text, seconds) => {
    const [, year, month, day, separator = 'T', hour, minute, second, fraction = '', zone = ''] = exec(
      isoPattern,
      text,
    );
    const local = civilSeconds(...numbers(year, month, day, hour, minute, second ?? '0')) ?? 0;
    const date = new Date((local + (second === undefined ? wholeUnits(seconds, 60) : seconds)) * 1000);
    const time = [pad(date.getUTCHours()), pad(date.getUTCMinutes())];
    if (second !== undefined) time.push(pad(date.getUTCSeconds()));
    return `${civil(date)}${separator}${time.join(':')}${fraction}${zone}`;
  },
});

const isoBasicPattern = /(?<![\dA-Za-z])(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z?)(?![\dA-Za-z])/g;

/** ISO 8601 basic format, as SigV4 and calendars have it: 20261121T100000Z. */
const isoBasic = defineTimeFormat({
  name: 'iso-basic',
  hint: hints.eightDigits,
  summary: 'ISO 8601 basic format: 20261121T100000Z',
  pattern: isoBasicPattern,
  read: (text) => {
    const [, ...parts] = exec(isoBasicPattern, text);
    const seconds = civilSeconds(...numbers(...parts.slice(0, 6)));
    return seconds === undefined ? undefined : { seconds, dateOnly: false, offsetSeconds: 0 };
  },
  move: (text, seconds) => {
    const [, ...parts] = exec(isoBasicPattern, text);
    const date = new Date(((civilSeconds(...numbers(...parts.slice(0, 6))) ?? 0) + seconds) * 1000);
    const digits = date.toISOString().replace(/[-:]|\.\d+Z/g, '');
    return digits + (parts[6] ?? '');
  },
});

const isoDatePattern = /(?<!\d)(?<!\d[-./])(\d{4})([-/])(\d{2})\2(\d{2})(?!\d|[.:]\d)/g;

/** A date alone: 2026-11-21, and 2026/11/21 as it stands in paths. */
const isoDate = defineTimeFormat({
  name: 'iso-date',
  hint: hints.yearFirst,
  summary: 'A date alone: 2026-11-21 or 2026/11/21',
  pattern: isoDatePattern,
  read: (text) => {
    const [, year, , month, day] = exec(isoDatePattern, text);
    const seconds = civilSeconds(...numbers(year, month, day));
    return seconds === undefined ? undefined : { seconds, dateOnly: true, offsetSeconds: 0 };
  },
  move: (text, seconds) => {
    const [, year, separator = '-', month, day] = exec(isoDatePattern, text);
    const midnight = civilSeconds(...numbers(year, month, day)) ?? 0;
    const date = new Date((midnight + wholeUnits(seconds, daySeconds)) * 1000);
    return civil(date, separator);
  },
});

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const longDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthNames = months.join('|');

const httpPattern = new RegExp(
  `(?:\\b(${longDays.join('|')}|${days.join('|')}),? )?\\b(\\d{1,2})([ -])(${monthNames})([ -])(\\d{4}|\\d{2}) (\\d{2}):(\\d{2}):(\\d{2}) (GMT|UTC|UT|Z|[+-]\\d{4})(?![\\w])`,
  'g',
);

/**
 * RFC 9110 §5.6.7 (both the preferred and the RFC 850 form), cookies' dates (RFC 6265 §5.1.1) and e-mail's (RFC 5322
 * §3.3).
 */
const httpDate = defineTimeFormat({
  name: 'http-date',
  hint: hints.yearLastOrClock,
  summary: 'Dates of HTTP headers, cookies and e-mail: Sat, 21 Nov 2026 10:00:00 GMT',
  pattern: httpPattern,
  read: (text) => {
    const { local, zone } = httpParts(text);
    const offsetSeconds = zoneSeconds(zone);
    return local === undefined ? undefined : { seconds: local - offsetSeconds, dateOnly: false, offsetSeconds };
  },
  move: (text, seconds) => {
    const { local = 0, zone, match } = httpParts(text);
    const [, dayName, day = '', separator = ' ', , separator2 = ' ', year = ''] = match;
    const date = new Date((local + seconds) * 1000);
    const names = dayName !== undefined && dayName.length > 3 ? longDays : days;
    const comma = text.includes(',') ? ', ' : ' ';
    const front = dayName === undefined ? '' : `${names[date.getUTCDay()]}${comma}`;
    const newYear = year.length === 2 ? pad(date.getUTCFullYear() % 100) : pad(date.getUTCFullYear(), 4);
    const newDay = day.length === 1 && date.getUTCDate() < 10 ? String(date.getUTCDate()) : pad(date.getUTCDate());
    return `${front}${newDay}${separator}${months[date.getUTCMonth()]}${separator2}${newYear} ${timeOf(date)} ${zone}`;
  },
});

function httpParts(text: string): { local: number | undefined; zone: string; match: RegExpExecArray } {
  const match = exec(httpPattern, text);
  const [, , day, , month = '', , year = '', hour, minute, second, zone = ''] = match;
  const fullYear = year.length === 2 ? Number(year) + (Number(year) < 70 ? 2000 : 1900) : Number(year); // RFC 6265 §5.1.1
  const [inMonth, hours, minutes, seconds] = numbers(day, hour, minute, second);
  const local = civilSeconds(fullYear, months.indexOf(month) + 1, inMonth, hours, minutes, seconds);
  return { local, zone, match };
}

const scriptPattern = new RegExp(
  `\\b(${days.join('|')}) (${monthNames}) ( \\d|\\d{2}) (?:(\\d{4}) (\\d{2}):(\\d{2}):(\\d{2})( GMT[+-]\\d{4})|(\\d{2}):(\\d{2}):(\\d{2}) (\\d{4}))(?!\\d)`,
  'g',
);

/** What JavaScript's `Date.toString` and C's `asctime` write. */
const scriptDate = defineTimeFormat({
  name: 'script-date',
  hint: hints.yearLastOrClock,
  summary: 'Date.toString and asctime: Sat Nov 21 2026 10:00:00 GMT+0000, Sat Nov 21 10:00:00 2026',
  pattern: scriptPattern,
  read: (text) => {
    const { local, offsetSeconds } = scriptParts(text);
    return local === undefined ? undefined : { seconds: local - offsetSeconds, dateOnly: false, offsetSeconds };
  },
  move: (text, seconds) => {
    const { local = 0, zone, spaced } = scriptParts(text);
    const date = new Date((local + seconds) * 1000);
    const day = spaced ? String(date.getUTCDate()).padStart(2, ' ') : pad(date.getUTCDate());
    const front = `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day}`;
    const year = pad(date.getUTCFullYear(), 4);
    return zone === undefined ? `${front} ${timeOf(date)} ${year}` : `${front} ${year} ${timeOf(date)}${zone}`;
  },
});

function scriptParts(text: string): {
  local: number | undefined;
  offsetSeconds: number;
  zone: string | undefined;
  spaced: boolean;
} {
  const [, , month = '', day = '', y1, h1, m1, s1, zone, h2, m2, s2, y2] = exec(scriptPattern, text);
  const [year, hour, minute, second] = numbers(y1 ?? y2, h1 ?? h2, m1 ?? m2, s1 ?? s2);
  const local = civilSeconds(year ?? 0, months.indexOf(month) + 1, Number(day), hour, minute, second);
  return { local, offsetSeconds: zoneSeconds(zone?.slice(4) ?? ''), zone, spaced: zone === undefined };
}

/**
 * Seconds since 1970 with what unit the digits after the tenth are in. From 2001-09-09 to 2286 they have ten digits.
 */
function epochFormat(unit: string, digits: number, sample: string): TimeFormat {
  const pattern =
    digits === 10
      ? new RegExp(`${notAfter.words}(?<!(?<![A-Za-z\\d])\\+)1\\d{9}(?:\\.\\d{1,9})?(?![\\dA-Za-z]|\\.\\d)`, 'g')
      : new RegExp(`${notAfter.digits}1\\d{${digits - 1}}(?:\\.\\d{1,9})?(?!\\d)`, 'g');
  return defineTimeFormat({
    name: `epoch-${unit}`,
    hint: hints.eightDigits,
    bare: true,
    summary: `${unit} since 1970: ${sample}`,
    pattern,
    read: (text) => ({ seconds: Number(text.slice(0, 10)), dateOnly: false, offsetSeconds: 0 }),
    move: (text, seconds) => pad(Number(text.slice(0, 10)) + seconds, 10) + text.slice(10),
  });
}

/** Every format, those first that contain others. */
export const timeFormats: readonly TimeFormat[] = [
  isoDateTime,
  isoBasic,
  isoDate,
  httpDate,
  scriptDate,
  ...civilFormats,
  epochFormat('nanoseconds', 19, '1763719200000000000'),
  epochFormat('microseconds', 16, '1763719200000000'),
  epochFormat('milliseconds', 13, '1763719200000'),
  epochFormat('seconds', 10, '1763719200'),
  ...otherEpochs,
  ...periodFormats,
];

function digitsAt(text: string, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 10 + (text.charCodeAt(i) - 0x30);
  return value;
}

function exec(pattern: RegExp, text: string): RegExpExecArray {
  pattern.lastIndex = 0;
  const match = pattern.exec(text);
  if (match === null) throw new Error(`Not of this time format: ${text}`);
  return match;
}

function numbers(...texts: (string | undefined)[]): [number, number, number, number, number, number] {
  return texts.map(Number) as [number, number, number, number, number, number];
}

function civil(date: Date, separator = '-'): string {
  return [pad(date.getUTCFullYear(), 4), pad(date.getUTCMonth() + 1), pad(date.getUTCDate())].join(separator);
}

function timeOf(date: Date): string {
  return [pad(date.getUTCHours()), pad(date.getUTCMinutes()), pad(date.getUTCSeconds())].join(':');
}
