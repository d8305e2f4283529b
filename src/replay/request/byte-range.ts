import { header, type RawHeaders } from '../../http/index.js';

/** What bytes of a whole there are; both ends included. */
export interface HeldRange {
  start: number;
  end: number;
  /** Length of the whole; undefined where nobody says it. */
  total: number | undefined;
}

/** What a `Range` asks for (RFC 9110 §14.1.2): one range of bytes, or the whole of it. */
type AskedRange = 'whole' | { first: number; last: number | undefined } | { suffix: number };

/** Undefined when it asks for several ranges, or in another unit. */
export function askedRange(range: string | undefined): AskedRange | undefined {
  if (range === undefined) return 'whole';
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (first === '') return last === '' ? undefined : { suffix: Number(last) };
  return { first: Number(first), last: last === '' ? undefined : Number(last) };
}

/** What the answer to a range holds, by its `Content-Range` (§14.4). */
export function heldRange(headers: RawHeaders): HeldRange | undefined {
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header(headers, 'content-range') ?? '') ?? [];
  if (start === undefined || end === undefined) return undefined;
  return { start: Number(start), end: Number(end), total: total === '*' ? undefined : Number(total) };
}

/**
 * The first and last byte that are asked for, if all of them are held; `none`: there are no such bytes in the whole.
 * Undefined: they may be there, and are not held.
 */
export function rangeWithin(
  asked: AskedRange,
  { start, end, total }: HeldRange,
): { first: number; last: number } | 'none' | undefined {
  if (asked === 'whole')
    return total !== undefined && start === 0 && end === total - 1 ? { first: 0, last: end } : undefined;
  if ('suffix' in asked && total === undefined) return undefined;
  const first = 'suffix' in asked ? Math.max(0, (total ?? 0) - asked.suffix) : asked.first;
  const last = 'suffix' in asked ? Infinity : (asked.last ?? Infinity);
  if (last < first) return undefined; // it is no range, and is ignored
  if (total !== undefined && (first >= total || ('suffix' in asked && asked.suffix === 0))) return 'none';
  const upTo = Math.min(last, (total ?? Infinity) - 1);
  return first >= start && upTo <= end ? { first, last: upTo } : undefined;
}
