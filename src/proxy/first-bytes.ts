/** What a client speaks in a tunnel: TLS, HTTP/1, something else, or too little to tell yet. */
export type Spoken = 'tls' | 'http' | 'other' | 'undecided';

const longestMethod = 24;
const methodThenTarget = /^[A-Z][A-Z-]*[A-Z] (?:\/|\*|https?:)/;
const methodBegun = /^[A-Z][A-Z-]*(?: (?:h(?:t(?:t(?:p(?:s)?)?)?)?)?)?$/;

/**
 * Tells from the first bytes. TLS: a handshake record of version 3.x (RFC 8446 §5.1). HTTP/1: a method in capitals and the
 * start of a path or URL. HTTP/2 with prior knowledge (`PRI * HTTP/2.0`) is not HTTP/1.
 */
export function spoken(bytes: Buffer): Spoken {
  if (bytes.length === 0) return 'undecided';
  if (bytes[0] === 0x16) return bytes.length === 1 ? 'undecided' : bytes[1] === 3 ? 'tls' : 'other';
  const text = bytes.toString('latin1', 0, longestMethod + 8);
  if (text.startsWith('PRI * ')) return 'other';
  if (methodThenTarget.test(text)) return 'http';
  return methodBegun.test(text) && text.length < longestMethod + 8 ? 'undecided' : 'other';
}
