import { timeFormats } from './formats.js';
import type { Moment, TimeFormat } from './time-format.js';

/** A point in time that stands in a text. */
export interface FoundTime {
  start: number;
  end: number;
  text: string;
  format: TimeFormat;
  moment: Moment;
}

/** Seconds since 1970, both ends included. */
export interface TimeWindow {
  from: number;
  to: number;
}

/** What every format has somewhere; most texts have none of it, and are done with one look. */
const maybeTime = /\d{10}|\d{4}[-/]\d{2}|\d{8}T\d|\d:\d{2}/;

/** The times in `text` that lie within one of `windows`, from the first to the last. Formats that contain others win. */
export function findTimes(text: string, windows: readonly TimeWindow[]): FoundTime[] {
  if (!maybeTime.test(text)) return [];
  const found: FoundTime[] = [];
  for (const format of timeFormats) {
    for (const match of text.matchAll(format.pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (found.some((other) => start < other.end && other.start < end)) continue;
      const moment = format.read(match[0]);
      if (moment === undefined || !within(moment.seconds, windows)) continue;
      found.push({ start, end, text: match[0], format, moment });
    }
    if (found[0]?.text.length === text.length) return found; // no other has room
  }
  return found.sort((a, b) => a.start - b.start);
}

export function within(seconds: number, windows: readonly TimeWindow[]): boolean {
  return windows.some(({ from, to }) => seconds >= from && seconds <= to);
}
