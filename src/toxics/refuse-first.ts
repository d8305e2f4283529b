import { z } from 'zod';
import { wholeNumberWithin } from '../core/quantities.js';
import { defineToxic } from './define-toxic.js';

/**
 * Resets the first client connections in the MITM process as soon as they are accepted, before anything of them is
 * read.
 */
export const refuseFirst = defineToxic({
  type: 'refuse-first',
  summary: 'Reset the first connections of clients, and serve all others',
  notes: [
    'It counts connections from when it began to act, not requests: a client that keeps its connection open is not counted again, and open connections stay.',
    'It acts at once, whatever the client sends. Toxiproxy, which has accepted the connection, passes on that it is over: clients see it closed, or reset if they had sent something, and never an answer.',
    '`toxic ls` shows how many were reset. A change of the number goes on counting; the toxic removed and added again begins anew.',
    'No exchange comes about on a connection that is reset, so none has a receipt of it.',
  ],
  attributes: z.strictObject({
    connections: wholeNumberWithin({ min: 1, max: 1_000_000 }).describe('How many connections are reset'),
  }),
  argument: 'connections',
  examples: ['toxic refuse-first 3', 'toxic refuse-first 1 --host api.example.com'],
  streams: 'none',
  state: () => ({ reset: 0 }),
  onConnection({ connections }, state) {
    if (state.reset >= connections) return undefined;
    state.reset += 1;
    return 'reset';
  },
});
