import { isUtf8 } from 'node:buffer';
import { contentCodings, decodeContent } from '../http/index.js';

/** Decoded bodies up to this size stand in the HAR as well as in the store: docs/decisions/0002. */
export const inlineTextBytes = 256 * 1024;

/** A body on its way into a HAR. */
export interface StoredBody {
  sha256: string;
  /** Wire bytes. */
  size: number;
  /** All of its wire bytes, when they are few enough to be looked into (256 KiB). */
  bytes?: Buffer;
}

/** What HAR says of a body besides its type. */
export interface DescribedBody {
  /** Decoded bytes; wire bytes where they could not be decoded. */
  size: number;
  /** Bytes that the content encoding saved, where it is known. */
  compression?: number;
  text?: string;
  encoding?: 'base64';
  /** Why there is no text. */
  comment?: string;
  _sha256: string;
}

/** `decode`: text stands without its content encoding (HAR's `content`); else as it was sent (`postData`). */
export function describeBody(body: StoredBody, contentEncoding: string | undefined): DescribedBody {
  const { sha256, size, bytes } = body;
  const encoded = contentCodings(contentEncoding).length > 0;
  if (bytes === undefined || bytes.length > inlineTextBytes) return left(body, 'too large to stand here');
  if (!encoded) return { size, ...inline(bytes), _sha256: sha256 };
  const decoded = decodeContent(bytes, contentEncoding, maxSizedBytes);
  if (decoded === undefined) return left(body, `its content encoding (${contentEncoding ?? ''}) could not be undone`);
  const known = { size: decoded.length, compression: decoded.length - size, _sha256: sha256 };
  if (decoded.length > inlineTextBytes) return { ...known, comment: reason('too large to stand here') };
  return { ...known, ...inline(decoded) };
}

/** A body is decoded up to this size to tell its length. */
const maxSizedBytes = 16 * 1024 * 1024;

function left({ sha256, size }: StoredBody, why: string): DescribedBody {
  return { size, comment: reason(why), _sha256: sha256 };
}

function reason(why: string): string {
  return `The body is in the store by its SHA-256: ${why}`;
}

function inline(bytes: Buffer): { text: string; encoding?: 'base64' } {
  // A NUL is valid UTF-8 and no text.
  if (isUtf8(bytes) && !bytes.includes(0)) return { text: bytes.toString('utf8') };
  return { text: bytes.toString('base64'), encoding: 'base64' };
}
