import type { z } from 'zod';
import { describeIssues, nameUnknownKeys } from './describe-issues.js';

/** What came of a check: the value as its schema reads it, or what is wrong with it, in one line for people. */
export type Checked<T> = { data: T; fault?: undefined } | { fault: string; data?: undefined };

/**
 * Reads what came from outside by its schema. A key that the schema does not know is named, with the one that was
 * probably meant: `unknown: toxicty (did you mean toxicity?)`.
 */
export function checkValue<Schema extends z.ZodType>(schema: Schema, value: unknown): Checked<z.output<Schema>> {
  const { success, data, error } = schema.safeParse(value, { error: nameUnknownKeys });
  return success ? { data } : { fault: describeIssues(error) };
}
