import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { LRUCache } from 'lru-cache';

const generate = promisify(generateKeyPair);

/**
 * Private keys made here in place of those of recorded backends, by the recorded public ones. Replays of one process
 * share them: a client that keeps a key set from one test to the next has the keys of both.
 */
const made = new LRUCache<string, Promise<KeyObject>>({ max: 500 });

/** A private key of the same kind and size as a public one; the same whenever it is asked for. */
export function keyInPlaceOf(recorded: KeyObject): Promise<KeyObject> {
  const name = JSON.stringify(recorded.export({ format: 'jwk' }));
  const known = made.get(name) ?? newKeyLike(recorded);
  made.set(name, known);
  return known;
}

async function newKeyLike({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Promise<KeyObject> {
  switch (asymmetricKeyType) {
    case 'ec':
      return (await generate('ec', { namedCurve: asymmetricKeyDetails?.namedCurve ?? 'prime256v1' })).privateKey;
    case 'ed25519':
      return (await generate('ed25519')).privateKey;
    case 'ed448':
      return (await generate('ed448')).privateKey;
    default:
      return (await generate('rsa', { modulusLength: asymmetricKeyDetails?.modulusLength ?? 2048 })).privateKey;
  }
}
