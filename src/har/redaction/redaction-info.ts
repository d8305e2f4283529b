import { checkPattern } from '../../core/user-pattern.js';
import { z } from 'zod';

/** What a project adds to the default rules, or takes from them (`redact:` in the config file). */
export const redactionOptions = z.strictObject({
  /** Headers and cookies whose values are secrets, besides the default ones. Case does not count. */
  headers: z.array(z.string()).default([]),
  /** Query and form parameters and JSON members. `api_key`, `apiKey` and `api-key` are one name. */
  fields: z.array(z.string()).default([]),
  /** Regular expressions: what they match (or their first group) is a secret wherever it stands. */
  patterns: z.array(z.string().superRefine(checkPattern)).default([]),
  /** Names (headers, cookies, fields) that are no secrets, whatever the default rules say. */
  keep: z.array(z.string()).default([]),
});
export type RedactionOptions = z.output<typeof redactionOptions>;

const infoMembers = redactionOptions.extend({
  /** Of earlier versions some may be none for us: what they found stays replaced, and is not looked for any more. */
  patterns: z.array(z.string()).default([]),
  /** Hex. Placeholders of recordings with different salts have nothing in common. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  /** Placeholders of fewer than 8 letters and digits, by which they are known again. */
  short: z.array(z.string()).optional(),
});

/** The rules by exact names (`formatVersion` 1): recordings that were made by them are replayed by them. */
const redactionByName = infoMembers.extend({ formatVersion: z.literal(1) });
export type RedactionByName = z.output<typeof redactionByName>;

/** The rules by the meaning of names (`formatVersion` 2), which new recordings are made by. */
const redactionByMeaning = infoMembers.extend({
  formatVersion: z.literal(2),
  /** Placeholders that stand where no rule names the place: a live value is theirs before a rule has found it. */
  elsewhere: z.array(z.string()).optional(),
  /** The rules that were applied before these, to a recording that was redacted twice. */
  after: redactionByName.optional(),
});
export type RedactionByMeaning = z.output<typeof redactionByMeaning>;

/** How a recording was redacted, as it says itself: the same is done to requests that are matched with it. */
export const redactionInfo = z.discriminatedUnion('formatVersion', [redactionByName, redactionByMeaning]);
export type RedactionInfo = z.output<typeof redactionInfo>;
