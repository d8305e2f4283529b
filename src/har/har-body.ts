import { isUtf8 } from 'node:buffer';
import { contentCodings, decodeContent } from '../http/index.js';

/** Decoded bodies up to this size stand in the HAR as well as in the store: docs/decisions/0002. */
export const inlineTextBytes = 256 * 1024;

/** A body on its way into a HAR. */
export interface StoredBody {
  /** Undefined where it is in no store. */
  sha256?: string | undefined;
  /** Wire bytes. */
  size: number;
  /** All of its wire bytes, when they are few enough to be looked into. */
  bytes?: Buffer;
}

/** What HAR says of a body besides its type. */
interface DescribedBody {
  /** Decoded bytes; wire bytes where they could not be decoded. */
  size: number;
  /** Bytes that the content encoding saved, where it is known. */
  compression?: number;
  text?: string;
  encoding?: 'base64';
  /** Why there is no text. */
  comment?: string;
  _sha256?: string;
}

/** Which bodies stand in a HAR. */
export interface InlineRule {
  /** Decoded bytes. */
  mostBytes: number;
  /** What is said of the others: where they are. */
  otherwise: string;
}

/** The rule of recordings. */
export const inlineOfRecordings: InlineRule = {
  mostBytes: inlineTextBytes,
  otherwise: 'The body is in the store by its SHA-256',
};

/** `decode`: text stands without its content encoding (HAR's `content`); else as it was sent (`postData`). */
export function describeBody(
  body: StoredBody,
  contentEncoding: string | undefined,
  rule: InlineRule = inlineOfRecordings,
): DescribedBody {
  const { sha256, size, bytes } = body;
  const encoded = contentCodings(contentEncoding).length > 0;
  const name = sha256 === undefined ? {} : { _sha256: sha256 };
  const left = (why: string): DescribedBody => ({ size, comment: `${rule.otherwise}: ${why}`, ...name });
  if (bytes === undefined || bytes.length > rule.mostBytes) return left('too large to stand here');
  if (!encoded) return { size, ...inline(bytes), ...name };
  const decoded = decodeContent(bytes, contentEncoding, maxSizedBytes);
  if (decoded === undefined) return left(`its content encoding (${contentEncoding ?? ''}) could not be undone`);
  const known = { size: decoded.length, compression: decoded.length - size, ...name };
  if (decoded.length > rule.mostBytes) return { ...known, comment: `${rule.otherwise}: too large to stand here` };
  return { ...known, ...inline(decoded) };
}

/** A body is decoded up to this size to tell its length. */
const maxSizedBytes = 16 * 1024 * 1024;

function inline(bytes: Buffer): { text: string; encoding?: 'base64' } {
  // A NUL is valid UTF-8 and no text.
  if (isUtf8(bytes) && !bytes.includes(0)) return { text: bytes.toString('utf8') };
  return { text: bytes.toString('base64'), encoding: 'base64' };
}
