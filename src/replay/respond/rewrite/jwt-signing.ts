import { constants, createHmac, sign, verify, type KeyObject } from 'node:crypto';

/** A key that tokens are signed with again; `kid` limits it to tokens that name it. */
export interface JwtKey {
  kid?: string;
  key: KeyObject;
}

const curves: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
  ES256K: 'secp256k1',
};

/** Whether a key, shared or one of a pair, is of the kind that an algorithm of RFC 7518 §3.1 or RFC 8037 needs. */
export function fitsAlgorithm(
  algorithm: string,
  { type, asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
): boolean {
  if (/^HS(?:256|384|512)$/.test(algorithm)) return type === 'secret';
  if (/^[RP]S(?:256|384|512)$/.test(algorithm)) return asymmetricKeyType === 'rsa';
  if (Object.hasOwn(curves, algorithm)) return asymmetricKeyDetails?.namedCurve === curves[algorithm];
  const isEdwards = asymmetricKeyType === 'ed25519' || asymmetricKeyType === 'ed448';
  return isEdwards && (algorithm === 'EdDSA' || algorithm.toLowerCase() === asymmetricKeyType);
}

/** The signature over `signed` (`header.payload`), in base64url. `key`: a shared one, or a private one that fits. */
export function signatureOf(signed: string, algorithm: string, key: KeyObject): string {
  const data = Buffer.from(signed);
  const hash = hashOf(algorithm);
  const signature =
    hash !== null && key.type === 'secret'
      ? createHmac(hash, key).update(data).digest()
      : sign(hash, data, { key, ...paddingOf(algorithm) });
  return signature.toString('base64url');
}

/** Whether a signature is one of this key, shared or public. */
export function isSignedBy(signed: string, signature: string, algorithm: string, key: KeyObject): boolean {
  if (key.type === 'secret') return signatureOf(signed, algorithm, key) === signature;
  const bytes = Buffer.from(signature, 'base64url');
  return verify(hashOf(algorithm), Buffer.from(signed), { key, ...paddingOf(algorithm) }, bytes);
}

function hashOf(algorithm: string): string | null {
  const bits = /(?:256|384|512)/.exec(algorithm)?.[0];
  return bits === undefined || /^ed/i.test(algorithm) ? null : `sha${bits}`;
}

/** A salt as long as the hash (RFC 7518 §3.5), and the two numbers of ECDSA one after the other (§3.4). */
function paddingOf(algorithm: string): object {
  if (algorithm.startsWith('PS'))
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return algorithm.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : {};
}
