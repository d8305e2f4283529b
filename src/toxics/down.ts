import { z } from 'zod';
import { defineToxic } from './define-toxic.js';

/**
 * Disables the session's listener in Toxiproxy: connections are refused, and open ones are cut. Not a toxic on
 * Toxiproxy's wire.
 */
export const down = defineToxic({
  type: 'down',
  summary: 'Refuse all connections and cut the open ones',
  notes: ['It applies to the whole session, until it is removed.'],
  attributes: z.strictObject({}),
  examples: ['toxic down', 'toxic rm down'],
  streams: 'none',
  perHost: false,
  toxiproxy: { since: '2.0.0', toWire: () => [] },
  model: () => ({ listener: 'closed' }),
});
