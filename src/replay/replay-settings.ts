import { createPrivateKey, createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { missRule } from './explain/miss-policy.js';
import { maxRules, replayRule } from './rules/replay-rule.js';
import type { JwtKey } from './respond/rewrite/jwt-signing.js';

/** A key as plain data: PEM of a private key, or the text of a shared secret. */
export const jwtKeySetting = z.strictObject({
  kid: z.string().optional(),
  pem: z.string().optional(),
  secret: z.string().optional(),
});
export type JwtKeySetting = z.infer<typeof jwtKeySetting>;

/** How a replay session answers, as plain data: a part of its spec. */
export const replaySettings = z.object({
  /** What a request that no recorded exchange answers gets. */
  missStatus: z.number().int().min(400).max(599).default(502),
  /** What becomes of requests that are not in the recording, by host. */
  onMiss: z.array(missRule).default([]),
  timing: z.enum(['fast', 'recorded']).default('fast'),
  /** What answers an equal request once all recorded ones are used. */
  exhausted: z.enum(['repeat', 'error', 'cycle']).default('repeat'),
  /** How recorded dates are told. */
  dates: z.enum(['shift', 'shift-days', 'freeze', 'off']).default('shift'),
  /** Times this many days around the recording (and around now) are taken for ones that move. */
  dateWindowDays: z.number().min(0).max(100_000).default(400),
  /** Of the project, besides those of the recording. */
  rules: z.array(replayRule).max(maxRules).default([]),
  /** Keys that JSON Web Tokens with new times are signed with. */
  jwtKeys: z.array(jwtKeySetting).default([]),
});
export type ReplaySettings = z.infer<typeof replaySettings>;

/** Throws what node:crypto says of a PEM that holds no private key. */
export function jwtKeyOf({ kid, pem, secret = '' }: JwtKeySetting): JwtKey {
  const key = pem === undefined ? createSecretKey(Buffer.from(secret)) : createPrivateKey(pem);
  return kid === undefined ? { key } : { kid, key };
}
