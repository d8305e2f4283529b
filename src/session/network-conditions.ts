import { cleanDirection, type LossSource, type NetworkConditions } from '../link/index.js';
import { lossModel } from '../toxics/burst.js';
import type { Stream } from '../toxics/index.js';
import type { Toxic } from '../toxics/toxic.js';

/** The path's round trip where nothing says it: that of a quick local network, ms. */
const leastRttMs = 1;

/** The network that a session's modelled toxics ask for, between Toxiproxy and the MITM; `undefined` when there are none. */
export function networkConditions(toxics: readonly Toxic[]): NetworkConditions | undefined {
  const modelled = toxics
    .filter(({ kind }) => kind === 'modelled')
    .map((toxic) => ({ ...toxic, ...settingsOf(toxic) }));
  const last = modelled.at(-1);
  if (last === undefined) return undefined;
  const up = latencyMs(toxics, 'upstream');
  const down = latencyMs(toxics, 'downstream');
  const asked = modelled.findLast(({ rttMs }) => rttMs !== undefined)?.rttMs ?? leastRttMs;
  const rest = Math.max(0, asked - up - down);
  const losses = (stream: Stream): LossSource[] => modelled.filter((toxic) => toxic.stream === stream).map(sourceOf);
  return {
    up: { ...cleanDirection, delayMs: up + rest / 2, delayedElsewhereMs: up, losses: losses('upstream') },
    down: { ...cleanDirection, delayMs: down + rest / 2, delayedElsewhereMs: down, losses: losses('downstream') },
    control: last.control,
    handshake: { loses: true, takesRoundTrip: false },
    seed: last.seed,
  };
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

function sourceOf({ attributes: { loss, burst }, toxicity, seed }: Toxic & Settings): LossSource {
  const model = lossModel({ loss: loss === undefined ? undefined : Number(loss), burst });
  if (model instanceof Error) throw model;
  return { model, toxicity, seed };
}

/** What Toxiproxy's latency toxics delay all connections, one way, on average. */
function latencyMs(toxics: readonly Toxic[], stream: Stream): number {
  return toxics
    .filter((toxic) => toxic.type === 'latency' && toxic.stream === stream && toxic.toxicity >= 1)
    .reduce((sum, { attributes }) => sum + Number(attributes['latency'] ?? 0), 0);
}
