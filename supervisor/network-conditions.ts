import { lossModel } from '../src/network/loss-burst.js';
import type { LossModel } from '../src/network/loss-process.js';
import {
  cleanDirection,
  type NetworkConditions,
  type RateConditions,
} from '../src/network/stage/network-conditions.js';
import type { ActiveLink } from '../src/network/link.js';
import type { LinkTrace } from '../src/network/delivery-trace.js';
import type { Stream } from '../src/toxics/index.js';
import { networkPartOf } from '../src/toxics/lookup.js';
import type { NetworkPart } from '../src/toxics/network-part.js';
import type { Toxic } from '../src/toxics/toxic.js';

/** The path's round trip where nothing says it: that of a quick local network, ms. */
const leastRttMs = 1;
/**
 * A link's queue, unless it says so: what the rate carries in this time, within these numbers of packets; more where a
 * round trip holds more.
 */
const queueMs = 200;
const leastQueue = 10;
const traceQueue = 1000;
const usualQueue = 100;
/** A full packet, and what of it is the application's. */
const packetBytes = 1500;
const payloadBytes = 1448;

/**
 * The network that a session's toxics and its link ask for, between Toxiproxy and the MITM: what each contributes,
 * merged. `undefined` when none asks for a model. `around`: parts of the way that come before the toxics.
 */
export function networkConditions(
  toxics: readonly Toxic[],
  link?: ActiveLink,
  around: readonly NetworkPart[] = [],
): NetworkConditions | undefined {
  const parts = [...around, ...toxics.map(networkPartOf)];
  if (link === undefined && !parts.some(({ losses, rttMs }) => losses !== undefined || rttMs !== undefined))
    return undefined;
  const latency = { upstream: delayMs(parts, 'upstream'), downstream: delayMs(parts, 'downstream') };
  const linkRtt = link?.rtt ?? 0;
  const rest = Math.max(linkRtt, (lastOf(parts, 'rttMs') ?? leastRttMs) - latency.upstream - latency.downstream);
  const direction = (stream: Stream): NetworkConditions['up'] => ({
    ...cleanDirection,
    delayMs: latency[stream] + rest / 2 - (link?.jitter ?? 0) / 2,
    delayedElsewhereMs: latency[stream],
    losses: parts.flatMap(({ losses }) => losses?.[stream] ?? []),
    ...(link === undefined ? {} : linkConditions(link, stream, rest)),
  });
  return {
    up: direction('upstream'),
    down: direction('downstream'),
    control: lastOf(parts, 'control') ?? 'cubic',
    handshake: { loses: true, takesRoundTrip: linkRtt > 0 },
    seed: link?.seed ?? lastOf(parts, 'seed') ?? 0,
    ...(link === undefined ? {} : { link: true }),
  };
}

function linkConditions(link: ActiveLink, stream: Stream, rttMs: number): Partial<NetworkConditions['up']> {
  const name = stream === 'upstream' ? 'up' : 'down';
  const kilobytes = link[name];
  const trace = link.traces?.[name];
  const lossy = link.loss !== undefined || link.burst !== undefined;
  return {
    ...(kilobytes === undefined ? {} : { rate: rateOf(kilobytes, link.queue, rttMs) }),
    ...(trace === undefined ? {} : { rate: traceOf(trace, link) }),
    ...(link.jitter === undefined ? {} : { jitterMs: link.jitter }),
    ...(lossy ? { sharedLoss: modelOf(link) } : {}),
  };
}

/** What was asked for is what applications get: headers of packets come on top. 1 kB/s is 1 byte in a millisecond. */
function rateOf(kilobytes: number, queue: number | undefined, rttMs: number): RateConditions {
  const bytesPerMs = (kilobytes * packetBytes) / payloadBytes;
  const packetsIn = (ms: number): number => Math.ceil((bytesPerMs * ms) / packetBytes);
  const usual = Math.min(usualQueue, Math.max(leastQueue, packetsIn(queueMs)));
  return { bytesPerMs, queuePackets: queue ?? Math.max(usual, packetsIn(rttMs)) };
}

/**
 * A trace says when packets leave; a queue of its own is as long as its recorders had it, unless it says so: hardly
 * ever full.
 */
function traceOf({ name, opportunities }: LinkTrace, { queue, startedAt = 0 }: ActiveLink): RateConditions {
  return { bytesPerMs: 0, queuePackets: queue ?? traceQueue, trace: { name, opportunities, startedAt } };
}

function modelOf(attributes: Parameters<typeof lossModel>[0]): LossModel {
  const model = lossModel(attributes);
  if (model instanceof Error) throw model;
  return model;
}

/** What other parts of the chain delay all connections, one way, on average. */
function delayMs(parts: readonly NetworkPart[], stream: Stream): number {
  return parts.reduce((sum, { delaysMs }) => sum + (delaysMs?.[stream] ?? 0), 0);
}

function lastOf<Key extends keyof NetworkPart>(parts: readonly NetworkPart[], key: Key): NetworkPart[Key] {
  return parts.findLast((part) => part[key] !== undefined)?.[key];
}
