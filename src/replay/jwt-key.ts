import { createPrivateKey, createSecretKey } from 'node:crypto';
import { z } from 'zod';
import type { JwtKey } from './respond/rewrite/jwt-signing.js';

/** A key as plain data: PEM of a private key, or the text of a shared secret. */
export const jwtKeySetting = z.strictObject({
  kid: z.string().optional(),
  pem: z.string().optional(),
  secret: z.string().optional(),
});
export type JwtKeySetting = z.infer<typeof jwtKeySetting>;

/** Throws what node:crypto says of a PEM that holds no private key. */
export function jwtKeyOf({ kid, pem, secret = '' }: JwtKeySetting): JwtKey {
  const key = pem === undefined ? createSecretKey(Buffer.from(secret)) : createPrivateKey(pem);
  return kid === undefined ? { key } : { kid, key };
}
