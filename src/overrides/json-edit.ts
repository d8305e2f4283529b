import { applyEdits, findNodeAtLocation, modify, parseTree, type Edit, type Node, type ParseError } from 'jsonc-parser';
import { compile, type JSONValue } from 'json-p3';
import type { JsonChange } from './model.js';

/** Thrown when a text is not JSON (RFC 8259). */
export class NotJson extends Error {}

/** Of equal length to what it stands for: nothing. */
const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/** A parsed text, or throws `NotJson`. */
export function parseJson(text: string): JSONValue {
  try {
    return JSON.parse(text) as JSONValue;
  } catch (error) {
    throw new NotJson((error as Error).message);
  }
}

/**
 * `text` with the values that these JSONPaths find replaced or taken out; every other byte stays as it was. A path that
 * finds nothing but names one place (`$.a.b[0]`) whose parent is there adds it. Returns how many places were changed,
 * too. Throws `NotJson`.
 */
export function editJson(text: string, change: JsonChange): { text: string; changed: number } {
  let current = text;
  let changed = 0;
  for (const [path, value] of Object.entries(change)) {
    const remove = isDelete(value);
    const document = parseJson(current);
    for (const location of locations(path, document, remove).reverse()) {
      current = remove ? removeAt(current, location) : putAt(current, location, value);
      changed += 1;
    }
  }
  return { text: current, changed };
}

export type Location = (string | number)[];

/** Where the path leads, in order of the document; of two where one holds the other, the inner one is left out. */
function locations(path: string, document: JSONValue, remove: boolean): Location[] {
  const query = compile(path);
  const found = query.query(document).nodes.map(({ location }) => [...location]);
  if (found.length > 0)
    return found.filter(
      (one) => !found.some((other) => other !== one && other.length < one.length && startsWith(one, other)),
    );
  if (remove || !query.singularQuery()) return [];
  const place = singularLocation(path);
  return place === undefined ? [] : [place];
}

function startsWith(location: Location, start: Location): boolean {
  return start.every((key, i) => key === location[i]);
}

/** `$.a['b'][0]` → ['a', 'b', 0]. */
export function singularLocation(path: string): Location | undefined {
  const location: Location = [];
  const step = /\s*(?:\.\s*([^\s.[\]]+)|\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+))\s*\])/y;
  step.lastIndex = 1;
  while (step.lastIndex < path.trimEnd().length) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const [, name, single, double, index] = match;
    const quoted = single ?? double;
    if (index !== undefined) location.push(Number(index));
    else
      location.push(
        quoted === undefined ? (name as string) : (JSON.parse(`"${quoted.replaceAll("\\'", "'")}"`) as string),
      );
  }
  return location;
}

function putAt(text: string, location: Location, value: unknown): string {
  const tree = treeOf(text);
  const node = findNodeAtLocation(tree, location);
  const json = JSON.stringify(value);
  if (node !== undefined) return splice(text, node, json);
  const parent = findNodeAtLocation(tree, location.slice(0, -1));
  const key = location.at(-1);
  const fits =
    (parent?.type === 'object' && typeof key === 'string') ||
    (parent?.type === 'array' && typeof key === 'number' && key === (parent.children?.length ?? 0));
  if (!fits) return text;
  return applyEdits(text, modify(text, location, value, {}));
}

function removeAt(text: string, location: Location): string {
  if (location.length === 0) return 'null';
  const edits: Edit[] = modify(text, location, undefined, {});
  return applyEdits(text, edits);
}

function splice(text: string, { offset, length }: Node, json: string): string {
  return text.slice(0, offset) + json + text.slice(offset + length);
}

function treeOf(text: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, strict);
  if (tree === undefined || errors.length > 0) throw new NotJson('The text is not JSON');
  return tree;
}

export function isDelete(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$delete' in value;
}
