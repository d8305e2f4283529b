import { weekdayNames } from './month-names.js';
import { dayOf, type RunTimes } from './time-agreement.js';

/** Years further from the two runs are nobody's "this year". */
const farYears = 2;

/** Whether `value` names a day of the week. */
export function isWeekday(value: string): boolean {
  return value.length <= 13 && weekdayNames(value) !== undefined;
}

/** Whether `value` is a year around one of the given moments, in seconds since 1970. */
export function isNearYear(value: string, moments: readonly number[]): boolean {
  if (!/^\d{4}$/.test(value)) return false;
  return moments.some((seconds) => Math.abs(Number(value) - yearOf(seconds * 1000)) <= farYears);
}

/**
 * Whether two days of the week, or two years, are as far from the day of their run: `saturday` on a Saturday is
 * `tuesday` on a Tuesday, 2026 in November is 2027 in January. "Now" was somewhere between the run's start and the
 * request.
 */
export function calendarWordsAgree(recorded: string, incoming: string, then: RunTimes, now: RunTimes): boolean {
  if (recorded === incoming) return true;
  const [past, present] = [momentsOf(then), momentsOf(now)];
  const names = weekdayNames(recorded);
  if (names === undefined) {
    return past.some((a) => present.some((b) => Number(recorded) - yearOf(a) === Number(incoming) - yearOf(b)));
  }
  if (!names.includes(incoming)) return false;
  const days = names.indexOf(incoming) - names.indexOf(recorded);
  return past.some((a) => present.some((b) => (dayOf(b) - dayOf(a) - days) % 7 === 0));
}

function momentsOf({ startedAt, requestAt }: RunTimes): [number, number] {
  return [startedAt, requestAt];
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}
