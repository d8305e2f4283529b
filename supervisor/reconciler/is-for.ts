import type { Toxic } from '../../src/toxics/toxic.js';

/** Picks the toxics of the hosts of this pattern alone; `undefined`: those of all connections. */
export function isFor(pattern: string | undefined): (toxic: Toxic) => boolean {
  return ({ host }) => host === pattern;
}
