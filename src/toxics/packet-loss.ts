import { z } from 'zod';
import { millisecondsWithin, share, wholeNumberWithin } from '../core/quantities.js';
import { randomSeed } from '../core/random-seed.js';
import { burst, lossModel } from '../network/loss-burst.js';
import { defineToxic } from './define-toxic.js';
import { onStreams } from './stream.js';

/**
 * What packet loss does to a TCP connection: lost segments are sent again after a round trip or a time-out, bytes
 * behind them wait, and the sender slows down. A proxy never sees a packet, so TCP is modelled over a path that loses
 * packets, and the bytes are held back as long as TCP would hold them. None is lost, doubled or reordered. It is a
 * stage of ours between Toxiproxy and the MITM; Toxiproxy's own `packet_loss` drops bytes out of the stream, which
 * breaks TLS and HTTP.
 */
export const packetLoss = defineToxic({
  type: 'packet-loss',
  summary: 'Lose packets as TCP feels it: stalls, time-outs, a slower sender',
  notes: [
    'Modelled, not real: the sender’s and receiver’s TCP run in a model over a lossy path, and bytes are held back until it delivers them. No byte is lost, doubled or reordered.',
    'Loss in one direction also delays the other, whose acknowledgements get lost; `--stream` says which packets are lost.',
    'How long a repair takes follows from the round-trip time. It is `rtt`, or what the session’s latency toxics (those that apply to all connections) add up to, or 1 ms. Where `rtt` is more than these add up to, this toxic adds the rest as delay.',
    'New connections lose packets of their handshake too: the first bytes are then late by 1 s for each.',
    'It acts at once, on open connections too.',
    '`--kernel` has the kernel drop real packets of the session’s port in place of the model: on Linux, with nftables and CAP_NET_ADMIN. Each is lost on its own, and no seed can repeat it. It is for devices that come over a real network; on loopback one packet carries up to 64 kB, and round trips take no time.',
    'The same seed and the same connections in the same order meet the same losses. Where several of these toxics differ in `rtt` or `cc`, the one added last decides.',
  ],
  attributes: z.strictObject({
    loss: share
      .optional()
      .meta({ description: 'Share of packets that get lost; may be left out where `burst` is p/r/h/k and says it' }),
    burst: burst.optional().meta({
      description:
        'Losses in bursts (Gilbert–Elliott): their mean length in packets (`5`) or in time (`300ms`), or p/r/h/k, the ' +
        'chance per packet to enter and to leave the bad state and to pass in the bad and in the good state (`1%/20%/0%/100%`)',
      defaultText: 'each packet on its own',
    }),
    rtt: millisecondsWithin({ max: 60_000 })
      .optional()
      .meta({ description: 'Round-trip time of the path', defaultText: 'that of the latency toxics, at least 1ms' }),
    cc: z
      .enum(['cubic', 'reno', 'none'])
      .default('cubic')
      .meta({ description: 'Congestion control of the modelled senders; none: losses cost time but no speed' }),
    seed: wholeNumberWithin({ max: 0xffff_ffff })
      .optional()
      .meta({ description: 'Of all that is random', defaultText: 'a random one, which is shown' }),
  }),
  argument: 'loss',
  examples: [
    'toxic packet-loss 3% --stream both --rtt 100ms',
    'toxic packet-loss 2% --burst 5 --seed 42',
    'toxic packet-loss 5% --burst 300ms --replace',
  ],
  inKernel: ['loss'],
  complete: (attributes) => ({ ...attributes, seed: attributes.seed ?? randomSeed() }),
  check: (attributes) => {
    const model = lossModel(attributes);
    return model instanceof Error ? model : undefined;
  },
  model: ({ loss, burst, rtt, cc, seed = 0 }, { name, streams, toxicity }) => {
    const model = lossModel({ loss, burst });
    if (model instanceof Error) throw model;
    return {
      losses: onStreams(streams, { name, model, toxicity, seed }),
      control: cc,
      seed,
      ...(rtt === undefined ? {} : { rttMs: rtt }),
    };
  },
});
