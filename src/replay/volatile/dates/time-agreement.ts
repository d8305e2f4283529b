import type { FoundTime } from './find-times.js';
import { daySeconds } from './time-format.js';

/** When a run began and when one of its requests was sent, in milliseconds since 1970. */
export interface RunTimes {
  startedAt: number;
  requestAt: number;
}

/** Clients round, and take a moment from reading the clock to sending. */
const toleranceSeconds = 3;

/**
 * Whether a time in a request means the same as the recorded one: as far from now. "Now" was somewhere between the
 * run's start and the request, in both runs; so each time has a range of distances, and the two ranges must meet. Dates
 * and full hours are told apart by whole days, the first and last of a month by months.
 */
export function timesAgree(recorded: FoundTime, incoming: FoundTime, then: RunTimes, now: RunTimes): boolean {
  if (recorded.text === incoming.text) return true;
  if (recorded.format !== incoming.format && !(recorded.moment.dateOnly && incoming.moment.dateOnly)) return false;
  if (
    !recorded.moment.dateOnly &&
    rangesMeet(secondRange(recorded, then), secondRange(incoming, now), toleranceSeconds)
  ) {
    return true;
  }
  return calendarAgrees(recorded, incoming, then, now);
}

function calendarAgrees(recorded: FoundTime, incoming: FoundTime, then: RunTimes, now: RunTimes): boolean {
  if ((recorded.moment.unit ?? 'day') !== (incoming.moment.unit ?? 'day')) return false;
  const [past, present] = [civil(recorded), civil(incoming)];
  if (past.timeOfDay !== present.timeOfDay || past.timeOfDay % 60 !== 0) return false;
  const zones = [recorded.moment.offsetSeconds, localOffset(then.requestAt)];
  const presentZones = [incoming.moment.offsetSeconds, localOffset(now.requestAt)];
  return zones.some((zone, i) => {
    const presentZone = presentZones[i] ?? zone;
    if (recorded.moment.unit === 'month') return monthsAgree(past.day, present.day, then, now, zone, presentZone);
    if (recorded.moment.unit === 'week') {
      const weeks = weekRange(present.day, now, presentZone);
      return rangesMeet(weekRange(past.day, then, zone), weeks, 0);
    }
    if (rangesMeet(dayRange(past.day, then, zone), dayRange(present.day, now, presentZone), 0)) return true;
    return monthAnchor(past.day) !== undefined && monthsAgree(past.day, present.day, then, now, zone, presentZone);
  });
}

/** A day as its number since 1970 and the seconds into it, as the text itself has them. */
function civil({ moment: { seconds, offsetSeconds } }: FoundTime): { day: number; timeOfDay: number } {
  const local = seconds + offsetSeconds;
  const day = Math.floor(local / daySeconds);
  return { day, timeOfDay: local - day * daySeconds };
}

type Range = readonly [from: number, to: number];

function secondRange({ moment: { seconds } }: FoundTime, { startedAt, requestAt }: RunTimes): Range {
  return [seconds - requestAt / 1000, seconds - startedAt / 1000];
}

function dayRange(day: number, { startedAt, requestAt }: RunTimes, offsetSeconds: number): Range {
  return [day - dayOf(requestAt, offsetSeconds), day - dayOf(startedAt, offsetSeconds)];
}

function weekRange(day: number, { startedAt, requestAt }: RunTimes, offsetSeconds: number): Range {
  const monday = mondayOf(day);
  return [monday - mondayOf(dayOf(requestAt, offsetSeconds)), monday - mondayOf(dayOf(startedAt, offsetSeconds))];
}

/** The Monday of its week, as a day since 1970, which began on a Thursday. */
export function mondayOf(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7);
}

function rangesMeet(a: Range, b: Range, tolerance: number): boolean {
  return a[0] <= b[1] + tolerance && b[0] <= a[1] + tolerance;
}

export function dayOf(ms: number, offsetSeconds = 0): number {
  return Math.floor((ms / 1000 + offsetSeconds) / daySeconds);
}

/** The machine's own zone, which clients reckon "today" in. */
function localOffset(ms: number): number {
  return -60 * new Date(ms).getTimezoneOffset();
}

/** `first` or `last` of its month, with the month's number; other days are anchored to nothing. */
function monthAnchor(day: number): { anchor: 'first' | 'last'; month: number } | undefined {
  const date = new Date(day * daySeconds * 1000);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  if (date.getUTCDate() === 1) return { anchor: 'first', month };
  const next = new Date((day + 1) * daySeconds * 1000);
  return next.getUTCDate() === 1 ? { anchor: 'last', month } : undefined;
}

function monthsAgree(
  past: number,
  present: number,
  then: RunTimes,
  now: RunTimes,
  zone: number,
  presentZone: number,
): boolean {
  const [a, b] = [monthAnchor(past), monthAnchor(present)];
  if (a === undefined || b === undefined || a.anchor !== b.anchor) return false;
  return a.month - monthOf(then.requestAt, zone) === b.month - monthOf(now.requestAt, presentZone);
}

function monthOf(ms: number, offsetSeconds: number): number {
  const date = new Date(ms + offsetSeconds * 1000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
