import { meaningOfName } from './meaning-of-name.js';
import { isRandom, uuid } from './values.js';
import { wordsOfName } from './words-of-name.js';

/** Words of a segment after which a link has what only its receiver knows. */
const opening = new Set(
  'token reset password invite invitation activate activation verify verification confirm confirmation unsubscribe magic unlock recover recovery accept secret jwt apikey otp'.split(
    ' ',
  ),
);
/** Of these a segment names one by its id. */
const collections = new Set('tokens invites invitations secrets passwords confirmations verifications'.split(' '));

const segment = /\/([A-Za-z][\w-]{2,40})(?=(\\?\/)([\w.~%=-]{10,512}))/g;
const mayOpen =
  /\/[\w-]*(?:token|reset|password|invit|activat|verif|confirm|unsubscribe|magic|unlock|recover|accept|secret|jwt|api-?key|otp)/i;
const file = /\.(?:m?js|css|html?|png|jpe?g|gif|svg|webp|ico|json|map|php|aspx?|xml|txt|pdf|woff2?)$/i;

/** Segments of paths that are the secret of a link: `/reset-password/…`, `/invite/…`, `/token/…`. */
export function redactSegments(text: string, replace: (where: string, value: string) => string): string {
  if (!mayOpen.test(text)) return text;
  let redacted = '';
  let at = 0;
  for (const { 0: all, 1: name = '', 2: slash = '', 3: written = '', index } of text.matchAll(segment)) {
    const value = written.replace(/[.~=-]+$/, '');
    const start = index + all.length + slash.length;
    if (start < at || !isLinkSecret(name, value)) continue;
    redacted += text.slice(at, start) + replace(`path ${name}`, value);
    at = start + value.length;
  }
  return at === 0 ? text : redacted + text.slice(at);
}

function isLinkSecret(name: string, value: string): boolean {
  const words = wordsOfName(name);
  if (file.test(value) || /%/.test(value)) return false;
  if (words.some((word) => collections.has(word))) return !uuid.test(value) && isRandom(value, 20);
  return (
    (words.some((word) => opening.has(word)) || meaningOfName(name) !== undefined) &&
    (isRandom(value, 10) || isMixed(value))
  );
}

function isMixed(value: string): boolean {
  return /[a-z]/i.test(value) && (value.match(/\d/g)?.length ?? 0) >= 3 && !/[._-]/.test(value);
}
