import type { LossSource } from '../network/stage/network-conditions.js';
import type { CongestionControlName } from '../network/tcp/congestion-controls.js';
import type { Stream } from './stream.js';

/** What one toxic contributes to the network of a session. Those of all its toxics are merged. */
export interface NetworkPart {
  /** Packets that get lost in the model. */
  losses?: Partial<Record<Stream, LossSource>>;
  /**
   * What others of the chain (Toxiproxy) delay each connection, one way, ms: the model counts it and does not add it.
   */
  delaysMs?: Partial<Record<Stream, number>>;
  /** The round trip of the path, ms: what delays leave of it the model adds. Of several, the last one counts. */
  rttMs?: number;
  /** Whose congestion control the modelled senders have. Of several, the last one counts. */
  control?: CongestionControlName;
  /** For what connections share. Of several, the last one counts. */
  seed?: number;
  /** `closed`: connections are refused, and the open ones cut. */
  listener?: 'closed';
}
