import { hints, notAfter } from './time-format.js';
import { defineCivilFormat } from './civil-format.js';
import { anyMonth, anyWeekday } from './month-names.js';
import type { TimeFormat } from './time-format.js';

const clock = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?(?:[ \u202f]?(?<half>[AaPp]\.?[Mm]\b\.?))?`;
const after = String.raw`(?:,? (?:at |um |à )?${clock})?(?![\w/]|[-.:]\d)`;
const weekday = `(?:(?<![\\p{L}\\d])(?<weekday>${anyWeekday})\\.?,? )?`;
const year = '(?<year>\\d{4})';

/** Before 13 either number may be the month: what the pattern does not settle, the nearness to the recording does. */
const monthFirst = defineCivilFormat({
  name: 'month-first-date',
  hint: hints.yearLast,
  summary: 'Month, day and year in numbers: 11/21/2026, 11/21/2026 10:00:00 AM, 11-21-2026',
  pattern: new RegExp(
    `${notAfter.wordsAndSeparators}(?<month>0?[1-9]|1[0-2])([/-])(?<day>0?[1-9]|[12]\\d|3[01])\\2${year}${after}`,
    'gu',
  ),
});

const dayFirst = defineCivilFormat({
  name: 'day-first-date',
  hint: hints.yearLast,
  summary: 'Day, month and year in numbers: 21/11/2026, 21.11.2026, 21-11-2026 10:00',
  pattern: new RegExp(
    `${notAfter.wordsAndSeparators}(?<day>0?[1-9]|[12]\\d|3[01])([./-])(?<month>0?[1-9]|1[0-2])\\2${year}${after}`,
    'gu',
  ),
});

const isFullName = (names: { monthNames: readonly string[] } | undefined): boolean =>
  (names?.monthNames[0]?.length ?? 0) <= 4;

const monthName = defineCivilFormat({
  name: 'month-name-date',
  hint: hints.yearLast,
  summary: 'Month by name, then day: November 21, 2026, Sat, Nov 21, 2026 at 10:00 AM',
  pattern: new RegExp(
    `${weekday}(?<![\\p{L}\\d])(?<month>${anyMonth})\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?,? ${year}${after}`,
    'gu',
  ),
  padded: isFullName,
});

const dayMonthName = defineCivilFormat({
  name: 'day-month-name-date',
  hint: hints.yearLast,
  summary: 'Day, then month by name: 21 November 2026, 21. November 2026, sábado, 21 de noviembre de 2026, 21-Nov-2026',
  pattern: new RegExp(
    `${weekday}(?<![\\w.:])(?<day>\\d{1,2})(?:(?<stop>\\.)|st|nd|rd|th)?(?: de)?[ -](?<month>${anyMonth})\\.?(?: de)?[ -]${year}${after}`,
    'gu',
  ),
  padded: isFullName,
});

const logDate = defineCivilFormat({
  name: 'log-date',
  hint: hints.yearLastOrClock,
  summary: 'Common Log Format: 21/Nov/2026:10:00:00 +0000',
  pattern:
    /(?<![\w/])(?<day>\d{2})\/(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\/(?<year>\d{4}):(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2}) (?<zone>[+-]\d{4})(?!\d)/gu,
});

const unpadded = defineCivilFormat({
  name: 'iso-date-unpadded',
  hint: hints.yearFirst,
  summary: 'A date alone without leading zeros: 2027/1/5, 2027-1-5',
  pattern:
    /(?<![\w:-]|(?<![A-Za-z_])\.)(?<year>\d{4})([/-])(?<month>[1-9]|1[0-2])\2(?<day>[1-9]|[12]\d|3[01])(?![\w]|[-.:]\d)/gu,
  padded: () => false,
});

/** Dates as people write them; those with a time of day are read as UTC. */
export const civilFormats: readonly TimeFormat[] = [
  { ...monthFirst, rival: dayFirst },
  dayFirst,
  logDate,
  monthName,
  dayMonthName,
  unpadded,
];
