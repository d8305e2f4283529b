import { z } from 'zod';
import type { ConnectionReport } from './connection-report.js';

/** What the connections of a session have met in its modelled network, all together. */
export const networkTotals = z.object({
  /** Connections that it held back. */
  connections: z.number().int(),
  /** Modelled packets: those of handshakes not included. */
  packetsLost: z.number().int(),
  retransmissions: z.number().int(),
  /** Retransmission time-outs and tail loss probes: silences that only a timer ended. */
  stalls: z.number().int(),
  /** Time for which a direction of a connection had bytes held back, and that handshakes took, ms. */
  heldMs: z.number(),
});
export type NetworkTotals = z.infer<typeof networkTotals>;

export const noTotals: NetworkTotals = { connections: 0, packetsLost: 0, retransmissions: 0, stalls: 0, heldMs: 0 };

export function addTotals(a: NetworkTotals, b: NetworkTotals): NetworkTotals {
  return {
    connections: a.connections + b.connections,
    packetsLost: a.packetsLost + b.packetsLost,
    retransmissions: a.retransmissions + b.retransmissions,
    stalls: a.stalls + b.stalls,
    heldMs: a.heldMs + b.heldMs,
  };
}

export function totalsOf({ up, down, handshakeMs }: ConnectionReport): NetworkTotals {
  return {
    connections: 1,
    packetsLost: up.segmentsLost + up.acksLost + down.segmentsLost + down.acksLost,
    retransmissions: up.retransmissions + down.retransmissions,
    stalls: up.timeouts + up.probes + down.timeouts + down.probes,
    heldMs: up.heldMs + down.heldMs + handshakeMs,
  };
}
