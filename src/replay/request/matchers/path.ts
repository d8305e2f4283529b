import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** The path; percent-encodings that mean the same are equal (RFC 3986 §6.2.2), `/a` and `/a/` are not. */
export const path = defineMatcher({
  name: 'path',
  summary: 'path',
  reads: 'line',
  project: ({ path }) => [textField('path', '', normalizedPath(path))],
});

/** What means something else where it is not encoded. */
const kept = /^%(?:2F|3F|23|25|5C|[01][0-9A-F]|7F)$/;

/** With all characters as they are that servers read alike encoded or not, so that names in it stand as elsewhere. */
function normalizedPath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    const pieces = encoded.toUpperCase().match(/%[0-9A-F]{2}/g) ?? [];
    return pieces.some((piece) => kept.test(piece)) ? pieces.map(decodedAscii).join('') : decodedText(pieces.join(''));
  });
}

function decodedText(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded; // no UTF-8
  }
}

function decodedAscii(piece: string): string {
  const code = parseInt(piece.slice(1), 16);
  return code < 0x80 && !kept.test(piece) ? String.fromCharCode(code) : piece;
}
