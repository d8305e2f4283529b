/** A point in time as a text names it. */
export interface Moment {
  /** Whole seconds since 1970; a time without a zone is read as UTC. For a date alone: its midnight. */
  seconds: number;
  /** The text says no time of day. */
  dateOnly: boolean;
  /** Seconds east of UTC that the text is written in; 0 for UTC and for no zone at all. */
  offsetSeconds: number;
  /** What a date alone names: a day when it is not said; of weeks and months `seconds` is the first day. */
  unit?: 'day' | 'week' | 'month';
}

/**
 * One way to write a point in time. What a text of it has below the second is never touched: times move by whole
 * seconds, so all other digits, the zone and the layout stay as they are.
 */
export interface TimeFormat {
  name: string;
  summary: string;
  /** Its texts may be other things as well: in a response, only a name (or for epochs nearness) makes one a time. */
  bare?: true;
  /** Only what is called a time is one: numbers of this length are common, and nearness says nothing of them. */
  byName?: true;
  /** The digits below the second of a text, where they do not stand behind the tenth digit or the second's point. */
  fraction?: (text: string) => string;
  /**
   * Another format that reads some of its texts as another moment: of the two, the one nearer to the recording is
   * meant.
   */
  rival?: TimeFormat;
  /**
   * Matches somewhere in every text that `pattern` does, and costs less: most values have no time and are done with one
   * look. Left out: `pattern` itself is tried.
   */
  hint?: RegExp;
  /** Matches one such time; global, with what must not stand around it said by look-around. */
  pattern: RegExp;
  /** Undefined when the digits are no possible time. */
  read: (text: string) => Moment | undefined;
  /** The same text naming the moment `seconds` later, as far as it names any: a date alone moves by whole days. */
  move: (text: string, seconds: number) => string;
}

export function defineTimeFormat(format: TimeFormat): TimeFormat {
  return format;
}

/** What times have somewhere, for `hint`; a year is one of 1900 to 2199. */
export const hints = {
  eightDigits: /\d{8}/,
  yearFirst: /(?:19|2[01])\d\d[-/]\d/,
  yearLast: /[-/. ](?:19|2[01])\d\d/,
  yearLastOrClock: /[-/. ](?:19|2[01])\d\d|\d:\d{2}/,
  week: /\d{4}-?W\d/,
} as const;

/**
 * What stands before a number that is part of another one or of a word. A dot after a letter is none of a number, but
 * an operator's: `gte.2026-11-21T10:00:00Z`.
 */
export const notAfter = {
  digits: String.raw`(?<!\d|(?<![A-Za-z_])\.)`,
  words: String.raw`(?<![A-Za-z0-9]|(?<![A-Za-z_])\.)`,
  wordsAndDates: String.raw`(?<![A-Za-z0-9]|(?<![A-Za-z_])\.|\d[-/])`,
  wordsAndSeparators: String.raw`(?<![\w/:-]|(?<![A-Za-z_])\.)`,
} as const;

export const daySeconds = 86_400;

/** Seconds since 1970 of a civil date and time in UTC; undefined when there is no such date. */
export function civilSeconds(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = Date.UTC(year, month - 1, day);
  if (day > 28 && new Date(midnight).getUTCMonth() !== month - 1) return undefined;
  return midnight / 1000 + hour * 3600 + minute * 60 + second;
}

/** `+02:00`, `+0200`, `-05`, `Z`, `` → seconds east of UTC. */
export function zoneSeconds(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const [, sign, hours = '0', minutes = '0'] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** Whole units in `seconds`, in seconds; the same there and back. */
export function wholeUnits(seconds: number, unit: number): number {
  return Math.trunc(seconds / unit) * unit;
}

/**
 * The month whose first is nearest to `seconds` after the first of another one, both in seconds since 1970; some day in
 * the middle of it.
 */
export function inNearestMonth(first: number, seconds: number): Date {
  return new Date((first + seconds + 15 * daySeconds) * 1000);
}

export function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
