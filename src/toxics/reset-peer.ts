import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/**
 * Throws away the first data that arrives, waits `timeout`, and closes with a TCP reset. The reset needs a socket
 * option that Toxiproxy sets when a connection begins: on one that was open before, the client sees an ordinary end.
 * While it waits it cannot be removed, and Toxiproxy's API answers nothing about its proxy; its requests end after 25
 * s, which is why the time is limited to 20 s (Toxiproxy 2.12).
 */
export const resetPeer = defineToxic({
  type: 'reset-peer',
  summary: 'Reset the connection (RST) when data arrives',
  notes: [
    'It acts on the first data after it was added: a connection that is idle stays open.',
    'Connections that were open before end without the reset: the client sees an ordinary close.',
    'While it waits, the toxics of this session cannot be changed.',
  ],
  attributes: z.strictObject({
    timeout: millisecondsWithin({ whole: true, max: 20_000 })
      .default(0)
      .describe('How long to wait between the first data and the reset'),
  }),
  argument: 'timeout',
  examples: ['toxic reset-peer', 'toxic reset-peer 500ms --toxicity 10%'],
  toxiproxy: { since: '2.2.0', toWire: (attributes) => [{ type: 'reset_peer', attributes }] },
});
