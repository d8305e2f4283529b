import { looksRandom } from '../request/randomness.js';

/** How much speaks for a word that was made by chance, a clock or a process. */
export type Strength =
  /** A UUID, a long random word, one that holds the time at which it was made. */
  | 'strong'
  /** Letters and digits, or a number of three digits and more behind a name. */
  | 'mixed'
  /** A word or a short number like any other. */
  | 'plain';

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
/** In milliseconds: how long before it is sent a name may be made, and by how much clocks differ. */
const [maxAge, maxAhead] = [3_600_000, 60_000];

/**
 * Whether a word holds the time at which it was made, as far as one can compute: an epoch in s, ms, µs or ns, one in
 * hexadecimal or base 36, engine.io's digits of base 64 and 36. `at`: when it was sent, in milliseconds since 1970.
 */
export function carriesTime(word: string, at: number): boolean {
  // ten digits by themselves may be an amount or a phone number
  for (const [digits] of word.matchAll(
    /^(?:\d{13}|\d{16}|\d{19})$|(?<=[A-Za-z_-])\d{10,19}|\d{10,19}(?=[A-Za-z_-])/g,
  )) {
    const unit = { 10: 1e-3, 13: 1, 16: 1e3, 19: 1e6 }[digits.length];
    if (unit !== undefined && isJustBefore(Number(digits) / unit, at)) return true;
  }
  if (/^[0-9a-z]{8,14}$/.test(word) && isJustBefore(parseInt(word.slice(0, 8), 36), at)) return true;
  if (/^[0-9a-f]{8,24}$/.test(word) && isJustBefore(parseInt(word.slice(0, 8), 16) * 1000, at)) return true;
  if (/^[\w-]{7,9}$/.test(word) && isJustBefore(ofBase64(word.slice(0, 7)), at)) return true;
  return endsOfTime.some(([length, digits]) => word.length === length && isNow(word.slice(0, digits), at));
}

/** Words of engine.io since 2023: the last five digits of the milliseconds in base 36, and three by chance. */
const endsOfTime: readonly (readonly [length: number, digits: number])[] = [[8, 5]];
/** In milliseconds: the last digits alone are met by chance otherwise. */
const maxSendingMs = 3000;

/** Whether these are the last digits, in base 36, of the very moment before `at`. */
function isNow(digits: string, at: number): boolean {
  if (!/^[0-9a-z]+$/.test(digits)) return false;
  const range = 36 ** digits.length;
  const age = (((Math.round(at) - parseInt(digits, 36)) % range) + range) % range;
  return age < maxSendingMs;
}

const base64Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';

function ofBase64(word: string): number {
  let number = 0;
  for (const char of word) number = number * 64 + base64Digits.indexOf(char);
  return number;
}

function isJustBefore(ms: number, at: number): boolean {
  return ms > at - maxAge && ms < at + maxAhead;
}

/** `word` is what differs; `around` the run of letters, digits, `_` and `-` that it is a part of. */
export function strengthOf(word: string, around: string, at: number): Strength {
  if (uuid.test(word) || looksRandom(word) || carriesTime(word, at) || carriesTime(around, at)) return 'strong';
  if (/^\d+$/.test(word)) return word.length >= 3 && /[a-z]/i.test(around) ? 'mixed' : 'plain';
  return word.length >= 4 && /\d/.test(word) && !/^(?:[a-z]{3,}\d{1,2}|v\d+)$/i.test(word) ? 'mixed' : 'plain';
}

/** Whether a word is as long as a digest in hexadecimal, and no UUID without its hyphens. */
export function mayBeDigest(word: string): boolean {
  return (
    /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i.test(word) && !randomUuid.test(word)
  );
}

/** Of version 4 or 7 (RFC 9562). */
const randomUuid = /^[0-9a-f]{12}[47][0-9a-f]{3}[89ab][0-9a-f]{15}$/i;

/** Whether one word could stand where the other stood: the same kinds of characters, about as long. */
export function haveOneShape(one: string, other: string): boolean {
  const longest = Math.max(one.length, other.length);
  if (Math.abs(one.length - other.length) > Math.max(2, longest / 3)) return false;
  const [kinds, otherKinds] = [kindsOf(one), kindsOf(other)];
  // of a few characters by chance, one may have no digit or no letter
  return kinds === otherKinds || (longest <= 12 && /^[0-9a-z]+$/i.test(one + other) && isLower(one) === isLower(other));
}

/** Whether two words are of the same number of characters of one alphabet, behind capitals that both begin with. */
function areOneMake(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  const [capitals = ''] = /^[A-Z][A-Za-z]{0,2}(?=.*[a-z0-9])/.exec(one) ?? [];
  let same = 0;
  while (same < capitals.length && one[same] === other[same]) same += 1;
  const rests = one.slice(same) + other.slice(same);
  return rests.length >= 10 && /^(?:[0-9a-z]+|[0-9A-Z]+)$/.test(rests);
}

/** That of the weaker one; of characters by chance, one may have no digit and look like a word. */
export function strengthOfBoth(
  { recorded, incoming }: { recorded: string; incoming: string },
  ...both: [Strength, Strength]
): Strength {
  const weaker = strengths[Math.min(...both.map((strength) => strengths.indexOf(strength)))] as Strength;
  const isOneMixed = both.some((strength) => strength !== 'plain');
  if (weaker !== 'plain') return weaker;
  return (isOneMixed && areOneMake(recorded, incoming)) || areHexByChance(recorded, incoming) ? 'mixed' : 'plain';
}

/** Hexadecimal digits of which one word has letters and numbers, and the other may have either: `cdeac6`, `112408`. */
function areHexByChance(one: string, other: string): boolean {
  const areHex = one.length >= 6 && one.length === other.length && /^[0-9a-f]+$/.test(one + other);
  const isMixed = [one, other].some((word) => /\d/.test(word) && /[a-f]/.test(word));
  return areHex && isMixed && one[0] !== other[0];
}

const strengths: readonly Strength[] = ['plain', 'mixed', 'strong'];

function kindsOf(word: string): string {
  return [/\d/, /[a-z]/, /[A-Z]/, /[^\dA-Za-z]/].map((kind) => (kind.test(word) ? '1' : '0')).join('');
}

function isLower(word: string): boolean {
  return !/[A-Z]/.test(word);
}

/** Whether two numbers are members of one series, as `1001` and `1002` are: things that exist beside each other. */
export function areNeighbours(one: string, other: string): boolean {
  if (!/^\d{1,9}$/.test(one) || !/^\d{1,9}$/.test(other)) return false;
  return Math.abs(Number(one) - Number(other)) <= 10;
}
