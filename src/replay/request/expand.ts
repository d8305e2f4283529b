import { jsonFields } from './body/json-fields.js';
import { textField, type Field } from './field.js';
import { namedFields } from './matchers/named-fields.js';
import { pairsOf } from './text/urlencoded.js';
import { looksRandom } from './randomness.js';
import { isDataInBase64, looksLikeBase64, textInBase64 } from './text/base64.js';
import { graphqlTokens, looksLikeGraphql } from './text/graphql.js';
import { parseJsonText } from './text/json-text.js';
import { parseJwt } from './text/jwt.js';
import { isIn } from './field-path.js';

const maxDepth = 3;

/**
 * A value that holds others, taken apart: JSON in a string or parameter, the claims of a JWT, text in base64, the
 * tokens of a GraphQL document. So that layout does not count in them either, and what is volatile in them is found.
 */
export function expandField(field: Field, depth = 0): Field[] {
  if (depth === maxDepth || isPlain(field)) return [field];
  const inner = expandJson(field) ?? expandJwt(field) ?? expandUrl(field) ?? expandBase64(field);
  return inner?.flatMap((leaf) => expandField(leaf, depth + 1)) ?? [compactGraphql(field)];
}

/** Whether a field holds no others, as far as a glance tells: most values are such. */
export function isPlain({ name, where, value, type }: Field): boolean {
  if (type !== 'text' || value.length < 2) return true;
  return (
    !/^[\s{[e]/.test(value) &&
    !mayBeUrl(value) &&
    name !== 'query' &&
    where !== 'body' &&
    !looksLikeBase64(value) &&
    !isDataInBase64(value)
  );
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

/** A URL, or a path, with a query. */
const url = /^((?:[a-z][a-z0-9+.-]*:\/\/|\/)[^\s?#]*)\?([^\s#]*=[^\s#]*)(#\S*)?$/i;

function mayBeUrl(value: string): boolean {
  return value.includes('?') && value.includes('=') && (value.startsWith('/') || value.includes('://'));
}

/** The parameters of a URL's query, in any order as those of the request's own. */
function expandUrl(field: Field): Field[] | undefined {
  const { where, name, value } = field;
  if (!mayBeUrl(value) || isIn('path', field) || where === 'body') return undefined;
  const [, base = '', query = '', fragment = ''] = url.exec(value) ?? [];
  if (query === '') return undefined;
  return [textField(`${where} url`, name, base + fragment), ...namedFields(`${where} url query`, pairsOf(query))];
}

/**
 * Text in base64 says what it says: another text is another meaning, where random bytes are a token. So is another
 * file. Headers hold tokens.
 */
function expandBase64(field: Field): Field[] | undefined {
  const { where, name, value, type } = field;
  if (isIn('header', field) || isIn('path', field) || isSaml.test(name)) return undefined;
  if (isDataInBase64(value)) return [{ ...field, type: 'bytes' }];
  if (!looksLikeBase64(value)) return undefined;
  const text = textInBase64(value);
  if (text === undefined || isRandom(text)) return undefined;
  const inside = { where: `${where} base64`, name, value: text, type };
  return expandJson(inside) ?? [inside];
}

/** Signed, and with times and ids in every part of it. */
const isSaml = /^saml/i;

/** Whether a value is base64 of characters by chance: a token, whatever its own letters look like. */
export function isTokenInBase64(value: string): boolean {
  const text = looksLikeBase64(value) ? textInBase64(value) : undefined;
  return text !== undefined && isRandom(text);
}

/** As a whole, but for what parts its pieces, or for the most part: of characters by chance, some part others. */
function isRandom(text: string): boolean {
  const pieces = text.split(/[^A-Za-z0-9]+/).filter((piece) => piece !== '');
  if (pieces.every(looksRandom)) return true;
  if (text.length < 20 || !/^[\w.~-]+$/.test(text)) return false;
  const inWords = pieces.filter((piece) => word.test(piece)).reduce((length, piece) => length + piece.length, 0);
  return inWords < text.length / 2;
}

/** Words, names and numbers as people write them. */
const word = /^(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|(?:[A-Z]?[a-z]{2,}){2,4})\d{0,4}$|^\d{1,10}$/;

function compactGraphql(field: Field): Field {
  const candidate = field.name === 'query' || field.where === 'body';
  return candidate && looksLikeGraphql(field.value) ? { ...field, value: graphqlTokens(field.value) } : field;
}
