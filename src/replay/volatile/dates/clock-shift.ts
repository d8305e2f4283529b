import type { FoundTime } from './find-times.js';
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
 * By how much each recorded time moves: one that was the present of some exchange becomes the present of that exchange
 * now, one that had a distance to it keeps the distance; and whatever moment was told once is told the same ever after.
 * Full hours and dates without a time move by whole days, so that they stay what they are.
 */
export class ClockShift {
  readonly mode: DateMode;
  /** Seconds that dates without a time of day move, by what they name. */
  readonly #wholeUnits: Readonly<Record<'day' | 'week' | 'month', number>>;
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
  of({ moment }: FoundTime, times: ExchangeTimes, exact: boolean): number {
    if (this.mode === 'off') return 0;
    const wholeDays = this.#wholeUnits.day;
    if (moment.dateOnly) return this.#wholeUnits[moment.unit ?? 'day'];
    if (this.mode === 'shift-days') return wholeDays;
    const { seconds, offsetSeconds } = moment;
    const known = this.#usedShift.get(seconds) ?? this.#presents.get(seconds);
    if (known !== undefined) return known;
    const shift = !exact && (seconds + offsetSeconds) % 900 === 0 ? wholeDays : shiftOf(times);
    this.#usedShift.set(seconds, shift);
    return shift;
  }

  /** The shift of a moment that was told before. */
  usedShift({ moment }: FoundTime): number | undefined {
    if (this.mode === 'off') return undefined;
    if (moment.dateOnly) return this.#wholeUnits[moment.unit ?? 'day'];
    if (this.mode === 'shift-days') return this.#wholeUnits.day;
    return this.#usedShift.get(moment.seconds) ?? this.#presents.get(moment.seconds);
  }

  /** An exchange begins to be answered: the seconds that it took were its present. */
  present(times: ExchangeTimes): void {
    if (this.mode !== 'shift') return;
    const shift = shiftOf(times);
    const from = Math.floor(times.recordedAt / 1000) - slackSeconds;
    const to = Math.min(Math.ceil(times.answeredAt / 1000) + slackSeconds, from + maxSpanSeconds);
    for (let second = from; second <= to; second++) if (!this.#presents.has(second)) this.#presents.set(second, shift);
  }
}

/** Rounded down, so that nothing that was past lies in the future. */
function shiftOf({ answeredAt, answeringAt }: ExchangeTimes): number {
  return Math.floor((answeringAt - answeredAt) / 1000);
}

function firstOfMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
