import { closest } from '../core/closest.js';
import { UsageError } from '../errors/index.js';
import { toxicDefinitions, type ToxicDefinition } from './index.js';
import type { NetworkPart } from './network-part.js';
import type { Toxic } from './toxic.js';

/**
 * A toxic by our name (`slow-close`) or Toxiproxy's (`slow_close`), in any case. Throws `UsageError` with what was
 * probably meant.
 */
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

/**
 * Returns what a toxic of a session is; `undefined` for one that was added through Toxiproxy's API and is unknown to
 * us. A toxic of ours is never foreign: one that is may share its name and do something else.
 */
export function definitionOf({ type, foreign, stream }: Toxic): ToxicDefinition | undefined {
  const definition = findToxicDefinition(type);
  if (definition === undefined || !foreign) return definition;
  const directed = definition.streams !== 'none';
  return definition.toxiproxy !== undefined && directed === (stream !== undefined) ? definition : undefined;
}

/** Returns who does what a toxic of this definition asks for, as `kind` has it; `undefined`: Toxiproxy. */
export function kindOf({ toxiproxy }: ToxicDefinition): 'modelled' | undefined {
  return toxiproxy === undefined ? 'modelled' : undefined;
}

/** Returns what a toxic contributes to the network that we model. What the kernel does is in no model. */
export function networkPartOf(toxic: Toxic): NetworkPart {
  const { name, stream, toxicity, attributes, kind } = toxic;
  if (kind === 'real') return {};
  const streams = stream === undefined ? (['upstream', 'downstream'] as const) : [stream];
  return definitionOf(toxic)?.model?.(attributes, { name, streams, toxicity }) ?? {};
}

/** Whether a toxic acts in the MITM process. */
export function hasHooks(toxic: Toxic): boolean {
  const definition = definitionOf(toxic);
  return definition?.onConnection !== undefined || definition?.onLookup !== undefined;
}

function ourName(type: string): string {
  return type.trim().toLowerCase().replaceAll('_', '-');
}
