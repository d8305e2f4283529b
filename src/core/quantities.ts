import { z } from 'zod';
import { ProxyctlError, UsageError } from '../errors/index.js';
import { parseByteRate, parseBytes, parseDuration, parseProbability } from './units.js';

/*
 * Schemas for quantities. Each takes a number in the unit that its name says (from JSON), or text with a unit
 * (`"300ms"`, from the command line as from JSON), so that command line and API share one declaration. What is refused
 * is named with the value and what would do instead. `quantityMeta()` serves help, forms and reference pages.
 */

export interface QuantityMeta {
  /** Of a plain number: `ms`. Empty for a share. */
  unit: string;
  /** What help calls the value: `duration`. */
  placeholder: string;
  min: number;
  max: number;
  whole: boolean;
}

interface QuantityLimits {
  min?: number;
  max?: number;
  /** Only whole numbers of the unit; others are refused with the two nearest. */
  whole?: boolean;
}

interface QuantityKind {
  unit: string;
  placeholder: string;
  /** Text with a unit → number in `unit`. Throws `UsageError`. */
  parse: (text: string) => number;
  /** A number in `unit` as one would write it. */
  write: (value: number) => string;
  max: number;
}

function quantity(kind: QuantityKind, { min = 0, max = kind.max, whole = false }: QuantityLimits = {}) {
  const meta: QuantityMeta = { unit: kind.unit, placeholder: kind.placeholder, min, max, whole };
  return z
    .union([z.number(), z.string()])
    .transform((input, context) => {
      try {
        const value = typeof input === 'number' ? input : kind.parse(input);
        const given = typeof input === 'number' ? `${input} ${kind.unit}`.trimEnd() : `"${input}"`;
        const fault = faultOf(value, given, kind, meta);
        if (fault === undefined) return value;
        context.addIssue({ code: 'custom', message: fault });
      } catch (error) {
        if (!(error instanceof ProxyctlError)) throw error;
        context.addIssue({
          code: 'custom',
          message: [error.message, error.hint?.replace(/\.$/, '')].filter(Boolean).join('. '),
        });
      }
      return z.NEVER;
    })
    .pipe(z.number())
    .register(metas, meta);
}

/** A registry of its own: what is in zod's global one appears in the OpenAPI document. */
const metas = z.registry<QuantityMeta>();

/** What a schema of this module takes, also after `.describe()`. `undefined` for any other schema. */
export function quantityMeta(schema: z.ZodType): QuantityMeta | undefined {
  return metas.get(schema);
}

function faultOf(value: number, given: string, { write }: QuantityKind, meta: QuantityMeta): string | undefined {
  const { min, max, whole } = meta;
  if (value < min || value > max) return `${given} is out of range: from ${write(min)} to ${write(max)}`;
  if (!whole || Number.isInteger(value)) return undefined;
  const nearest = [Math.floor(value), Math.ceil(value)].filter((near) => near >= min).map(write);
  const of = meta.unit === '' ? '' : ` of ${meta.unit}`;
  return `${given} is not a whole number${of}. Write ${nearest.join(' or ')}`;
}

const dayMs = 86_400_000;

/** Milliseconds, or text like `300ms`, `2s`. At most a day unless told otherwise. */
export const millisecondsWithin = (limits: QuantityLimits) =>
  quantity(
    { unit: 'ms', placeholder: 'duration', parse: parseDuration, write: (value) => `${value}ms`, max: dayMs },
    limits,
  );
export const milliseconds = millisecondsWithin({});

/** Microseconds, or text like `50us`, `2ms`. */
export const microsecondsWithin = (limits: QuantityLimits) =>
  quantity(
    {
      unit: 'µs',
      placeholder: 'duration',
      parse: (text) => Number((parseDuration(text) * 1000).toPrecision(12)),
      write: (value) => `${value}us`,
      max: dayMs * 1000,
    },
    limits,
  );
export const microseconds = microsecondsWithin({});

/** Kilobytes (1000 bytes) per second as in Toxiproxy, or text like `200kb`, `1.6mbit`. */
export const kilobytesPerSecondWithin = (limits: QuantityLimits) =>
  quantity(
    {
      unit: 'kB/s',
      placeholder: 'rate',
      parse: (text) => Number((parseByteRate(text) / 1000).toPrecision(12)),
      write: (value) => `${value}kb`,
      max: 10_000_000,
    },
    limits,
  );
export const kilobytesPerSecond = kilobytesPerSecondWithin({});

/** Bytes, or text like `64kb`. Always whole. */
export const bytesWithin = (limits: QuantityLimits) =>
  quantity(
    {
      unit: 'bytes',
      placeholder: 'size',
      parse: (text) => parseBytes(text),
      write: (value) => `${value}b`,
      max: Number.MAX_SAFE_INTEGER,
    },
    { whole: true, ...limits },
  );
export const bytes = bytesWithin({});

/** A share between 0 and 1, or text like `5%`. */
export const share = quantity({
  unit: '',
  placeholder: 'share',
  parse: parseProbability,
  write: String,
  max: 1,
});

/** A whole number without a unit. */
export const wholeNumberWithin = (limits: QuantityLimits) =>
  quantity(
    { unit: '', placeholder: 'number', parse: parseNumber, write: String, max: Number.MAX_SAFE_INTEGER },
    { whole: true, ...limits },
  );

function parseNumber(text: string): number {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is not a number`, { hint: 'Write digits only, like 42.' });
}
