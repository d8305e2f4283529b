import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/**
 * Throws away all data, and closes the connection once nothing has arrived for `timeout`; each chunk starts that time
 * anew. With 0 it never closes. Removing the toxic closes the connections of its stream, also those that toxicity had
 * spared (Toxiproxy 2.12).
 */
export const timeout = defineToxic({
  type: 'timeout',
  summary: 'Stop all data, and close the connection after a while',
  notes: [
    'The data is lost for good: removing the toxic closes the connections of its stream instead of resuming them.',
    'The time counts from the last data that arrived. 0 never closes.',
  ],
  attributes: z.strictObject({
    timeout: millisecondsWithin({ whole: true }).describe(
      'How long nothing must arrive until the connection is closed; 0: never closed',
    ),
  }),
  argument: 'timeout',
  examples: ['toxic timeout 5s', 'toxic timeout 0 --stream upstream'],
  toxiproxy: { since: '2.0.0', toWire: (attributes) => [{ type: 'timeout', attributes }] },
});
