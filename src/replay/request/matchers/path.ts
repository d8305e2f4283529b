import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** The path; percent-encodings that mean the same are equal (RFC 3986 §6.2.2), `/a` and `/a/` are not. */
export const path = defineMatcher({
  name: 'path',
  summary: 'path',
  reads: 'line',
  project: ({ path }) => [textField('path', '', normalizedPath(path))],
});

const unreserved = /[A-Za-z0-9._~-]/;

function normalizedPath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%([0-9a-f]{2})/gi, (encoded, hex: string) => {
    const char = String.fromCharCode(parseInt(hex, 16));
    return unreserved.test(char) ? char : encoded.toUpperCase();
  });
}
