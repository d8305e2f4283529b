import type { Places } from './places.js';

/**
 * A field 1 that is a text like a name, and the head of a field 2: so are entries of maps and pairs of `name` and
 * `value` written (Protocol Buffers, "Encoding": maps).
 */
const pair = /\x0a([\x02-\x40])([A-Za-z_][\w.-]{1,63})\x12/g;

/** Values of named pairs in a binary message, read as Latin-1. Each keeps its length. */
export function redactPairs(text: string, places: Places): string {
  let redacted = '';
  let at = 0;
  for (const { 1: length = '', 2: name = '', index } of text.matchAll(pair)) {
    if (index < at || name.length !== length.charCodeAt(0)) continue;
    const meaning = places.meaningOf(name);
    const value = meaning === undefined ? undefined : valueAt(text, index + 3 + name.length);
    if (meaning === undefined || value === undefined) continue;
    const plain = Buffer.from(value.text, 'latin1').toString('utf8');
    const now = Buffer.from(places.replace(`field ${name}`, plain, meaning)).toString('latin1');
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
