import { ProxyctlError } from '../../errors/index.js';

const variable = 'PROXYCTL_STORE_KEY';
const stackToo = 'A stack that runs already needs it in its own environment: proxyctl down, then up.';

function keyError(message: string, hint: string, data: Record<string, unknown> = {}): ProxyctlError {
  return new ProxyctlError('PROXYCTL_STORE_KEY', message, { hint, data });
}

export function missingKey(place: string): ProxyctlError {
  return keyError(
    `The store ${place} is encrypted, and ${variable} is not set`,
    `Set ${variable} to the store’s key; for a new store make one with: openssl rand -base64 32. ${stackToo}`,
    { store: place },
  );
}

export function malformedKey(): ProxyctlError {
  return keyError(
    `${variable} does not hold a key: that is 32 bytes in base64 or hex`,
    `Make one with: openssl rand -base64 32. Several have a comma between them. ${stackToo}`,
  );
}

export function otherKey(where: string, wanted: Buffer, held: readonly Buffer[]): ProxyctlError {
  const ids = held.map((id) => id.toString('hex')).join(', ');
  return keyError(
    `${where} was encrypted with another key than ${variable} holds (its id is ${wanted.toString('hex')}, not ${ids})`,
    `Set ${variable} to the key that it was written with; the old key can stand behind a new one: NEW,OLD. ${stackToo}`,
    { where, keyId: wanted.toString('hex') },
  );
}

/** Found by a store that was opened without `encrypted:`. */
export function encryptedContent(where: string): ProxyctlError {
  return keyError(
    `${where} is encrypted`,
    `Put encrypted: before the store, like --store encrypted:s3://bucket/prefix, and its key into ${variable}.`,
    { where },
  );
}

/** Found by one that was opened with it. */
export function unencryptedContent(where: string): ProxyctlError {
  return keyError(
    `${where} is not encrypted, and the store was opened as one that is`,
    'Name the store without encrypted: to read it. Keep recordings in the clear and encrypted ones in two stores.',
    { where },
  );
}
