import { createHmac, sign, type KeyObject } from 'node:crypto';
import { parseJsonText } from '../../request/text/json-text.js';

/** A key that tokens are signed with again; `kid` limits it to tokens that name it. */
export interface JwtKey {
  kid?: string;
  key: KeyObject;
}

/**
 * The signature over `signed` (`header.payload`) in the header's algorithm (RFC 7518 §3.1); undefined without a fitting
 * key.
 */
export function signJwt(signed: string, headerText: string, keys: readonly JwtKey[]): string | undefined {
  if (keys.length === 0) return undefined;
  const header = parseJsonText(headerText);
  if (header?.type !== 'object') return undefined;
  const member = (name: string): string | undefined => {
    const found = header.members.find(({ key }) => key === name)?.value;
    return found?.type === 'string' ? found.value : undefined;
  };
  const [algorithm = '', kid] = [member('alg'), member('kid')];
  const fitting = keys.find(({ kid: own, key }) => (own === undefined || own === kid) && fits(algorithm, key));
  return fitting && signatureOf(signed, algorithm, fitting.key).toString('base64url');
}

function fits(algorithm: string, key: KeyObject): boolean {
  if (algorithm.startsWith('HS')) return key.type === 'secret';
  if (key.type !== 'private') return false;
  if (algorithm.startsWith('RS') || algorithm.startsWith('PS')) return key.asymmetricKeyType === 'rsa';
  if (algorithm.startsWith('ES')) return key.asymmetricKeyType === 'ec';
  return algorithm === 'EdDSA' && (key.asymmetricKeyType?.startsWith('ed') ?? false);
}

function signatureOf(signed: string, algorithm: string, key: KeyObject): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(signed);
  if (algorithm.startsWith('HS')) return createHmac(hash, key).update(data).digest();
  if (algorithm === 'EdDSA') return sign(null, data, key);
  if (algorithm.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  // RSA_PKCS1_PSS_PADDING with a salt as long as the hash (RFC 7518 §3.5)
  return algorithm.startsWith('PS') ? sign(hash, data, { key, padding: 6, saltLength: -1 }) : sign(hash, data, key);
}
