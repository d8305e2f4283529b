import { textField, type Field } from '../field.js';
import type { Pair } from '../text/urlencoded.js';

/**
 * Pairs as fields in an order that does not depend on the order of different names; repeats are counted: `query
 * tag[1]`. A piece without `=` is a value without a name (`lib.js?1763719200000`).
 */
export function namedFields(kind: string, pairs: readonly Pair[]): Field[] {
  const seen = new Map<string, number>();
  const fields = pairs.map(({ name, value }) => {
    const place = value === undefined ? kind : `${kind} ${name}`;
    const repeat = seen.get(place) ?? 0;
    seen.set(place, repeat + 1);
    const where = repeat === 0 ? place : `${place}[${repeat}]`;
    return value === undefined ? textField(where, '', name) : textField(where, name, value);
  });
  return fields.length < 2 ? fields : fields.sort(byWhere);
}

export function byWhere(a: { where: string }, b: { where: string }): number {
  return a.where < b.where ? -1 : a.where > b.where ? 1 : 0;
}
