import { pack, unpack, unpackWhole } from './packing.js';
import { decryptWhole, type Encryption } from './encryption/encryption.js';

/*
 * How a body lies in a store: packed where that pays, then encrypted if the store is. Its name is that of the bytes
 * that it stands for.
 */

export function toStored(encryption: Encryption, body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return encryption.encrypt(pack(body));
}

/**
 * `where` is named in errors. Throws `PROXYCTL_STORE_KEY` for what cannot be opened, `PROXYCTL_RECORDING_CORRUPT` for
 * what was altered.
 */
export function fromStored(
  encryption: Encryption,
  stored: AsyncIterable<Buffer>,
  where: string,
): AsyncIterable<Buffer> {
  return unpack(encryption.decrypt(stored, where), where);
}

/** The same for what is all in memory. */
export async function fromStoredWhole(encryption: Encryption, stored: Buffer, where: string): Promise<Buffer> {
  return unpackWhole(await decryptWhole(encryption, stored, where), where);
}
