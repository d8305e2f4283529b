import { z } from 'zod';
import type { CreateSessionRequest } from '../../api/schemas.js';
import {
  optionsOf,
  scopesOf,
  sessionOptions,
  type FlagValues,
  type SessionCommand,
  type SessionOption,
} from '../../protocol/session-options/index.js';
import type { FlagMeta } from './flag-shape.js';
import { text, wholeNumber } from './values.js';

type OptionKey = keyof typeof sessionOptions;

/** The flags of a command for the options of the sessions that it opens, by name. */
export function sessionFlags(command: SessionCommand): Record<string, z.ZodType> {
  return Object.fromEntries(
    flagsOf(command).map(({ key, flag, ...option }) => [flag.name ?? key, flagSchema(key, { flag, ...option })]),
  );
}

/** What those flags ask of a session. Throws `UsageError`, naming the flag. */
export async function requestFrom(command: SessionCommand, values: FlagValues): Promise<CreateSessionRequest> {
  const request: Record<string, unknown> = {};
  for (const { key, flag } of flagsOf(command)) {
    const value = values[flag.name ?? key];
    if (value !== undefined) request[key] = flag.read === undefined ? value : await flag.read(value, values);
  }
  return request;
}

/** What help says of the flag of an option, for a command that reads it in a way of its own. */
export function flagMeta(key: OptionKey): FlagMeta {
  return metaOf(sessionOptions[key]);
}

function flagsOf(command: SessionCommand): (SessionOption & Required<Pick<SessionOption, 'flag'>> & { key: string })[] {
  return optionsOf(scopesOf[command]).flatMap(({ flag, ...option }) =>
    flag === undefined || flag.commands?.includes(command) === false ? [] : [{ ...option, flag }],
  );
}

function metaOf({ schema, flag: { description = schema.description, ...flag } = {} }: SessionOption): FlagMeta {
  const { placeholder, defaultText, bare, formerNames } = flag;
  const meta = { description, placeholder, defaultText, bare, formerNames };
  return Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined));
}

/** The schema of a flag's text. A flag that is not given says nothing: the option's own default holds then. */
function flagSchema(key: string, option: SessionOption): z.ZodType {
  const { core, defaultValue } = unwrap(option.schema);
  const { def } = (core as unknown as z.core.$ZodTypes)._zod;
  const meta = metaOf(option);
  if (def.type === 'array') return z.array(text).default([]).meta(meta);
  const isOn = defaultValue === true;
  if (def.type === 'boolean') return z.boolean().default(isOn).meta(meta);
  const value = option.flag?.text ?? textOf(key, core);
  const isPlain = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const defaultText = meta.defaultText ?? (isPlain ? String(defaultValue) : undefined);
  return value.optional().meta({ ...meta, ...(defaultText === undefined ? {} : { defaultText }) });
}

function textOf(key: string, core: z.ZodType): z.ZodType {
  if (core instanceof z.ZodEnum) return core;
  if (core instanceof z.ZodString) return text;
  if (core instanceof z.ZodNumber) return wholeNumber(core.minValue ?? 0, core.maxValue ?? Number.MAX_SAFE_INTEGER);
  throw new Error(`The flag of the session option ${key} needs a schema of its text`);
}

/** A schema without what says that it may be left out, and the value that it has then. */
function unwrap(schema: z.ZodType): { core: z.ZodType; defaultValue: unknown } {
  let core = schema;
  let defaultValue: unknown;
  while (core instanceof z.ZodOptional || core instanceof z.ZodDefault) {
    if (core instanceof z.ZodDefault) defaultValue ??= core.def.defaultValue;
    core = core.unwrap() as z.ZodType;
  }
  return { core, defaultValue };
}
