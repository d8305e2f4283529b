import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/** Passes data on, and the end of the stream only after `delay` (Toxiproxy 2.12). */
export const slowClose = defineToxic({
  type: 'slow-close',
  summary: 'Delay the end of a connection',
  notes: ['Data passes at once; what is delayed is that the other side learns of the end.'],
  attributes: z.strictObject({
    delay: millisecondsWithin({ whole: true }).describe('How long the end of the stream is held back'),
  }),
  argument: 'delay',
  examples: ['toxic slow-close 2s'],
  toxiproxy: { since: '2.0.0', toWire: (attributes) => [{ type: 'slow_close', attributes }] },
});
