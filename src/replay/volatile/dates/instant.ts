import type { FoundTime } from './find-times.js';

/** What a time says below the second: its digits without zeros at their end, and none where it says nothing. */
export function fractionOf(text: string): string {
  if (/^\d{13,19}$/.test(text)) return text.slice(10).replace(/0+$/, '');
  if (!text.includes('.') && !text.includes(',')) return '';
  return (/(?::\d\d|^\d{10})[.,](\d{1,9})(?!\d)/.exec(text)?.[1] ?? '').replace(/0+$/, '');
}

/** The same of a time whose format is known. */
export function fractionOfTime({ text, format }: FoundTime): string {
  return format.fraction?.(text).replace(/0+$/, '') ?? fractionOf(text);
}

/** The instant that a text names, in seconds since 1970 with the fraction that it has. */
export function instantOf(time: FoundTime): string {
  const fraction = fractionOfTime(time);
  return fraction === '' ? String(time.moment.seconds) : `${time.moment.seconds}.${fraction}`;
}

/**
 * Whether a time is the last that its precision can say before a full minute: 23:59:59, or 23:59:59.999. It is as whole
 * as the full minute itself.
 */
export function isLastMoment(time: FoundTime): boolean {
  return !time.moment.dateOnly && time.moment.seconds % 60 === 59 && /^9*$/.test(fractionOfTime(time));
}
