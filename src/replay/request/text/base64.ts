import { isUtf8 } from 'node:buffer';

/** Shorter words are base64 by chance. */
const minLength = 12;
const alphabet = /^[A-Za-z0-9+/_-]+={0,2}$/;
// eslint-disable-next-line no-control-regex -- a text has none of them, random bytes nearly always do
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/;

/** Whether `value` is written in the letters of base64 or base64url (RFC 4648), and long enough to be it. */
export function looksLikeBase64(value: string): boolean {
  return value.length >= minLength && alphabet.test(value);
}

/** The text that `value` is in base64 or base64url; undefined when it is none, or bytes that are no text. */
export function textInBase64(value: string): string | undefined {
  const bare = value.replace(/=+$/, '');
  if (bare.length % 4 === 1 || (bare.length < value.length && value.length % 4 !== 0)) return undefined;
  const bytes = Buffer.from(bare, 'base64');
  if (!isUtf8(bytes) || bytes.toString('base64url') !== bare.replaceAll('+', '-').replaceAll('/', '_'))
    return undefined;
  const text = bytes.toString('utf8');
  return control.test(text) ? undefined : text;
}

/** How files begin in base64: PNG, JPEG, GIF, PDF, ZIP, gzip, RIFF, MP3, Ogg; or as a URL (RFC 2397). */
const files =
  /^(?:iVBORw0KGg|\/9j\/|_9j_|R0lGOD|JVBERi0|UEsDB|H4sI|UklGR|SUQz|T2dnUw|data:[\w/+.;=-]{0,100};base64,)[A-Za-z0-9+/_=-]{20}/;
/** Nobody sends back and forth a token of that length. */
const longestToken = 4096;

/** Whether `value` is a file or other data in base64, and no token. */
export function isDataInBase64(value: string): boolean {
  if (value.length < 24) return false;
  // of these, a PDF alone may be text from its first to its last byte
  const isFile = files.test(value) && (value.startsWith('JVBERi0') || textInBase64(value) === undefined);
  return isFile || (value.length > longestToken && looksLikeBase64(value));
}
