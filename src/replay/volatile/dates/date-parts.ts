import { monthNumber } from './month-names.js';
import { isTimeless } from './timeless-names.js';
import { civilSeconds } from './time-format.js';

/** A named value, as a member of an object or a parameter has it. */
interface NamedValue {
  name: string;
  value: string;
}

/**
 * A date whose year, month and day are values of their own: `{"year": 2026, "month": 11, "day": 21}`,
 * `?y=2026&m=11&d=21`; or a month whose year and number are, and which has no day.
 */
interface DateInParts<Value extends NamedValue> {
  year: Value;
  month: Value;
  day: Value | undefined;
  /** Midnight of it or of its first, as if in UTC, in seconds since 1970. */
  seconds: number;
}

/** How the names of years end. */
export const yearEndings: readonly string[] = ['year', 'Year', 'YEAR', 'yyyy', 'YYYY', 'yr', 'Yr', 'YR'];

/** Whether one of the values is called a year: hardly any have one. */
export function mayHoldYear(values: readonly Pick<NamedValue, 'name'>[]): boolean {
  return values.some(({ name }) => yearEndings.some((ending) => name.endsWith(ending)));
}

const roles = [
  ['year', new RegExp(`^(.*?)[_.-]?(?:${yearEndings.join('|')})$`)],
  ['month', /^(.*?)[_.-]?(?:month|mon|mm)$/i],
  ['day', /^(.*?)[_.-]?(?:day|dayofmonth|day_of_month|mday|dd)$/i],
] as const;
/** Cards expire at the end of a month that nobody shifts. */
const ofCard = /exp|valid|card|brand|last_?4|cvv|cvc/i;

/**
 * The dates in parts among the values of one object or one query. Parts belong together by what stands before them in
 * their names.
 */
export function datesInParts<Value extends NamedValue>(values: readonly Value[]): DateInParts<Value>[] {
  if (values.length < 2 || !mayHoldYear(values)) return [];
  const found = new Map<string, Partial<Record<'year' | 'month' | 'day', Value>>>();
  for (const value of values) {
    for (const [role, pattern] of roles) {
      const prefix = pattern.exec(value.name)?.[1];
      if (prefix === undefined) continue;
      const parts = found.get(prefix) ?? {};
      found.set(prefix, parts);
      parts[role] ??= value;
    }
  }
  return [...found].flatMap(([prefix, { year, month, day }]) => {
    if (year === undefined || month === undefined || isTimeless(prefix) || isTimeless(year.name)) return [];
    if (day === undefined && (ofCard.test(prefix) || values.some(({ name }) => ofCard.test(name)))) return [];
    const seconds = secondsOf(year.value, month.value, day?.value ?? '1');
    return seconds === undefined ? [] : [{ year, month, day, seconds }];
  });
}

function secondsOf(year: string, month: string, day: string): number | undefined {
  if (!/^\d{4}$/.test(year) || !/^\d{1,2}$/.test(day)) return undefined;
  const number = /^\d{1,2}$/.test(month) ? Number(month) : monthNumber(month);
  return number === undefined ? undefined : civilSeconds(Number(year), number, Number(day));
}
