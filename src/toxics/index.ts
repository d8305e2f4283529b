import { bandwidth } from './bandwidth.js';
import type { ToxicDefinition } from './define-toxic.js';
import { down } from './down.js';
import { latency } from './latency.js';
import { limitData } from './limit-data.js';
import { packetLoss } from './packet-loss.js';
import { resetPeer } from './reset-peer.js';
import { slicer } from './slicer.js';
import { slowClose } from './slow-close.js';
import { timeout } from './timeout.js';

export { defineToxic, type AttributeValue, type Stream, type ToxicDefinition, type WireToxic } from './define-toxic.js';

/** Every toxic, in the order help shows them in. */
export const toxicDefinitions: readonly ToxicDefinition[] = [
  latency,
  bandwidth,
  packetLoss,
  slowClose,
  timeout,
  resetPeer,
  slicer,
  limitData,
  down,
] as readonly unknown[] as readonly ToxicDefinition[]; // each takes its own attributes, which parseToxicAttributes checks
