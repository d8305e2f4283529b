import { z } from 'zod';
import { bytesWithin } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/** Closes the connection once `bytes` have passed, counted from when the toxic was added (Toxiproxy 2.12). */
export const limitData = defineToxic({
  type: 'limit-data',
  summary: 'Close the connection after so many bytes',
  notes: [
    'On a connection that is already open the bytes count from now; with 0 the first data closes it.',
    'Over TLS the bytes of the handshake count as well.',
  ],
  attributes: z.strictObject({ bytes: bytesWithin({}).describe('How much passes before the connection is closed') }),
  argument: 'bytes',
  examples: ['toxic limit-data 64kb', 'toxic limit-data 1500b --stream upstream'],
  toxiproxy: { since: '2.1.0', toWire: (attributes) => [{ type: 'limit_data', attributes }] },
});
