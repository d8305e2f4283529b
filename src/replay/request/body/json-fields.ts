import { memoizeText } from '../../../core/memoize.js';
import type { Field, FieldType } from '../field.js';
import { Place } from '../place.js';
import { canonicalNumber, type JsonNode } from '../text/json-text.js';

/**
 * Each leaf of a JSON value, objects in the order of their names (so key order and white space do not show, array order
 * does). An empty object or array is a leaf. Of a member that stands twice, the last counts (as parsers have it).
 */
export function jsonFields(root: JsonNode, prefix = 'json $'): Field[] {
  const fields: Field[] = [];
  eachJsonLeaf(root, (place, name, value, type) => fields.push({ where: place.text, name, value, type }), prefix);
  return fields;
}

type LeafVisitor = (place: Place, name: string, value: string, type: FieldType) => void;

/** The same, one after another. */
export function eachJsonLeaf(root: JsonNode, visit: LeafVisitor, prefix = 'json $'): void {
  eachLeaf(root, Place.of(prefix), '', visit);
}

function eachLeaf(node: JsonNode, place: Place, name: string, visit: LeafVisitor): void {
  switch (node.type) {
    case 'object': {
      if (node.members.length === 0) visit(place, name, '{}', 'literal');
      for (const { key, value } of inNameOrder(node.members)) eachLeaf(value, place.then(memberPath(key)), key, visit);
      return;
    }
    case 'array':
      if (node.items.length === 0) visit(place, name, '[]', 'literal');
      node.items.forEach((item, i) => eachLeaf(item, place.then(`[${i}]`), name, visit));
      return;
    case 'string':
      visit(place, name, node.value, 'text');
      return;
    case 'number':
      visit(place, name, canonicalNumber(node.value), 'number');
      return;
    case 'literal':
      visit(place, name, node.value, 'literal');
  }
}

function inNameOrder<Member extends { key: string }>(members: readonly Member[]): Iterable<Member> {
  if (isInOrder(members)) return members;
  if (hasNames(members, lastNames)) return lastOrder.map((i) => members[i] as Member);
  const keys = members.map(({ key }) => key);
  const order = [...keys.keys()].sort((a, b) => compared(keys[a] as string, keys[b] as string) || a - b);
  lastNames = keys;
  lastOrder = order.filter((at, i) => keys[at] !== keys[order[i + 1] ?? -1]);
  return lastOrder.map((i) => members[i] as Member);
}

/** Of the last object whose names were not in order: those of one list have the same. */
let lastNames: readonly string[] = [];
let lastOrder: readonly number[] = [];

function hasNames(members: readonly { key: string }[], names: readonly string[]): boolean {
  if (members.length !== names.length) return false;
  for (let i = 0; i < names.length; i++) if ((members[i] as { key: string }).key !== names[i]) return false;
  return true;
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isInOrder(members: readonly { key: string }[]): boolean {
  for (let i = 1; i < members.length; i++) {
    if ((members[i - 1] as { key: string }).key >= (members[i] as { key: string }).key) return false;
  }
  return true;
}

/** `.name`, or `["a name"]`. */
export const memberPath = memoizeText((key) =>
  /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
);
