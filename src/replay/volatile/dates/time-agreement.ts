import type { FoundTime } from './find-times.js';
import { fractionOfTime, isLastMoment } from './instant.js';
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
  if (isLastMoment(recorded) && fractionOfTime(recorded) !== fractionOfTime(incoming)) return false;
  return waysToReckon(recorded, incoming, then, now).some(([past, present]) => {
    if (past.timeOfDay !== present.timeOfDay || !isWhole(recorded, past.timeOfDay)) return false;
    const [zone, presentZone] = [past.zone, present.zone];
    if (recorded.moment.unit === 'month') return monthsAgree(past.day, present.day, then, now, zone, presentZone);
    if (recorded.moment.unit === 'week') {
      const weeks = weekRange(present.day, now, presentZone);
      return rangesMeet(weekRange(past.day, then, zone), weeks, 0);
    }
    if (rangesMeet(dayRange(past.day, then, zone), dayRange(present.day, now, presentZone), 0)) return true;
    return monthAnchor(past.day) !== undefined && monthsAgree(past.day, present.day, then, now, zone, presentZone);
  });
}

/** A day and the seconds into it, as reckoned in a zone, with the zone that today is reckoned in. */
interface CivilTime {
  day: number;
  timeOfDay: number;
  /** Seconds east of UTC. */
  zone: number;
}

/**
 * What a pair of times may mean: what they say, today being that of their own zone or of the machine's; the machine's
 * own local times, whatever zone they are written in; the first or last moment of a day in some zone.
 */
function waysToReckon(
  recorded: FoundTime,
  incoming: FoundTime,
  then: RunTimes,
  now: RunTimes,
): [past: CivilTime, present: CivilTime][] {
  const [own, presentOwn] = [recorded.moment.offsetSeconds, incoming.moment.offsetSeconds];
  const [local, presentLocal] = [localOffset(then.requestAt), localOffset(now.requestAt)];
  const ways: [CivilTime, CivilTime][] = [
    [civilIn(own, recorded), civilIn(presentOwn, incoming)],
    [civilIn(own, recorded, local), civilIn(presentOwn, incoming, presentLocal)],
  ];
  if (recorded.moment.dateOnly) return ways;
  ways.push([civilIn(offsetAt(recorded), recorded, local), civilIn(offsetAt(incoming), incoming, presentLocal)]);
  const zone = zoneOfDay(recorded);
  if (zone !== undefined) ways.push([civilIn(zone, recorded), civilIn(zone, incoming)]);
  return ways;
}

function civilIn(offset: number, { moment: { seconds } }: FoundTime, zone = offset): CivilTime {
  const local = seconds + offset;
  const day = Math.floor(local / daySeconds);
  return { day, timeOfDay: local - day * daySeconds, zone };
}

/** Of the machine's zone at the time itself, which may be on the other side of a change to summer time. */
function offsetAt({ moment: { seconds } }: FoundTime): number {
  return localOffset(seconds * 1000);
}

/** Minutes are what calendars have, and so is the last moment of one. */
function isWhole(time: FoundTime, timeOfDay: number): boolean {
  return timeOfDay % 60 === (isLastMoment(time) ? 59 : 0);
}

/** The zone in which a time is the first or the last moment of a day, if there is one; in seconds east of UTC. */
function zoneOfDay(time: FoundTime): number | undefined {
  const midnight = isLastMoment(time) ? time.moment.seconds + 1 : time.moment.seconds;
  const west = ((midnight % daySeconds) + daySeconds) % daySeconds;
  if (west % 900 !== 0) return undefined;
  return west <= 12 * 3600 ? -west : daySeconds - west;
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
