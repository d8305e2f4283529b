import { memoizeText } from '../../core/memoize.js';

/** The part of a request or response that a field stands in. */
const fieldParts = [
  ...([
    'method',
    'host',
    'path',
    'query',
    'header',
    'cookie',
    'form',
    'json',
    'xml',
    'graphql',
    'proto',
    'part',
  ] as const),
  ...(['body', 'content-type', 'status', 'location', 'other'] as const),
];
type FieldPart = (typeof fieldParts)[number];

/** Where a field stands: its part, and its path within that. `query page` is `page` in the query. */
export interface FieldPath {
  part: FieldPart;
  /** `$.items[2].qty`, `page`, `[2]` of a path's third segment; empty for the whole part. */
  path: string;
}

const known: ReadonlySet<string> = new Set(fieldParts);

/** The field path that a field's `where` writes for people. The only place that takes such a text apart. */
export const fieldPath = memoizeText((where): FieldPath => {
  const end = where.search(/[ [{]/);
  const part = end === -1 ? where : where.slice(0, end);
  if (!known.has(part)) return { part: 'other', path: where };
  return { part: part as FieldPart, path: end === -1 ? '' : where.slice(where[end] === ' ' ? end + 1 : end) };
});

/** Whether a field stands in this part. */
export function isIn(part: FieldPart, { where }: { where: string }): boolean {
  return where.startsWith(part) && (where.length === part.length || ' [{'.includes(where.charAt(part.length)));
}

/** The segment that a field path names, from 0: of `path[2]` 2. Undefined where it names none. */
export function pathSegmentOf(where: string): number | undefined {
  const { part, path } = fieldPath(where);
  const digits = part === 'path' ? /^\[(\d+)\]$/.exec(path)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The same path for any element of the arrays in it: `json $.items[2].qty` → `json $.items[*].qty`. Segments of a path
 * stay.
 */
export function anyElementOf(where: string): string {
  return isIn('path', { where }) ? where : where.replace(/\[\d+\]/g, '[*]');
}

/**
 * What holds a field: `json $.due.` of `json $.due.year`. Undefined where the path does not end with the field's own
 * name.
 */
export function containerOf({ where, name }: { where: string; name: string }): string | undefined {
  return name !== '' && where.endsWith(name) ? where.slice(0, -name.length) : undefined;
}
