import { header, type RawHeaders } from '../../http/index.js';
import type { RecordedFacts } from '../loaded/facts.js';
import { askedRange, heldRange, rangeWithin } from '../request/byte-range.js';

/** Statuses that only make sense as the response to the very condition or range that was recorded. */
const conditionalStatuses: ReadonlySet<number> = new Set([206, 304, 412, 416]);

/** Headers that ask for a part of the response, or for none if the client has it. */
export const conditionalHeaders: ReadonlySet<string> = new Set([
  ...['range', 'if-range', 'if-none-match', 'if-modified-since'],
]);

/**
 * Whether a response can be made of a recorded one that is the same but for conditions and ranges: of a whole always,
 * of a part if it holds all that is asked for, or shows that there is none of it.
 */
export function canAnswer({ status, responseHeaders, isBroken }: RecordedFacts, headers: RawHeaders): boolean {
  if (!conditionalStatuses.has(status)) return true;
  const [held, asked] = [heldRange(responseHeaders), askedRange(header(headers, 'range'))];
  if (status !== 206 || isBroken === true || held === undefined || asked === undefined) return false;
  const condition = header(headers, 'if-range');
  const isSame =
    condition === undefined ||
    [header(responseHeaders, 'etag'), header(responseHeaders, 'last-modified')].includes(condition);
  if (header(headers, 'if-none-match') !== undefined || header(headers, 'if-modified-since') !== undefined)
    return false;
  return rangeWithin(isSame ? asked : 'whole', held) !== undefined;
}
