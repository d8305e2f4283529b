import type { z } from 'zod';
import { closest } from '../../core/closest.js';
import { UsageError } from '../../errors/index.js';
import type { FlagShape } from './flag-shape.js';

/**
 * Checks what was given on the command line against a declaration's schema. Throws `UsageError` that names the flag or
 * argument, what is wrong with its value and what would work.
 */
export function checkValues<Schema extends z.ZodObject>(
  schema: Schema,
  values: Record<string, unknown>,
  shapes: readonly FlagShape[],
  nameOf: (shape: FlagShape) => string,
): z.output<Schema> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw new UsageError('The values given are not valid');
  const key = String(issue.path[0] ?? '');
  const shape = shapes.find((candidate) => candidate.key === key);
  const label = shape === undefined ? key : nameOf(shape);
  const value = valueAt(values, issue.path);
  if (value === undefined) throw new UsageError(`${label} is missing`, { hint: shape?.description });
  const { message, hint } = explain(deepest(issue), value);
  throw new UsageError(label === '' ? message : `${label}: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    data: { parameter: label, value },
  });
}

type Issue = z.core.$ZodIssue;

/**
 * In a union, the issue of the member that came closest: one that says something of its own, else the last member's.
 */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap((issues) => issues.map((each) => deepest(each)));
  return inner.find(({ code }) => code === 'custom') ?? inner.find(({ code }) => code !== 'invalid_type') ?? issue;
}

function explain(issue: Issue, value: unknown): { message: string; hint?: string } {
  const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const nearest = closest(String(value), choices);
    return {
      message: `${shown} is not one of ${choices.join(', ')}`,
      ...(nearest === undefined ? {} : { hint: `Did you mean ${nearest}?` }),
    };
  }
  if (issue.code === 'too_small' && issue.origin === 'string') return { message: 'must not be empty' };
  if (issue.code === 'too_small') return { message: `${shown} is under the least possible, ${String(issue.minimum)}` };
  if (issue.code === 'too_big') return { message: `${shown} is over the most possible, ${String(issue.maximum)}` };
  if (issue.code === 'custom') return split(issue.message);
  return { message: `${shown} is not valid (${issue.message})` };
}

/** A quantity's message holds its hint as a second sentence; see `core/quantities.ts`. */
function split(text: string): { message: string; hint?: string } {
  const at = text.indexOf('. ');
  return at < 0 ? { message: text } : { message: text.slice(0, at), hint: `${text.slice(at + 2).replace(/\.$/, '')}.` };
}

function valueAt(values: Record<string, unknown>, path: readonly PropertyKey[]): unknown {
  let value: unknown = values;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}
