import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { predicateSchema } from './model.js';

/** What is expected of the requests of a session. */
export const expectRequest = z
  .strictObject({
    predicate: predicateSchema.omit({ applicable_for_requests: true }).default({}),
    count: z
      .union([
        z.number().int().min(1),
        z
          .strictObject({ min: z.number().int().min(0).default(0), max: z.number().int().min(0).optional() })
          .refine(({ min, max }) => max === undefined || max >= min, '`max` is below `min`'),
      ])
      .default(1)
      .meta({
        description: 'At least so many; `{"max": 0}`: none. With a `max` it is known only when the time is over',
      }),
    within: millisecondsWithin({ max: 90_000 }).default(5000).meta({ description: 'How long it is waited for' }),
    since: z
      .number()
      .int()
      .min(0)
      .default(0)
      .meta({ description: 'Exchanges from this index on; those that were before the call count, too' }),
  })
  .meta({ id: 'Expectation' });
export type ExpectRequest = z.output<typeof expectRequest>;
/** As a client writes it. */
export type ExpectInput = z.input<typeof expectRequest>;

const seen = z.object({
  index: z.number().int(),
  method: z.string(),
  url: z.string(),
  status: z.number().int().optional(),
});

export const expectResult = z
  .object({
    met: z.boolean(),
    /** In words: `1 of at least 2 requests within 5000 ms`. */
    message: z.string(),
    matched: z.array(seen),
    nearest: z.array(seen.extend({ differences: z.array(z.string()) })).meta({
      description: 'Those that came closest, where fewer came than were expected',
    }),
    waitedMs: z.number(),
  })
  .meta({ id: 'ExpectResult' });
export type ExpectResult = z.output<typeof expectResult>;
