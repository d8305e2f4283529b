import type { FoundTime } from './find-times.js';
import { fractionOfTime, instantOf, isLastMoment } from './instant.js';
import { dayOf, mondayOf } from './time-agreement.js';
import { daySeconds } from './time-format.js';

/** How recorded times are told today. */
export type DateMode = 'shift' | 'shift-days' | 'off';

/** One exchange, as it was and as it is now, in milliseconds since 1970. */
export interface ExchangeTimes {
  recordedAt: number;
  /** When the recorded response began, and when it begins now. */
  answeredAt: number;
  answeringAt: number;
}

/** A clock's own reading may be this far from the exchange that it was taken in. */
const slackSeconds = 2;
/** Recorded exchanges that took longer are remembered by their first two minutes. */
const maxSpanSeconds = 120;

/**
 * By how much each recorded time moves. What lies within an exchange's own time becomes the present of that exchange
 * now; one that had a distance to it keeps the distance; an instant that was told once is told the same ever after, in
 * all its formats. What was past when its answer was given is never told later than now. Full hours and dates without a
 * time move by whole days, so that they stay what they are.
 */
export class ClockShift {
  readonly mode: DateMode;
  /** Seconds that dates without a time of day move, by what they name. */
  readonly #wholeUnits: Readonly<Record<'day' | 'week' | 'month', number>>;
  /** Shift of each recorded instant that was told, to the fraction of a second that its text has. */
  readonly #told = new Map<string, number>();
  /** Shift of each recorded second that was told, or that was the present of an exchange. */
  readonly #usedShift = new Map<number, number>();
  readonly #presents = new Map<number, number>();

  constructor(mode: DateMode, recordedStart: number, replayStart: number) {
    this.mode = mode;
    const [from, to] = [dayOf(recordedStart), dayOf(replayStart)];
    this.#wholeUnits = {
      day: (to - from) * daySeconds,
      week: (mondayOf(to) - mondayOf(from)) * daySeconds,
      month: (firstOfMonth(replayStart) - firstOfMonth(recordedStart)) / 1000,
    };
  }

  /** Seconds that `time` moves. `exact`: it is a reading of a clock even when it is a full hour. */
  of(time: FoundTime, times: ExchangeTimes, exact: boolean): number {
    if (this.mode === 'off') return 0;
    const { moment } = time;
    if (moment.dateOnly) return this.#wholeUnits[moment.unit ?? 'day'];
    if (this.mode === 'shift-days') return this.#wholeUnits.day;
    const instant = instantOf(time);
    const told = this.#told.get(instant);
    if (told !== undefined) return told;
    const shift = notAhead(this.#shiftOf(time, times, exact), Number(instant), times);
    this.#told.set(instant, shift);
    if (!this.#usedShift.has(moment.seconds)) this.#usedShift.set(moment.seconds, shift);
    return shift;
  }

  #shiftOf(time: FoundTime, times: ExchangeTimes, exact: boolean): number {
    const { seconds } = time.moment;
    const [from, to] = presentOf(times);
    if (seconds >= from && seconds <= to) return shiftOf(times);
    const known = this.#usedShift.get(seconds) ?? this.#presents.get(seconds);
    if (known !== undefined) return known;
    return !exact && isWholeTime(time) ? this.#wholeUnits.day : shiftOf(times);
  }

  /** The shift of a moment that was told before. */
  usedShift(time: FoundTime): number | undefined {
    const { moment } = time;
    if (this.mode === 'off') return undefined;
    if (moment.dateOnly) return this.#wholeUnits[moment.unit ?? 'day'];
    if (this.mode === 'shift-days') return this.#wholeUnits.day;
    const { seconds } = moment;
    return this.#told.get(instantOf(time)) ?? this.#usedShift.get(seconds) ?? this.#presents.get(seconds);
  }

  /** An exchange begins to be answered: the seconds that it took were its present. */
  present(times: ExchangeTimes): void {
    if (this.mode !== 'shift') return;
    const shift = shiftOf(times);
    const [from, to] = presentOf(times);
    for (let second = from; second <= to; second++) if (!this.#presents.has(second)) this.#presents.set(second, shift);
  }
}

/** The seconds that an exchange took. */
function presentOf({ recordedAt, answeredAt }: ExchangeTimes): [from: number, to: number] {
  const from = Math.floor(recordedAt / 1000) - slackSeconds;
  return [from, Math.min(Math.ceil(answeredAt / 1000) + slackSeconds, from + maxSpanSeconds)];
}

function notAhead(shift: number, seconds: number, { answeredAt, answeringAt }: ExchangeTimes): number {
  const wasPast = seconds * 1000 <= answeredAt;
  return wasPast ? Math.min(shift, Math.floor(answeringAt / 1000 - seconds)) : shift;
}

/** Whether people agree upon such a time: a full quarter of an hour, or the last moment before one. */
function isWholeTime(time: FoundTime): boolean {
  const local = time.moment.seconds + time.moment.offsetSeconds;
  if (!isLastMoment(time)) return local % 900 === 0;
  return (local + 1) % (fractionOfTime(time) === '' ? 3600 : 900) === 0;
}

/** Rounded down, so that nothing that was past lies in the future. */
function shiftOf({ answeredAt, answeringAt }: ExchangeTimes): number {
  return Math.floor((answeringAt - answeredAt) / 1000);
}

function firstOfMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
