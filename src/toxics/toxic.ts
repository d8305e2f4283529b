import { z } from 'zod';
import { share } from '../core/quantities.js';

/** `upstream`: client → server; `downstream`: server → client (Toxiproxy's words). `both` adds one of each. */
export const streamSchema = z.enum(['upstream', 'downstream', 'both']);

/**
 * Names that Toxiproxy's own API can address: it takes them from the path of a URL, where `/` or `..` would end
 * elsewhere.
 */
export const toxicName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'a name is 1 to 100 letters, digits, ".", "_" or "-", and begins with one of the first two',
  );

/** Hosts that a toxic is for: as `--intercept` has them. They become part of a name in Toxiproxy. */
export const toxicHost = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{1,255}$)(\[[0-9a-f:.]+\]|[a-z0-9*._-]+)(:(\d{1,5}|\*))?$/,
    'a host is a name or an address, with * for any text and an optional :port, like *.example.com or 10.0.0.1:8443',
  );

/** A toxic on a session, as the API shows it. */
export const toxicSchema = z
  .object({
    /** Ours fit `toxicName`; a foreign one may be called anything. */
    name: z.string(),
    /** Kebab-case for ours (`slow-close`); a foreign one keeps Toxiproxy's own word. */
    type: z.string(),
    /** Absent for one that has no direction (`down`). */
    stream: z.enum(['upstream', 'downstream']).optional(),
    /** The share of connections that it applies to, 0–1; drawn per connection and direction. */
    toxicity: share.default(1),
    attributes: z.record(z.string(), z.union([z.number(), z.string()])),
    /** Only connections to these hosts meet it; absent: all of the session's. */
    host: z.string().optional(),
    /** `modelled`: done by us in place of a network; `real`: the kernel. Absent for those of Toxiproxy. */
    kind: z.enum(['modelled', 'real']).optional(),
    /** What one of ours has done so far, in words of its own: `{ reset: 2 }`. Shown, and never taken. */
    state: z.record(z.string(), z.unknown()).optional(),
    /** ISO 8601: when it begins to act, while it waits for that. */
    startsAt: z.string().optional(),
    /** ISO 8601: when it goes by itself. */
    endsAt: z.string().optional(),
    /** True when it was added through Toxiproxy's own API. */
    foreign: z.boolean().default(false),
  })
  .meta({ id: 'Toxic' });
export type Toxic = z.infer<typeof toxicSchema>;

/**
 * What a toxic is called unless it is given a name: `latency_downstream`, `latency_downstream_any.example.com`, `down`.
 */
export function defaultToxicName(type: string, stream: Toxic['stream'], host: string | undefined): string {
  const place = host?.replaceAll('*', 'any').replace(/[^a-z0-9._-]+/g, '-');
  return [type, ...(stream === undefined ? [] : [stream]), ...(place === undefined ? [] : [place])]
    .join('_')
    .slice(0, 100);
}
