import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { checkFormat } from '../../core/stored-formats.js';
import { inPieces, type Piece } from './pieces.js';

/*
 * Encrypted content, after the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) that age and Tink use as
 * well:
 *
 *     "proxyctl-sealed-1\n" · 8 bytes: id of the key · 16 bytes: salt
 *     pieces of 64 KiB, each encrypted with AES-256-GCM and followed by its tag of 16 bytes
 *
 * The key of the content is derived from the store's key and the salt. A piece's nonce is its number (11 bytes,
 * big-endian) and one byte that is 1 for the last, so that pieces cannot be left out, put elsewhere or cut off without
 * that being noticed.
 */

export const encryptedMagic = Buffer.from('proxyctl-sealed-1\n');

/** Throws `PROXYCTL_NEWER_FORMAT` for content that was encrypted in a later form. */
export function checkSealed(head: Buffer, where: string): void {
  const [, version] = /^proxyctl-sealed-(\d+)/.exec(head.toString('latin1')) ?? [];
  if (version !== undefined) checkFormat('sealed', { formatVersion: Number(version) }, where);
}

export const keyIdBytes = 8;
const saltBytes = 16;
export const headBytes = encryptedMagic.length + keyIdBytes + saltBytes;
const pieceBytes = 64 * 1024;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** How long `bytes` are when they are encrypted. */
export function encryptedSize(bytes: number): number {
  return headBytes + bytes + tagBytes * Math.max(1, Math.ceil(bytes / pieceBytes));
}

export async function* encrypt(
  source: AsyncIterable<Buffer>,
  contentKey: Buffer,
  keyId: Buffer,
): AsyncGenerator<Buffer, void, undefined> {
  const salt = randomBytes(saltBytes);
  const head = Buffer.concat([encryptedMagic, keyId, salt]);
  const key = keyOf(contentKey, salt);
  yield head;
  let number = 0;
  for await (const { data, last } of inPieces(source, pieceBytes)) {
    const encrypting = createCipheriv(cipher, key, nonceOf(number, last), { authTagLength: tagBytes });
    encrypting.setAAD(head);
    yield Buffer.concat([encrypting.update(data), encrypting.final(), encrypting.getAuthTag()]);
    number += 1;
  }
}

/** The id of the key that content was encrypted with; undefined when it does not begin as such content does. */
export function keyIdOf(head: Buffer): Buffer | undefined {
  if (head.length < headBytes || !head.subarray(0, encryptedMagic.length).equals(encryptedMagic)) return undefined;
  return head.subarray(encryptedMagic.length, encryptedMagic.length + keyIdBytes);
}

/** What comes after a head. Hands on only what is proven. Throws what `altered` makes. */
export async function* decrypt(
  rest: AsyncIterable<Buffer>,
  head: Buffer,
  contentKey: Buffer,
  altered: () => Error,
): AsyncGenerator<Buffer, void, undefined> {
  const key = keyOf(contentKey, head.subarray(-saltBytes));
  let number = 0;
  for await (const piece of inPieces(rest, pieceBytes + tagBytes)) {
    const data = opened(piece, number, key, head);
    if (data === undefined) throw altered();
    yield data;
    number += 1;
  }
}

function opened({ data, last }: Piece, number: number, key: Buffer, head: Buffer): Buffer | undefined {
  if (data.length < tagBytes) return undefined;
  const opening = createDecipheriv(cipher, key, nonceOf(number, last), { authTagLength: tagBytes });
  opening.setAAD(head);
  opening.setAuthTag(data.subarray(-tagBytes));
  const text = opening.update(data.subarray(0, -tagBytes));
  try {
    opening.final();
    return text;
  } catch {
    return undefined; // Node's words for a tag that does not fit say nothing
  }
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function keyOf(contentKey: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', contentKey, salt, 'proxyctl content', 32));
}
