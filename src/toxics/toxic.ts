import { z } from 'zod';
import { share } from '../core/quantities.js';

/** `upstream`: client → server; `downstream`: server → client (Toxiproxy's words). `both` adds one of each. */
export const streamSchema = z.enum(['upstream', 'downstream', 'both']);

/** Names that Toxiproxy's own API can address: it takes them from the path of a URL, where `/` or `..` would end elsewhere. */
export const toxicName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'a name is 1 to 100 letters, digits, ".", "_" or "-", and begins with one of the first two',
  );

/** A toxic on a session, as the API shows it. */
export const toxicSchema = z.object({
  /** Ours fit `toxicName`; a foreign one may be called anything. */
  name: z.string(),
  /** Kebab-case for ours (`slow-close`); a foreign one keeps Toxiproxy's own word. */
  type: z.string(),
  stream: z.enum(['upstream', 'downstream']),
  /** The share of connections that it applies to, 0–1; drawn per connection and direction. */
  toxicity: share.default(1),
  attributes: z.record(z.string(), z.union([z.number(), z.string()])),
  /** `modelled`: a stage of our own. Absent for those of Toxiproxy. */
  kind: z.literal('modelled').optional(),
  /** ISO 8601: when it begins to act, while it waits for that. */
  startsAt: z.string().optional(),
  /** ISO 8601: when it goes by itself. */
  endsAt: z.string().optional(),
  /** True when it was added through Toxiproxy's own API. */
  foreign: z.boolean().default(false),
});
export type Toxic = z.infer<typeof toxicSchema>;
