import type { z } from 'zod';
import { quantityMeta } from '../../core/quantities.js';

/** How one option or argument of a declaration looks on the command line. */
export interface FlagShape {
  /** The key in the declaration: `testId`. */
  key: string;
  /** `--test-id`, or `--no-ui` for a boolean that is true unless it is given. */
  flag: string;
  /** `-f`, from `meta.short`. */
  short?: string;
  kind: 'boolean' | 'value' | 'list';
  required: boolean;
  description: string;
  /** What stands for the value in help: `duration`. From `meta.placeholder`, the schema's unit, or its kind. */
  placeholder: string;
  /** Shown in help; an empty list and `false` are not. */
  defaultText?: string;
  choices?: readonly string[];
  /** `ms`, `kB/s`, from `meta.unit`. */
  unit?: string;
  /** What the flag means without a value, from `meta.bare`. Only for lists. */
  bare?: string;
  /** `--port`: flags that it was before, from `meta.formerNames`. They work, warn, and are not shown. */
  formerFlags: readonly string[];
}

/** What `schema.meta()` may say for the command line; a quantity says `placeholder` and `unit` by itself. */
export interface FlagMeta extends Record<string, unknown> {
  description?: string;
  placeholder?: string;
  unit?: string;
  short?: string;
  bare?: string;
  formerNames?: readonly string[];
  /** How the default reads, where its value is not what a user would write. */
  defaultText?: string;
}

/** The shapes of all fields of a declaration's `args` or `options`, in their order. */
export function flagShapes(object: z.ZodObject): FlagShape[] {
  return Object.entries(object.shape).map(([key, schema]) => flagShape(key, schema as z.ZodType));
}

/** `testId`, `average_size` → `test-id`, `average-size`. */
function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-');
}

function flagShape(key: string, schema: z.ZodType): FlagShape {
  const { core, required, defaultValue, meta } = unwrap(schema);
  const type = core._zod.def.type;
  const kind = type === 'boolean' ? 'boolean' : type === 'array' ? 'list' : 'value';
  const choices = choicesOf(core);
  const negated = kind === 'boolean' && defaultValue === true;
  const defaultText = meta.defaultText ?? defaultTextOf(defaultValue, meta.unit);
  return {
    key,
    flag: `--${negated ? 'no-' : ''}${kebabCase(key)}`,
    kind,
    required,
    description: meta.description ?? '',
    formerFlags: (meta.formerNames ?? []).map((name) => `--${kebabCase(name)}`),
    placeholder: meta.placeholder ?? (choices === undefined ? kebabCase(key) : choices.join('|')),
    ...(meta.short === undefined ? {} : { short: meta.short }),
    ...(defaultText === undefined ? {} : { defaultText }),
    ...(choices === undefined ? {} : { choices }),
    ...(meta.unit === undefined ? {} : { unit: meta.unit }),
    ...(meta.bare === undefined ? {} : { bare: meta.bare }),
  };
}

interface Unwrapped {
  core: z.core.$ZodType;
  required: boolean;
  defaultValue: unknown;
  meta: FlagMeta;
}

/** The schema inside `optional`, `default` and pipes (their input side), with the outermost of each word about it. */
function unwrap(schema: z.ZodType): Unwrapped {
  let current: z.core.$ZodType = schema;
  let required = true;
  let defaultValue: unknown;
  let meta: FlagMeta = {};
  for (;;) {
    if ('meta' in current && typeof current.meta === 'function') {
      const type = current as z.ZodType;
      meta = { ...quantityMeta(type), ...type.meta(), ...meta };
    }
    const { def } = (current as z.core.$ZodTypes)._zod;
    if (def.type === 'optional' || def.type === 'nullable') required = false;
    else if (def.type === 'default' || def.type === 'prefault') {
      required = false;
      defaultValue ??= def.defaultValue;
    }
    if ('innerType' in def) current = def.innerType;
    else if (def.type === 'pipe') current = def.in;
    else return { core: current, required, defaultValue, meta };
  }
}

function choicesOf(schema: z.core.$ZodType): string[] | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'enum') return Object.values(def.entries).map(String);
  if (def.type === 'array') return choicesOf(def.element);
  return undefined;
}

function defaultTextOf(value: unknown, unit: string | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (value === 0) return '0';
  if (typeof value === 'number') return [value, unit].filter((part) => part !== undefined && part !== '').join(' ');
  return undefined;
}
