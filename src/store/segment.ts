import { createHash } from 'node:crypto';

const maxLength = 180;

/** Where the recordings of a branch lie in a store; undefined is the main one. */
export function testsFolder(branch: string | undefined): string {
  return branch === undefined ? 'tests' : `branches/${escapeSegment(branch)}/tests`;
}

/**
 * Any text as one path segment that is safe on every file system and in S3, and can mostly be read by people: ASCII
 * letters, digits, `_`, `-` and inner dots stay, all else becomes `%XX` of its UTF-8 bytes. Different texts stay
 * different, on disks that do not tell upper from lower case as well: a text with capitals gets `~` and eight digits of
 * its SHA-256 after it (`CheckoutTest~2c9d0f6e`). One over 180 bytes is cut and ends in `~~` and 32 digits. The result
 * is never empty (for a text that is not), never `.` or `..`, begins and ends with no dot, and is none of Windows'
 * device names.
 */
export function escapeSegment(text: string): string {
  const escaped = escapeDevice(escapeBytes(text));
  const capitals = /[A-Z]/.test(text);
  if (escaped.length + (capitals ? 9 : 0) > maxLength) {
    return `${escaped.slice(0, maxLength - 34).replace(/%.?$/, '')}~~${digits(text, 32)}`;
  }
  return capitals ? `${escaped}~${digits(text, 8)}` : escaped;
}

/** What the escaped segments of all texts that begin with `prefix` begin with: to narrow a listing, never to decide. */
export function literalPrefix(prefix: string): string {
  const literal = /^[A-Za-z0-9_-]*/.exec(prefix)?.[0] ?? '';
  const device = devices.some(
    (name) => name.startsWith(literal.toLowerCase()) || literal.toLowerCase().startsWith(name),
  );
  return device ? '' : literal.slice(0, maxLength - 40);
}

/**
 * The text of an escaped segment; undefined when it was cut (the recording itself says the whole) or is none of ours.
 */
export function unescapeSegment(segment: string): string | undefined {
  const plain = segment.replace(/~[0-9a-f]{8}$/, '');
  const bytes = Buffer.from(
    plain.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  const text = bytes.toString('utf8');
  return text !== '' && escapeSegment(text) === segment ? text : undefined;
}

/** Whether an escaped segment was cut, so that its text must be looked up. */
export function isCutSegment(segment: string): boolean {
  return /~~[0-9a-f]{32}$/.test(segment);
}

function escapeBytes(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  let escaped = '';
  bytes.forEach((byte, index) => {
    const char = String.fromCharCode(byte);
    const innerDot = char === '.' && index > 0 && index < bytes.length - 1;
    escaped += /[A-Za-z0-9_-]/.test(char) || innerDot ? char : percent(byte);
  });
  return escaped;
}

/**
 * Windows keeps these names, with any extension, for devices (learn.microsoft.com, "Naming Files, Paths, and
 * Namespaces").
 */
function escapeDevice(escaped: string): string {
  if (!/^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i.test(escaped)) return escaped;
  return percent(escaped.charCodeAt(0)) + escaped.slice(1);
}

const devices = ['con', 'prn', 'aux', 'nul', 'com', 'lpt'];

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function digits(text: string, count: number): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, count);
}
