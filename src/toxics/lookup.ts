import { closest } from '../core/closest.js';
import { UsageError } from '../errors/index.js';
import { toxicDefinitions, type ToxicDefinition } from './index.js';

/** A toxic by our name (`slow-close`) or Toxiproxy's (`slow_close`), in any case. Throws `UsageError` with what was probably meant. */
export function toxicDefinition(type: string): ToxicDefinition {
  const definition = findToxicDefinition(type);
  if (definition !== undefined) return definition;
  const names = toxicDefinitions.map((known) => known.type);
  const meant = closest(ourName(type), names);
  throw new UsageError(`There is no toxic "${type}"`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are: ${names.join(', ')}.`,
    data: { type, ...(meant === undefined ? {} : { meant }) },
  });
}

export function findToxicDefinition(type: string): ToxicDefinition | undefined {
  const name = ourName(type);
  return toxicDefinitions.find((known) => known.type === name);
}

function ourName(type: string): string {
  return type.trim().toLowerCase().replaceAll('_', '-');
}
