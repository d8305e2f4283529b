import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { UsageError } from '../errors/index.js';
import { defineToxic } from './define-toxic.js';
import { onStreams } from './stream.js';

const delay = millisecondsWithin({ whole: true });

/**
 * Delays each chunk by `latency ± jitter` (uniform); throughput holds until 1024 chunks are held back (Toxiproxy 2.12).
 * A jitter above the latency is refused: Toxiproxy lets what would be a negative delay pass at once, so that the mean
 * is no longer `latency`.
 */
export const latency = defineToxic({
  type: 'latency',
  summary: 'Delay all data by latency ± jitter',
  notes: [
    'The delay is one way: a request and its answer are both late only with a toxic on each stream.',
    'It counts from when a chunk arrived, so it adds up over round trips and not over the bytes of one answer.',
    'Setting up the connection itself is not delayed.',
  ],
  attributes: z.strictObject({
    latency: delay.describe('Mean delay of each chunk'),
    jitter: delay.default(0).describe('Largest deviation from the mean, either way'),
  }),
  argument: 'latency',
  examples: ['toxic latency 300ms --jitter 50ms', 'toxic latency 1s --stream upstream'],
  toxiproxy: { since: '2.0.0', toWire: (attributes) => [{ type: 'latency', attributes }] },
  // On average, and of all connections: what spares some is no property of the path.
  model: ({ latency }, { streams, toxicity }) => (toxicity >= 1 ? { delaysMs: onStreams(streams, latency) } : {}),
  check({ latency, jitter }) {
    if (jitter <= latency) return undefined;
    const half = Math.ceil((latency + jitter) / 2);
    return new UsageError(`The jitter (${jitter}ms) is larger than the latency (${latency}ms)`, {
      hint: `A delay cannot be negative. For delays from 0 to ${latency + jitter}ms write ${half}ms with a jitter of ${half}ms.`,
      data: { latency, jitter },
    });
  },
});
