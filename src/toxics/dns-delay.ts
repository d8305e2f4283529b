import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { UsageError } from '../errors/index.js';
import { defineToxic } from './define-toxic.js';

const delayMs = millisecondsWithin({ max: 600_000 });

/**
 * Delays the first resolution of each host name in a session by `delay ± jitter` (uniform), as a resolver does that has
 * to ask others.
 */
export const dnsDelay = defineToxic({
  type: 'dns-delay',
  summary: 'Delay the first lookup of each host name',
  notes: [
    'Each name meets it once in a session, however often the toxic is added: addresses, and names that the session has resolved before, do not. A name that could not be resolved meets it again.',
    'What is resolved is the name that a connection is opened to: with an upstream proxy that of the proxy, with `--resolve` what stands there.',
    'It counts towards the time limit for connections (`--connect-timeout`). Connections that want the name meanwhile wait as long as the first.',
    'In replay no name is looked up: there the first request to each host waits as long.',
    'The exchange that waited has a receipt (`_proxyctl.faults`), and the time stands in `timings.dns` of its HAR entry.',
  ],
  attributes: z.strictObject({
    delay: delayMs.describe('Mean time that a lookup takes longer'),
    jitter: delayMs.default(0).describe('Largest deviation from the mean, either way'),
  }),
  argument: 'delay',
  examples: ['toxic dns-delay 200ms --jitter 50ms', "toxic dns-delay 2s --host '*.example.com'"],
  streams: 'none',
  onLookup: ({ delay, jitter }, _, { first }) => (first ? delay + jitter * (2 * Math.random() - 1) : 0),
  check({ delay, jitter }) {
    if (jitter <= delay) return undefined;
    return new UsageError(`The jitter (${jitter}ms) is larger than the delay (${delay}ms)`, {
      hint: `A delay cannot be negative. Write a jitter of at most ${delay}ms.`,
      data: { delay, jitter },
    });
  },
});
