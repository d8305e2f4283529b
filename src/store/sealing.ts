import { takeHead } from './encryption/pieces.js';
import { sealedMagic } from './encryption/sealed-format.js';
import { encryptedContent } from './encryption/store-key-error.js';
import type { encryptedPrefix } from './store-place.js';

/** How HARs and bodies lie in a store: in the clear, or encrypted (`encryption/encrypted-sealing.ts`). What goes in and out is streamed. */
export interface Sealing {
  /** What stands before the place of a store that is sealed so. */
  readonly prefix: '' | typeof encryptedPrefix;
  /** The names (64 hex digits) that content of a SHA-256 may have in the store: by the first one it is written. */
  names(sha256: string): readonly [string, ...string[]];
  /** The size in the store of so many bytes. */
  sizeOf(bytes: number): number;
  seal(source: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /** `where` is named in errors. Throws `PROXYCTL_STORE_KEY` for what this cannot open, `PROXYCTL_RECORDING_CORRUPT` for what was altered. */
  open(source: AsyncIterable<Buffer>, where: string): AsyncIterable<Buffer>;
}

/** In the clear. What somebody encrypted is refused, instead of being taken for a damaged HAR. */
export const inTheClear: Sealing = {
  prefix: '',
  names: (sha256) => [sha256],
  sizeOf: (bytes) => bytes,
  seal: (source) => source,
  async *open(source, where) {
    const { head, rest } = await takeHead(source, sealedMagic.length);
    if (head.equals(sealedMagic)) {
      await rest.return();
      throw encryptedContent(where);
    }
    if (head.length > 0) yield head;
    yield* rest;
  },
};

/** What is all in memory already. */
export async function openWhole(sealing: Sealing, data: Buffer, where: string): Promise<Buffer> {
  if (sealing === inTheClear) return data; // a body, checked by its hash
  const chunks: Buffer[] = [];
  for await (const chunk of sealing.open(one(data), where)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* one(data: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield await Promise.resolve(data);
}
