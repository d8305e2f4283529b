import { z } from 'zod';
import { millisecondsWithin, wholeNumberWithin } from '../../core/quantities.js';
import { parseDuration } from '../../core/units.js';
import { ProxyctlError } from '../../errors/index.js';
import { linkSettings } from '../link.js';

/** A length of time, or a range that each round draws one from: `5s`, `5s..15s`, milliseconds. */
const lasting = z.union([z.number(), z.string()]).transform((input, context): [number, number] => {
  try {
    const ends = typeof input === 'number' ? [input] : input.split('..').map(parseDuration);
    const [least = NaN, most = least] = ends;
    if (ends.length <= 2 && least > 0 && most >= least && most <= longestMs) return [least, most];
    context.addIssue({
      code: 'custom',
      message: `"${input}" is no length of time: more than 0 and at most 24h, or a range like 5s..15s`,
    });
  } catch (error) {
    if (!(error instanceof ProxyctlError)) throw error;
    context.addIssue({ code: 'custom', message: [error.message, error.hint].filter(Boolean).join('. ') });
  }
  return z.NEVER;
});

const longestMs = 86_400_000;
const duration = millisecondsWithin({});

/** One step as it is written: what the network is like from a time on. */
export const timelineStep = z
  .strictObject({
    at: duration.optional().meta({ description: 'When it begins, counted from the start of the round' }),
    for: lasting
      .optional()
      .meta({ description: 'How long it lasts; then the next one begins, or the one before returns' }),
    link: z
      .union([z.string(), linkSettings.extend({ profile: z.string().optional() })])
      .optional()
      .meta({ description: 'A name from `link ls`, values, or `off`' }),
    down: z
      .union([z.literal(true), lasting])
      .optional()
      .meta({
        description: 'Nothing gets through, for so long or until the next step: packets are lost, connections stay',
      }),
    ramp: duration.optional().meta({ description: 'Reach its values little by little over this time' }),
  })
  .refine(({ link, down }) => (link === undefined) !== (down === undefined), {
    message: 'a step says either link or down',
  })
  .refine(({ for: lasts, down }) => lasts === undefined || down === undefined || down === true, {
    message: 'down says already how long it lasts',
  });

/** A timeline as it is written, in a file or inline. */
export const timelineRequest = z
  .strictObject({
    name: z.string().optional(),
    seed: wholeNumberWithin({ max: 0xffff_ffff }).optional(),
    loop: z
      .union([z.boolean(), wholeNumberWithin({ min: 1, max: 1_000_000 })])
      .default(false)
      .meta({ description: 'true: again and again; a number: so many rounds' }),
    steps: z.array(timelineStep).min(1).max(10_000),
  })
  .meta({ id: 'Timeline' });
export type TimelineRequest = z.input<typeof timelineRequest>;

/** How far a session's timeline is, as the API shows it. */
export const timelineView = z
  .object({
    name: z.string().optional(),
    seed: z.number(),
    /** ISO 8601. */
    startedAt: z.string(),
    /** Counted from 1. */
    round: z.number().int(),
    /** Absent: without end. */
    rounds: z.number().int().optional(),
    /** Of the steps of this round, the one that holds, counted from 1; 0 before the first. */
    step: z.number().int(),
    steps: z.number().int(),
    /** ISO 8601: when the next one begins or the last one ends; absent when nothing more will change. */
    nextAt: z.string().optional(),
  })
  .meta({ id: 'TimelineState' });
export type TimelineView = z.infer<typeof timelineView>;
