import { z } from 'zod';
import { kilobytesPerSecondWithin } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/**
 * Limits each connection to `rate` kB/s (1000 bytes), in pieces of at most 100 ms. A rate of 0 is refused: Toxiproxy
 * then sends empty pieces for ever, and does not even notice that the connection has been closed (Toxiproxy 2.12).
 */
export const bandwidth = defineToxic({
  type: 'bandwidth',
  summary: 'Limit the rate of each connection',
  notes: [
    'Each connection has the whole rate for itself: six connections together get six times as much.',
    'Toxiproxy knows whole kilobytes per second only.',
    'To let nothing pass at all, use `timeout`.',
  ],
  attributes: z.strictObject({
    rate: kilobytesPerSecondWithin({ min: 1, whole: true }).describe('Most that passes in one second'),
  }),
  argument: 'rate',
  examples: ['toxic bandwidth 200kb', 'toxic bandwidth 1.6mbit --stream upstream'],
  toxiproxy: { since: '2.0.0', toWire: (attributes) => [{ type: 'bandwidth', attributes }] },
});
