import { z } from 'zod';
import { closest } from '../core/closest.js';
import { quantityMeta, type QuantityMeta } from '../core/quantities.js';
import { describeIssues, UsageError } from '../errors/index.js';
import type { AttributeValue, ToxicDefinition } from './index.js';

/** One attribute of a toxic, for help, forms and reference pages. */
export interface AttributeInfo extends Partial<QuantityMeta> {
  /** Toxiproxy's name: `size_variation`. */
  name: string;
  description: string;
  /** What help calls the value: `duration`, `cubic|reno|none`. */
  placeholder: string;
  /** Absent: the attribute must be given, unless it is optional. */
  default?: AttributeValue;
  optional?: true;
  /** What leaving an optional one out means. */
  defaultText?: string;
}

/** What a toxic's attributes are, in the order of their declaration. */
export function describeAttributes(definition: ToxicDefinition): AttributeInfo[] {
  const shape = definition.attributes.shape as Record<string, z.ZodType>;
  return Object.entries(shape).map(([name, schema]) => {
    const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const core = inner as z.ZodType;
    const meta = quantityMeta(core);
    const { description = core.description, defaultText } = (schema.meta() ?? {}) as FieldMeta;
    const placeholder = meta?.placeholder ?? (core.meta() as FieldMeta | undefined)?.placeholder ?? choicesOf(core);
    if (placeholder === undefined || description === undefined) {
      throw new Error(`Attribute ${name} of toxic ${definition.type} is not described, or is of no known kind`);
    }
    return {
      name,
      description,
      placeholder,
      ...meta,
      ...(schema instanceof z.ZodDefault ? { default: schema.def.defaultValue as AttributeValue } : {}),
      ...(schema instanceof z.ZodOptional ? { optional: true as const } : {}),
      ...(defaultText === undefined ? {} : { defaultText }),
    };
  });
}

interface FieldMeta {
  description?: string;
  placeholder?: string;
  defaultText?: string;
}

function choicesOf(schema: z.ZodType): string | undefined {
  return schema instanceof z.ZodEnum ? schema.options.join('|') : undefined;
}

/**
 * Checks attributes as they come from the command line or the API: text with units or plain numbers in the attribute's
 * own unit. Returns numbers in that unit, with defaults filled in. Throws `UsageError` that names each attribute at
 * fault, its value, and what would do.
 */
export function parseToxicAttributes(
  definition: ToxicDefinition,
  input: Record<string, unknown>,
): Record<string, AttributeValue> {
  const result = definition.attributes.safeParse(input);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => faultOf(definition, input, issue));
    throw new UsageError(`Toxic ${definition.type}: ${faults.join('; ')}`, {
      hint: `For example: proxyctl ${definition.examples[0] ?? `toxic ${definition.type}`}`,
      data: { type: definition.type, attributes: input },
    });
  }
  const fault = definition.check?.(result.data);
  if (fault !== undefined) throw fault;
  const attributes = definition.complete?.(result.data) ?? result.data;
  // What was left out is absent, not undefined.
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Record<
    string,
    AttributeValue
  >;
}

function faultOf(definition: ToxicDefinition, input: Record<string, unknown>, issue: z.core.$ZodIssue): string {
  const attributes = describeAttributes(definition);
  if (issue.code === 'unrecognized_keys') return unknownAttributes(issue.keys, attributes);
  const attribute = attributes.find(({ name }) => name === issue.path[0]);
  if (attribute === undefined) return describeIssues(new z.core.$ZodError([issue]));
  const { name, placeholder, unit } = attribute;
  if (input[name] === undefined) return `${name} is missing (a ${placeholder}, ${unit ?? ''})`;
  if (issue.code === 'custom') return `${name}: ${issue.message}`;
  const given = `${name} is ${JSON.stringify(input[name])}`;
  if (issue.code === 'invalid_value') return `${given}; it must be one of ${placeholder.replaceAll('|', ', ')}`;
  if (unit === undefined || unit === '') return `${given}; it must be a ${placeholder}`;
  return `${given}; it must be a number of ${unit}, or text with a unit`;
}

function unknownAttributes(keys: string[], attributes: AttributeInfo[]): string {
  const names = attributes.map(({ name }) => name);
  return keys
    .map((key) => {
      const meant = closest(key, names);
      const rest = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
      return `there is no attribute "${key}"${meant === undefined ? '' : ` (did you mean ${meant}?)`}; ${rest}`;
    })
    .join('; ');
}
