import { z } from 'zod';
import { ProxyctlError } from '../errors/index.js';
import { parseByteRate, parseBytes, parseDuration, parseProbability } from './units.js';

/*
 * Schemas for quantities. Each takes a number in the unit that its name says, or text with a unit (`"300ms"`), so that the
 * command line and the API share one declaration. `meta.unit` and `meta.placeholder` serve help and reference pages.
 */

function quantity(parse: (text: string) => number, check: z.ZodNumber, meta: { unit: string; placeholder: string }) {
  return z
    .union([
      z.number(),
      z.string().transform((text, context) => {
        try {
          return parse(text);
        } catch (error) {
          const message =
            error instanceof ProxyctlError ? [error.message, error.hint].filter(Boolean).join('. ') : String(error);
          context.addIssue({ code: 'custom', message });
          return z.NEVER;
        }
      }),
    ])
    .pipe(check)
    .meta(meta);
}

const hour = 3_600_000;

/** Milliseconds, or text like `300ms`, `2s`. At most a day. */
export const milliseconds = quantity(
  parseDuration,
  z
    .number()
    .min(0)
    .max(24 * hour),
  { unit: 'ms', placeholder: 'duration' },
);
/** Microseconds, or text like `50us`, `2ms`. */
export const microseconds = quantity(
  (text) => parseDuration(text) * 1000,
  z
    .number()
    .min(0)
    .max(24 * hour * 1000),
  {
    unit: 'µs',
    placeholder: 'duration',
  },
);
/** Kilobytes per second as in Toxiproxy, or text like `200kb`, `1.6mbit`. */
export const kilobytesPerSecond = quantity((text) => parseByteRate(text) / 1000, z.number().min(0).max(10_000_000), {
  unit: 'kB/s',
  placeholder: 'rate',
});
/** Bytes, or text like `64kb`. */
export const bytes = quantity((text) => parseBytes(text), z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), {
  unit: 'bytes',
  placeholder: 'size',
});
/** A share between 0 and 1, or text like `5%`. */
export const share = quantity(parseProbability, z.number().min(0).max(1), { unit: '0–1', placeholder: 'share' });
