import { createHash } from 'node:crypto';

const maxLength = 180;

/** See `recording-key.ts`. The result is never empty, `.`, `..`, nor begins with a dot. */
export function escapeSegment(text: string): string {
  const escaped = [...Buffer.from(text, 'utf8')]
    .map((byte, index) => {
      const char = String.fromCharCode(byte);
      const plain = /[A-Za-z0-9_-]/.test(char) || (char === '.' && index > 0);
      return plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  if (escaped.length <= maxLength) return escaped;
  const hash = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
  return `${escaped.slice(0, maxLength - 34).replace(/%.?$/, '')}~~${hash}`;
}

/** The text of an escaped segment; undefined when it was cut (the recording itself says the whole). */
export function unescapeSegment(segment: string): string | undefined {
  if (/~~[0-9a-f]{32}$/.test(segment)) return undefined;
  const bytes = Buffer.from(
    segment.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  return bytes.toString('utf8');
}
