import { memoizeText } from '../../core/memoize.js';
import type { Field } from '../field.js';
import { canonicalNumber, type JsonNode } from '../text/json-text.js';

/**
 * Each leaf of a JSON value, objects in the order of their names (so key order and white space do not show, array order
 * does). An empty object or array is a leaf. Of a member that stands twice, the last counts (as parsers have it).
 */
export function jsonFields(root: JsonNode, prefix = 'json $'): Field[] {
  const fields: Field[] = [];
  add(root, prefix, '', fields);
  return fields;
}

function add(node: JsonNode, where: string, name: string, fields: Field[]): void {
  switch (node.type) {
    case 'object': {
      if (node.members.length === 0) fields.push({ where, name, value: '{}', type: 'literal' });
      for (const { key, value } of inNameOrder(node.members)) add(value, where + memberPath(key), key, fields);
      return;
    }
    case 'array':
      if (node.items.length === 0) fields.push({ where, name, value: '[]', type: 'literal' });
      node.items.forEach((item, i) => add(item, `${where}[${i}]`, name, fields));
      return;
    case 'string':
      fields.push({ where, name, value: node.value, type: 'text' });
      return;
    case 'number':
      fields.push({ where, name, value: canonicalNumber(node.value), type: 'number' });
      return;
    case 'literal':
      fields.push({ where, name, value: node.value, type: 'literal' });
  }
}

function inNameOrder<Member extends { key: string }>(members: readonly Member[]): Iterable<Member> {
  if (members.every(({ key }, i) => i === 0 || (members[i - 1] as Member).key < key)) return members;
  const sorted = [...members].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.filter(({ key }, i) => sorted[i + 1]?.key !== key);
}

/** `.name`, or `["a name"]`. */
export const memberPath = memoizeText((key) =>
  /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
);
