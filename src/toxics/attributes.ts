import { z } from 'zod';
import { closest } from '../core/closest.js';
import { quantityMeta, type QuantityMeta } from '../core/quantities.js';
import { describeIssues, UsageError } from '../errors/index.js';
import type { ToxicDefinition } from './index.js';

/** One attribute of a toxic, for help, forms and reference pages. */
export interface AttributeInfo extends QuantityMeta {
  /** Toxiproxy's name: `size_variation`. */
  name: string;
  description: string;
  /** Absent: the attribute must be given. */
  default?: number;
}

/** What a toxic's attributes are, in the order of their declaration. */
export function describeAttributes(definition: ToxicDefinition): AttributeInfo[] {
  const shape = definition.attributes.shape as Record<string, z.ZodType>;
  return Object.entries(shape).map(([name, schema]) => {
    const inner = schema instanceof z.ZodDefault ? (schema.def.innerType as z.ZodType) : schema;
    const meta = quantityMeta(inner);
    const description = schema.description ?? inner.description;
    if (meta === undefined || description === undefined) {
      throw new Error(`Attribute ${name} of toxic ${definition.type} is not a described quantity`);
    }
    const given = schema instanceof z.ZodDefault ? { default: Number(schema.def.defaultValue) } : {};
    return { name, description, ...meta, ...given };
  });
}

/**
 * Checks attributes as they come from the command line or the API: text with units or plain numbers in the attribute's own unit.
 * Returns numbers in that unit, with defaults filled in. Throws `UsageError` that names each attribute at fault, its value, and
 * what would do.
 */
export function parseToxicAttributes(
  definition: ToxicDefinition,
  input: Record<string, unknown>,
): Record<string, number> {
  const result = definition.attributes.safeParse(input);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => faultOf(definition, input, issue));
    throw new UsageError(`Toxic ${definition.type}: ${faults.join('; ')}`, {
      hint: `For example: proxyctl ${definition.examples[0] ?? `toxic ${definition.type}`}`,
      data: { type: definition.type, attributes: input },
    });
  }
  const attributes = result.data as Record<string, number>;
  const fault = definition.check?.(attributes);
  if (fault !== undefined) throw fault;
  return attributes;
}

function faultOf(definition: ToxicDefinition, input: Record<string, unknown>, issue: z.core.$ZodIssue): string {
  const attributes = describeAttributes(definition);
  if (issue.code === 'unrecognized_keys') return unknownAttributes(issue.keys, attributes);
  const attribute = attributes.find(({ name }) => name === issue.path[0]);
  if (attribute === undefined) return describeIssues(new z.core.$ZodError([issue]));
  const { name, placeholder, unit } = attribute;
  if (input[name] === undefined) return `${name} is missing (a ${placeholder}, ${unit})`;
  if (issue.code === 'custom') return `${name}: ${issue.message}`;
  return `${name} is ${JSON.stringify(input[name])}; it must be a number of ${unit}, or text with a unit`;
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
