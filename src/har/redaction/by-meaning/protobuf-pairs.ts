import type { Places } from './places.js';

/** Tags of a field 1 and a field 2 that have a length before them, as texts do. */
const [firstTag, secondTag] = [0x0a, 0x12];
const name = /[A-Za-z_][\w.-]{1,63}/g;

/**
 * Values of named pairs in a binary message, read as Latin-1; each keeps its length. Entries of maps and pairs of
 * `name` and `value` are a field 1 that is the name and a field 2 that is the value (Protocol Buffers, "Encoding":
 * maps).
 */
export function redactPairs(text: string, places: Places): string {
  let redacted = '';
  let at = 0;
  for (const { 0: found, index } of text.matchAll(name)) {
    const end = index + found.length;
    const isFirst = text.charCodeAt(index - 2) === firstTag && text.charCodeAt(index - 1) === found.length;
    if (index < at || !isFirst || text.charCodeAt(end) !== secondTag) continue;
    const meaning = places.meaningOf(found);
    const value = meaning === undefined ? undefined : valueAt(text, end + 1);
    if (meaning === undefined || value === undefined) continue;
    const plain = Buffer.from(value.text, 'latin1').toString('utf8');
    const now = Buffer.from(places.replace(`field ${found}`, plain, meaning)).toString('latin1');
    if (now.length !== value.text.length) continue;
    redacted += text.slice(at, value.start) + now;
    at = value.start + now.length;
  }
  return at === 0 ? text : redacted + text.slice(at);
}

/** A length of one byte or two, and as many bytes, which are a text. */
function valueAt(text: string, at: number): { start: number; text: string } | undefined {
  const first = text.charCodeAt(at);
  const isLong = first >= 128;
  const length = isLong ? (first & 127) | (text.charCodeAt(at + 1) << 7) : first;
  const start = at + (isLong ? 2 : 1);
  const value = text.slice(start, start + length);
  return length > 0 && value.length === length && /^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(value)
    ? { start, text: value }
    : undefined;
}
