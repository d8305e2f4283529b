import { takeHead } from './pieces.js';
import { checkSealed, encryptedMagic } from './encrypted-format.js';
import { encryptedContent } from './store-key-error.js';
import type { encryptedPrefix } from '../store-place.js';

/**
 * How HARs and bodies lie in a store: in the clear, or encrypted (`with-keys.ts`). What goes in and out is streamed.
 */
export interface Encryption {
  /** What stands before the place of a store whose content lies so. */
  readonly prefix: '' | typeof encryptedPrefix;
  /** The names (64 hex digits) that content of a SHA-256 may have in the store: by the first one it is written. */
  names(sha256: string): readonly [string, ...string[]];
  /** The size in the store of so many bytes. */
  sizeOf(bytes: number): number;
  encrypt(source: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /**
   * `where` is named in errors. Throws `PROXYCTL_STORE_KEY` for what this cannot decrypt, `PROXYCTL_RECORDING_CORRUPT`
   * for what was altered.
   */
  decrypt(source: AsyncIterable<Buffer>, where: string): AsyncIterable<Buffer>;
}

/** In the clear. What somebody encrypted is refused, instead of being taken for a damaged HAR. */
export const inTheClear: Encryption = {
  prefix: '',
  names: (sha256) => [sha256],
  sizeOf: (bytes) => bytes,
  encrypt: (source) => source,
  async *decrypt(source, where) {
    const { head, rest } = await takeHead(source, encryptedMagic.length);
    checkSealed(head, where);
    if (head.equals(encryptedMagic)) {
      await rest.return();
      throw encryptedContent(where);
    }
    if (head.length > 0) yield head;
    yield* rest;
  },
};

/** What is all in memory already. */
export async function decryptWhole(encryption: Encryption, data: Buffer, where: string): Promise<Buffer> {
  if (encryption === inTheClear) return data; // a body, checked by its hash
  const chunks: Buffer[] = [];
  for await (const chunk of encryption.decrypt(one(data), where)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* one(data: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield await Promise.resolve(data);
}
