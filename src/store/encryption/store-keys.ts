import { hkdfSync } from 'node:crypto';
import { environment } from '../../config/environment.js';
import { keyIdBytes } from './encrypted-format.js';
import { malformedKey, missingKey } from './store-key-error.js';

/** A key of a store, and what is derived from it: nothing is encrypted with the key itself. */
export interface StoreKey {
  /** Says in encrypted content which key it was; tells nothing of the key. */
  id: Buffer;
  content: Buffer;
  names: Buffer;
}

const keyBytes = 32;

/**
 * The keys in `PROXYCTL_STORE_KEY`: 32 bytes each, in base64 or hex, with a comma between them; the first one writes,
 * all read. Throws `PROXYCTL_STORE_KEY` (which never shows what was set).
 */
export function keysFromEnvironment(place: string): [StoreKey, ...StoreKey[]] {
  const words = (environment.storeKey ?? '').split(',').map((word) => word.trim());
  const [first, ...more] = words.filter((word) => word !== '').map(keyOf);
  if (first === undefined) throw missingKey(place);
  return [first, ...more];
}

function keyOf(text: string): StoreKey {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : fromBase64(text);
  if (bytes?.length !== keyBytes) throw malformedKey();
  const derived = (what: string, length = keyBytes): Buffer =>
    Buffer.from(hkdfSync('sha256', bytes, '', `proxyctl store ${what}`, length));
  return { id: derived('key id', keyIdBytes), content: derived('content'), names: derived('names') };
}

/** Strictly: Node's own decoder drops what it does not know. */
function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
