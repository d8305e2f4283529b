import type { StackApi } from '../../api/client.js';
import type { AddToxicRequest } from '../../api/schemas.js';
import { UsageError } from '../../errors/index.js';
import { toxicDefinition } from '../../toxics/lookup.js';
import { defaultToxicName, type Toxic } from '../../toxics/toxic.js';

/**
 * Changes toxics of the requested names where the session has them, and adds those that it has not. Throws `UsageError`
 * where one is to begin later.
 */
export async function replaceToxics(stack: StackApi, session: string, request: AddToxicRequest): Promise<Toxic[]> {
  const { name, type, toxicity, attributes = {}, after, for: lasts, host } = request;
  if (after !== undefined)
    throw new UsageError('--after does not go with --replace: what is changed is changed at once', {
      hint: 'Leave one of them out.',
    });
  const directed = toxicDefinition(type).streams !== 'none';
  const stream = request.stream ?? (directed ? 'downstream' : undefined);
  const both = stream === 'both';
  const present = new Set((await stack.toxics.list(session)).map((toxic) => toxic.name));
  const result: Toxic[] = [];
  for (const each of both ? (['upstream', 'downstream'] as const) : [stream]) {
    const own = name === undefined ? defaultToxicName(type, each, host) : both ? `${name}_${each}` : name;
    const change = {
      attributes,
      ...(typeof toxicity === 'number' ? { toxicity } : {}),
      ...(lasts === undefined ? {} : { for: lasts }),
    };
    if (present.has(own)) result.push(await stack.toxics.update(session, own, change));
    else result.push(...(await stack.toxics.add(session, { ...request, name: own, ...(each && { stream: each }) })));
  }
  return result;
}
