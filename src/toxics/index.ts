import type { ToxicDefinition } from './define-toxic.js';
import { latency } from './latency.js';

export { defineToxic, type Stream, type ToxicDefinition, type WireToxic } from './define-toxic.js';

/** Every toxic, in the order help shows them in. */
export const toxicDefinitions = [latency] as unknown as readonly ToxicDefinition[];
