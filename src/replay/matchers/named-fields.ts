import { textField, type Field } from '../field.js';
import type { Pair } from '../text/urlencoded.js';

/** Pairs as fields in an order that does not depend on the order of different names; repeats are counted: `query tag[1]`. */
export function namedFields(kind: string, pairs: readonly Pair[]): Field[] {
  const seen = new Map<string, number>();
  const fields = pairs.map(({ name, value }) => {
    const repeat = seen.get(name) ?? 0;
    seen.set(name, repeat + 1);
    const where = `${kind} ${name}${repeat === 0 ? '' : `[${repeat}]`}`;
    return value === undefined
      ? ({ where, name, value: '', type: 'literal' } satisfies Field)
      : textField(where, name, value);
  });
  return fields.length < 2 ? fields : fields.sort(byWhere);
}

export function byWhere(a: { where: string }, b: { where: string }): number {
  return a.where < b.where ? -1 : a.where > b.where ? 1 : 0;
}
