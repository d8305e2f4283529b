import { everyMatch } from '../../request/text/every-match.js';
import { memoizeTextByOwner } from '../../../core/memoize.js';
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

/** One look for all formats with a hint, and one for each that has none. */
const hinted = new RegExp([...new Set(timeFormats.flatMap(({ hint }) => hint?.source ?? []))].join('|'));
const unhinted = timeFormats
  .filter(({ hint }) => hint === undefined)
  .map(({ pattern: { source, flags } }) => new RegExp(source, flags.replace(/[gy]/g, '')));

/**
 * Texts of single values are remembered, up to so many: a value is met by the index, by each comparison, and by the
 * next request.
 */
const maxKept = 4000;
const maxKeptLength = 64;
const remembered = memoizeTextByOwner<readonly FoundTime[]>(maxKept);

/** Whether there is anything in `text` that could be a time. */
export function mayHoldTime(text: string): boolean {
  return text.length >= 4 && (hinted.test(text) || unhinted.some((pattern) => pattern.test(text)));
}

/**
 * The times in `text` that lie within one of `windows`, from the first to the last. Formats that contain others win.
 */
export function findTimes(text: string, windows: readonly TimeWindow[]): readonly FoundTime[] {
  if (!mayHoldTime(text)) return none;
  if (text.length > maxKeptLength) return search(text, windows);
  return remembered(windows, text, () => search(text, windows));
}

const none: readonly FoundTime[] = [];

function search(text: string, windows: readonly TimeWindow[]): FoundTime[] {
  const found: FoundTime[] = [];
  for (const format of timeFormats) {
    for (const match of everyMatch(format.pattern, text)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (found.some((other) => start < other.end && other.start < end)) continue;
      const read = readBest(match[0], format, windows);
      if (read !== undefined) found.push({ start, end, text: match[0], ...read });
    }
    if (found[0]?.text.length === text.length) return found; // no other has room
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Undefined when it lies in none of `windows`. */
function readBest(
  text: string,
  format: TimeFormat,
  windows: readonly TimeWindow[],
): { format: TimeFormat; moment: Moment } | undefined {
  const moment = format.read(text);
  if (moment === undefined || !within(moment.seconds, windows)) return undefined;
  const { rival } = format;
  const [recording] = windows;
  if (rival === undefined || recording === undefined) return { format, moment };
  const other = readAs(text, rival);
  const far = ({ seconds }: Moment): number => Math.abs(seconds - (recording.from + recording.to) / 2);
  return other === undefined || far(moment) <= far(other) ? { format, moment } : { format: rival, moment: other };
}

/** The whole of `text` as a time of `format`. */
export function readAs(text: string, format: TimeFormat): Moment | undefined {
  const [first] = everyMatch(format.pattern, text);
  return first?.[0] === text ? format.read(text) : undefined;
}

export function within(seconds: number, windows: readonly TimeWindow[]): boolean {
  return windows.some(({ from, to }) => seconds >= from && seconds <= to);
}
