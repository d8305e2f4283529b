import { z } from 'zod';

/** A miss as it is reported: what was asked, what came nearest, and what differs. */
export const missReport = z
  .object({
    /** The exchange's index in its session. */
    index: z.number().int(),
    method: z.string(),
    url: z.string(),
    /** In words: `no recorded request to this path`, `query differs: page`. */
    reason: z.string(),
    /** The recorded request that comes nearest: its place in the recording, and all that differs. */
    nearest: z
      .object({
        index: z.number().int(),
        method: z.string(),
        url: z.string(),
        differences: z.array(
          z.object({ where: z.string(), recorded: z.string().optional(), incoming: z.string().optional() }),
        ),
      })
      .optional(),
  })
  .meta({ id: 'Miss' });
export type MissReport = z.infer<typeof missReport>;
