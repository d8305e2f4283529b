import { z } from 'zod';
import { millisecondsWithin } from '../../core/quantities.js';
import type { Stream } from '../../toxics/index.js';

/*
 * Schemas of values that several commands take from the command line, where each is text. `meta` feeds help and
 * completion.
 */

/** A whole number in a range, written in decimal digits. */
export function wholeNumber(min: number, max: number, placeholder = 'number') {
  return z
    .string()
    .transform((text, context) => {
      const value = /^\d+$/.test(text) ? Number(text) : NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: `"${text}" is not a whole number from ${min} to ${max}` });
      return z.NEVER;
    })
    .meta({ placeholder });
}

/** A date, or a date and time in ISO 8601, as milliseconds since 1970; without a zone it is UTC. */
export const moment = z
  .string()
  .transform((text, context) => {
    const withZone = /T.*(?:Z|[+-]\d{2}:\d{2})$|^[\d-]{10}$/.test(text) ? text : `${text}Z`;
    const ms = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(withZone) : NaN;
    if (!Number.isNaN(ms)) return ms;
    context.addIssue({ code: 'custom', message: `"${text}" is no date like 2027-01-15 or 2027-01-15T09:00:00Z` });
    return z.NEVER;
  })
  .meta({ placeholder: 'date' });

/** A TCP port; 0 means any free one. */
export const port = wholeNumber(0, 65_535, 'port');

export const text = z.string().min(1);

const streams = {
  up: 'upstream',
  down: 'downstream',
  upstream: 'upstream',
  downstream: 'downstream',
  both: 'both',
} as const;

/** `up`, `down`, `both`, or Toxiproxy's own words. */
export const stream = z
  .enum(['up', 'down', 'both', 'upstream', 'downstream'])
  .transform((name): Stream | 'both' => streams[name])
  .meta({ placeholder: 'up|down|both' });

/** Flags of what may have its time. */
export const times = {
  after: millisecondsWithin({ min: 1 }).optional().meta({ description: 'Begin only after this time' }),
  for: millisecondsWithin({ min: 1 }).optional().meta({ description: 'Go by itself after this time' }),
};

/** An age in days, hours or minutes as milliseconds: `30d`, `12h`, `90m`. */
export const days = z
  .string()
  .transform((text, context) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(d|h|m|s)$/.exec(text) ?? [];
    if (number !== '')
      return Number(number) * { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }[unit as 'd' | 'h' | 'm' | 's'];
    context.addIssue({ code: 'custom', message: `"${text}" is not an age. Write it like 30d, 12h or 90m.` });
    return z.NEVER;
  })
  .meta({ placeholder: 'age' });

/** A session that the command acts on. */
export const session = text.optional().meta({
  description: 'Session to act on',
  defaultText: 'PROXYCTL_SESSION, else the only one, else “default”',
  placeholder: 'id',
});
