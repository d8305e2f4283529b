import { everyMatch } from '../../request/text/every-match.js';
import { memoizeText } from '../../../core/memoize.js';
import type { Field } from '../../request/field.js';
import type { FieldRules } from '../../rules/rule-set.js';
import type { TimeWindow } from '../dates/find-times.js';
import type { RunTimes } from '../dates/time-agreement.js';

/**
 * How a volatile value is compared: `noise` means nothing and may be anything; an `id` stands for a thing and must
 * stand for the same thing throughout; a `time` must be as far from its run's start; a `version` must be the app's own;
 * what a rule calls `volatile` may be anything, but what it was tells which of several is meant.
 */
export type VolatileKind = 'noise' | 'id' | 'time' | 'version' | 'volatile';

/** What is known of all values that a normalizer finds, beyond their kind. */
export interface NormalizerTraits {
  /** The client makes the value itself: it never names a thing that was there before. */
  clientMade?: true;
  /** It is made for one request: the same value again is the same request sent again. */
  onceOnly?: true;
  /**
   * It is found by its look, which chance gives to chosen words as well: two that stand for each other must look alike.
   */
  byChance?: true;
  /** How a recorded and an incoming one are compared where their kind's own way does not fit. */
  agree?: (recorded: string, incoming: string, then: RunTimes, now: RunTimes) => boolean;
}

/** Where in a field's value something volatile stands. */
export interface Span {
  start: number;
  end: number;
}

/** What normalizers know besides the value. The same for both sides of a comparison. */
export interface NormalizerContext {
  /** Around the recording and around the replay. */
  windows: readonly TimeWindow[];
  /** The app's version at recording and at replay, where they are known. */
  appVersions: readonly string[];
  /** Names of all fields of the request, canonical. */
  names: Pick<ReadonlySet<string>, 'has'>;
  /** Of the recording and the project, about this request. */
  rules?: FieldRules | undefined;
  /** Every hexadecimal word of 8 and more digits is taken for random. */
  anyHexWord?: true;
}

/** Finds the values of one kind that differ on each run without meaning anything. Pure. */
export interface Normalizer {
  name: string;
  summary: string;
  kind: VolatileKind;
  /** Left out: there is nothing more to know. */
  traits?: NormalizerTraits;
  /**
   * For the reference and the tests: values as `value` or `name=value`, each found in whole or in part, or left alone.
   */
  examples: { found: readonly string[]; leftAlone: readonly string[] };
  find: (field: Field, context: NormalizerContext) => readonly Span[];
  /** It finds nothing in fields whose canonical name is none of these; left out: it goes by values. */
  names?: (name: string) => boolean;
  /** It finds nothing in values without a long word (`hasLongWord`). */
  needsLongWord?: true;
  /** False: there is nothing for it in this value of a field of this (canonical) name. Cheaper than to look. */
  mayMatch?: (name: string, value: string, context: NormalizerContext) => boolean;
}

/**
 * Whether a text has eight letters and digits in a row, or 20 characters of base64url or base64. Most values have not,
 * so most normalizers need not look at them.
 */
export function hasLongWord(text: string): boolean {
  if (text.length < 8) return false;
  let [alphanumeric, base64url, base64] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? (characterKinds[code] as number) : other;
    if (kind === letterOrDigit) {
      alphanumeric += 1;
      base64url += 1;
      base64 += 1;
      if (alphanumeric === 8 || base64url >= 20 || base64 >= 20) return true;
      continue;
    }
    alphanumeric = 0;
    base64url = kind === ofBase64Url ? base64url + 1 : 0;
    base64 = kind === ofBase64 ? base64 + 1 : 0;
    if (base64url >= 20 || base64 >= 20) return true;
  }
  return false;
}

const [other, letterOrDigit, ofBase64Url, ofBase64] = [0, 1, 2, 3] as const;
const characterKinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) return letterOrDigit;
  if (/[_-]/.test(char)) return ofBase64Url;
  return /[+/]/.test(char) ? ofBase64 : other;
});

export function defineNormalizer(normalizer: Normalizer): Normalizer {
  return normalizer;
}

/** `X-Request-Id`, `request_id` and `requestId` are one name. */
export const canonicalName = memoizeText((name) => name.toLowerCase().replace(/^x-|[^a-z0-9]/g, ''));

export function wholeValue({ value }: Field): Span[] {
  return [{ start: 0, end: value.length }];
}

/** All places where `pattern` (global) matches. */
export function spansOf(value: string, pattern: RegExp): Span[] {
  return everyMatch(pattern, value).map((match) => ({ start: match.index, end: match.index + match[0].length }));
}
