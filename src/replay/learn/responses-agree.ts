import { pairUp } from '../request/field.js';
import { minDistinctive } from '../match/value-graph.js';
import type { PreparedField } from '../volatile/volatile-value.js';
import type { DifferingPlace } from './differing-places.js';

/**
 * Where the responses to two requests say different things; undefined: nowhere. What they repeat of the values by which
 * their requests differ is no difference, as far as a replay would tell it: a long value anywhere, a short one as a
 * whole word where it is none of a language, or where it has the same name. `noise`: places at which answers to equal
 * requests differ as well.
 */
export function differenceOfResponses(
  before: readonly PreparedField[],
  after: readonly PreparedField[],
  places: readonly DifferingPlace[],
  noise: ReadonlySet<string>,
): string | undefined {
  for (const [a, b] of pairUp(before, after)) {
    const where = (a ?? b)?.field.where ?? '';
    if (noise.has(where) || a?.optional === true) continue;
    if (a === undefined || b === undefined || a.field.type !== b.field.type) return where;
    if (a.template !== b.template && !isRepeated(a, b, places)) return where;
  }
  return undefined;
}

function isRepeated({ field }: PreparedField, other: PreparedField, places: readonly DifferingPlace[]): boolean {
  let rewritten = field.value;
  for (const { name, before, after } of places) {
    if (before.length >= minDistinctive) rewritten = rewritten.replaceAll(before, after);
    else if (isFollowed(before) && isFollowed(after))
      rewritten = rewritten.replace(/[\w-]+/g, (word) => (word === before ? after : word));
    else if (name !== '' && name === field.name && rewritten === before) rewritten = after;
  }
  return rewritten === other.field.value;
}

/** A short name that a replay follows wherever it stands. */
function isFollowed(value: string): boolean {
  return /^[\w-]{3,}$/.test(value) && /[a-z]/i.test(value) && /\d/.test(value);
}
