import { canonicalName } from './canonical-name.js';
import type { RedactionOptions } from './redaction-info.js';

type Redaction = RedactionOptions | false | undefined;

/**
 * What is redacted where two have a say, of whom `over` has the last word. What both name is added up, as a rule that
 * were left out would let a secret through; what `over` names as a secret is one, even if `base` keeps it. `false`
 * (nothing is replaced) is a word like any other: it counts until `over` says otherwise.
 */
export function addRedaction(base: Redaction, over: Redaction): Redaction {
  if (over === undefined || over === false) return over ?? base;
  if (base === undefined || base === false) return over;
  const named = new Set([...over.headers, ...over.fields].map(canonicalName));
  return {
    headers: union(base.headers, over.headers),
    fields: union(base.fields, over.fields),
    patterns: union(base.patterns, over.patterns),
    keep: union(
      base.keep.filter((name) => !named.has(canonicalName(name))),
      over.keep,
    ),
  };
}

/**
 * What was decided on, and what somebody else would replace besides. Never less: what others keep, or replace nothing
 * of, is not heard.
 */
export function withMoreRedaction(decided: Redaction, more: Redaction): Redaction {
  if (decided === false || more === false || more === undefined) return decided;
  return addRedaction({ ...more, keep: [] }, decided);
}

function union(base: readonly string[], over: readonly string[]): string[] {
  return [...new Set([...base, ...over])];
}
