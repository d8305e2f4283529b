import { jsonFields } from './body/json-fields.js';
import { textField, type Field } from './field.js';
import { graphqlTokens, looksLikeGraphql } from './text/graphql.js';
import { parseJsonText } from './text/json-text.js';
import { parseJwt } from './text/jwt.js';

const maxDepth = 3;

/**
 * A value that holds others, taken apart: JSON in a string or parameter, the claims of a JWT, the tokens of a GraphQL
 * document. So that layout does not count in them either, and what is volatile in them is found.
 */
export function expandField(field: Field, depth = 0): Field[] {
  if (depth === maxDepth || isPlain(field)) return [field];
  const inner = expandJson(field) ?? expandJwt(field);
  return inner?.flatMap((leaf) => expandField(leaf, depth + 1)) ?? [compactGraphql(field)];
}

/** Whether a field holds no others, as far as a glance tells: most values are such. */
export function isPlain({ name, where, value, type }: Field): boolean {
  if (type !== 'text' || value.length < 2) return true;
  return !/^[\s{[e]/.test(value) && name !== 'query' && where !== 'body';
}

function expandJson({ where, name, value }: Field): Field[] | undefined {
  if (!/^\s*(?:\{[\s"}]|\[[\s"[{\]\d-])/.test(value)) return undefined;
  const node = parseJsonText(value);
  if (node === undefined) return undefined;
  return jsonFields(node, `${where} json $`).map((leaf) => (leaf.name === '' ? { ...leaf, name } : leaf));
}

function expandJwt({ where, value }: Field): Field[] | undefined {
  if (!value.startsWith('e') || !value.includes('.')) return undefined;
  const jwt = parseJwt(value);
  if (jwt === undefined) return undefined;
  return [
    ...jsonFields(jwt.header, `${where} jwt header`),
    ...jsonFields(jwt.payload, `${where} jwt claim`),
    textField(`${where} jwt signature`, 'jwt signature', jwt.parts[2]),
  ];
}

function compactGraphql(field: Field): Field {
  const candidate = field.name === 'query' || field.where === 'body';
  return candidate && looksLikeGraphql(field.value) ? { ...field, value: graphqlTokens(field.value) } : field;
}
