import type { z } from 'zod';
import { checkValue, UsageError } from '../errors/index.js';

/** What a client sent, as the schema reads it. Throws `UsageError` with all that is wrong with it. */
export function valid<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const checked = checkValue(schema, value);
  if (checked.fault !== undefined) throw new UsageError(checked.fault);
  return checked.data;
}

/** Each key of a query string with its value. Throws `UsageError` for one that stands there more than once. */
export function onceEach(query: Record<string, string[]>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(query).map(([name, values]) => {
      if (values.length > 1) throw new UsageError(`${name}: stands more than once in the query`);
      return [name, values[0]];
    }),
  );
}
