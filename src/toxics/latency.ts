import { z } from 'zod';
import { milliseconds } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/** Delays each chunk by `latency ± jitter` (uniform); throughput holds until 1024 chunks are held back (Toxiproxy 2.12). */
export const latency = defineToxic({
  type: 'latency',
  summary: 'Delay all data by latency ± jitter',
  attributes: z.object({
    latency: milliseconds.describe('Mean delay of each chunk'),
    jitter: milliseconds.default(0).describe('Largest deviation from the mean'),
  }),
  argument: 'latency',
  examples: ['toxic latency 300ms --jitter 50ms', 'toxic latency 1s --stream upstream'],
  toWire: (attributes) => [{ type: 'latency', attributes }],
});
