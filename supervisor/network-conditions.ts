import { lossModel } from '../src/network/loss-burst.js';
import {
  cleanDirection,
  type LossSource,
  type NetworkConditions,
  type RateConditions,
} from '../src/network/stage/network-conditions.js';
import type { ActiveLink } from '../src/network/link.js';
import type { LinkTrace } from '../src/network/delivery-trace.js';
import type { Stream } from '../src/toxics/index.js';
import type { Toxic } from '../src/toxics/toxic.js';

/** The path's round trip where nothing says it: that of a quick local network, ms. */
const leastRttMs = 1;
/** A link's queue, unless it says so: what the rate carries in this time, within these numbers of packets; more where a round trip holds more. */
const queueMs = 200;
const leastQueue = 10;
const traceQueue = 1000;
const usualQueue = 100;
/** A full packet, and what of it is the application's. */
const packetBytes = 1500;
const payloadBytes = 1448;

/**
 * The network that a session's modelled toxics and its link ask for, between Toxiproxy and the MITM; `undefined` when
 * there is neither.
 */
export function networkConditions(toxics: readonly Toxic[], link?: ActiveLink): NetworkConditions | undefined {
  const modelled = toxics
    .filter(({ kind }) => kind === 'modelled')
    .map((toxic) => ({ ...toxic, ...settingsOf(toxic) }));
  const last = modelled.at(-1);
  if (last === undefined && link === undefined) return undefined;
  const latency = { upstream: latencyMs(toxics, 'upstream'), downstream: latencyMs(toxics, 'downstream') };
  const linkRtt = link?.rtt ?? 0;
  const asked = modelled.findLast(({ rttMs }) => rttMs !== undefined)?.rttMs ?? leastRttMs;
  const rest = Math.max(linkRtt, asked - latency.upstream - latency.downstream);
  const direction = (stream: Stream): NetworkConditions['up'] => ({
    ...cleanDirection,
    delayMs: latency[stream] + rest / 2 - (link?.jitter ?? 0) / 2,
    delayedElsewhereMs: latency[stream],
    losses: modelled.filter((toxic) => toxic.stream === stream).map(sourceOf),
    ...(link === undefined ? {} : linkConditions(link, stream, rest)),
  });
  return {
    up: direction('upstream'),
    down: direction('downstream'),
    control: last?.control ?? 'cubic',
    handshake: { loses: true, takesRoundTrip: linkRtt > 0 },
    seed: link?.seed ?? last?.seed ?? 0,
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

/** A trace says when packets leave; a queue of its own is as long as its recorders had it, unless it says so: hardly ever full. */
function traceOf({ name, opportunities }: LinkTrace, { queue, startedAt = 0 }: ActiveLink): RateConditions {
  return { bytesPerMs: 0, queuePackets: queue ?? traceQueue, trace: { name, opportunities, startedAt } };
}

type Settings = Pick<NetworkConditions, 'control' | 'seed'> & { rttMs: number | undefined };

/** The attributes were checked when the toxic was added. */
function settingsOf({ attributes: { rtt, cc, seed } }: Toxic): Settings {
  return {
    rttMs: rtt === undefined ? undefined : Number(rtt),
    control: cc === 'reno' || cc === 'none' ? cc : 'cubic',
    seed: Number(seed ?? 0),
  };
}

function sourceOf({ name, attributes: { loss, burst }, toxicity, seed }: Toxic & Settings): LossSource {
  return { name, model: modelOf({ loss: loss === undefined ? undefined : Number(loss), burst }), toxicity, seed };
}

function modelOf(attributes: Parameters<typeof lossModel>[0]): LossSource['model'] {
  const model = lossModel(attributes);
  if (model instanceof Error) throw model;
  return model;
}

/** What Toxiproxy's latency toxics delay all connections, one way, on average. */
function latencyMs(toxics: readonly Toxic[], stream: Stream): number {
  return toxics
    .filter((toxic) => toxic.type === 'latency' && toxic.stream === stream && toxic.toxicity >= 1)
    .reduce((sum, { attributes }) => sum + Number(attributes['latency'] ?? 0), 0);
}
