import { bandwidth } from './bandwidth.js';
import type { ToxicDefinition } from './define-toxic.js';
import { dnsDelay } from './dns-delay.js';
import { down } from './down.js';
import { latency } from './latency.js';
import { limitData } from './limit-data.js';
import { packetLoss } from './packet-loss.js';
import { refuseFirst } from './refuse-first.js';
import { resetPeer } from './reset-peer.js';
import { slicer } from './slicer.js';
import { slowClose } from './slow-close.js';
import { timeout } from './timeout.js';

export {
  defineToxic,
  type AttributeValue,
  type ConnectionFate,
  type Lookup,
  type ToxicDefinition,
  type ToxicState,
  type WireToxic,
} from './define-toxic.js';

export type { Stream } from './stream.js';

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
  refuseFirst,
  dnsDelay,
  down,
] as readonly unknown[] as readonly ToxicDefinition[]; // each takes its own attributes, which parseToxicAttributes checks
