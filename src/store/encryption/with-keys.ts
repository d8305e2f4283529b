import { createHmac } from 'node:crypto';
import type { Encryption } from './encryption.js';
import { corruptError } from '../store-error.js';
import { encryptedPrefix } from '../store-place.js';
import { takeHead } from './pieces.js';
import { checkSealed, headBytes, keyIdOf, encrypt, encryptedSize, decrypt } from './encrypted-format.js';
import { otherKey, unencryptedContent } from './store-key-error.js';
import type { StoreKey } from './store-keys.js';

/**
 * Content encrypted before it leaves this machine, and named by an HMAC of its SHA-256: who can read the store can tell
 * neither what is in it nor whether a text that he knows is, and each body is there once all the same. The first key
 * writes, all of them read.
 */
export function encryptionWith(keys: readonly [StoreKey, ...StoreKey[]]): Encryption {
  const [writing, ...older] = keys;
  return {
    prefix: encryptedPrefix,
    names: (sha256) => [nameOf(sha256, writing), ...older.map((key) => nameOf(sha256, key))],
    sizeOf: encryptedSize,
    encrypt: (source) => encrypt(source, writing.content, writing.id),
    async *decrypt(source, where) {
      const { head, rest } = await takeHead(source, headBytes);
      checkSealed(head, where);
      const id = keyIdOf(head);
      const key = keys.find((each) => id !== undefined && each.id.equals(id));
      if (key === undefined) {
        await rest.return();
        if (id === undefined) throw unencryptedContent(where);
        throw otherKey(
          where,
          id,
          keys.map((each) => each.id),
        );
      }
      yield* decrypt(rest, head, key.content, () => altered(where));
    },
  };
}

function nameOf(sha256: string, { names }: StoreKey): string {
  return createHmac('sha256', names).update(Buffer.from(sha256, 'hex')).digest('hex');
}

function altered(where: string) {
  return corruptError(`${where} was altered or cut off since it was encrypted`, where);
}
