import { everyMatch } from '../../core/every-match.js';
import { memoizeText } from '../../core/memoize.js';
import type { Field } from '../field.js';
import type { FieldRules } from '../rules/rule-set.js';
import type { TimeWindow } from '../dates/find-times.js';

/**
 * How a volatile value is compared: `noise` means nothing and may be anything; an `id` stands for a thing and must stand
 * for the same thing throughout; a `time` must be as far from its run's start; a `version` must be the app's own; what a rule
 * calls `volatile` may be anything, but what it was tells which of several is meant.
 */
export type SlotKind = 'noise' | 'id' | 'time' | 'version' | 'volatile';

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
  kind: SlotKind;
  /** For the reference and the tests: values as `value` or `name=value`, each found in whole or in part, or left alone. */
  examples: { found: readonly string[]; leftAlone: readonly string[] };
  find: (field: Field, context: NormalizerContext) => readonly Span[];
  /** It finds nothing in fields whose canonical name is none of these; left out: it goes by values. */
  names?: (name: string) => boolean;
  /** It finds nothing in values without a `longWord`. */
  inLongWords?: true;
}

/** Most values have none, so most normalizers need not look at them. */
export const longWord = /[\w+/-]{8}/;

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
