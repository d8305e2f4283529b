import type { TcpStreamCounters } from '../tcp/tcp-stream.js';

/** What one direction of a connection has met so far. All of it is modelled. */
export interface DirectionReport extends TcpStreamCounters {
  /** Time for which bytes were held that had been written, ms. */
  heldMs: number;
}

export interface ConnectionReport {
  up: DirectionReport;
  down: DirectionReport;
  /** What the handshake added before the first byte, ms. */
  handshakeMs: number;
}
