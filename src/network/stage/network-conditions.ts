import { isLossy, type LossModel } from '../loss-process.js';
import type { CongestionControlName } from '../tcp/congestion-controls.js';

/** One reason for which packets of a connection get lost: a `packet-loss` toxic. */
export interface LossSource {
  /** The toxic's name, for receipts. */
  name?: string;
  model: LossModel;
  /** The share of connections that it applies to, 0–1; drawn per connection. */
  toxicity: number;
  seed: number;
}

/** As `LinkRate`, in plain data. */
export interface RateConditions {
  bytesPerMs: number;
  queuePackets: number;
  /** A recorded link, which began at `startedAt` (milliseconds since 1970). */
  trace?: { name: string; opportunities: readonly number[]; startedAt: number };
}

/** One direction of the emulated path. */
export interface DirectionConditions {
  /** One-way delay of the whole path, ms: TCP's timing follows from it. */
  delayMs: number;
  /** As much of it as other parts of the chain add (Toxiproxy's `latency`); the stage adds only the rest. */
  delayedElsewhereMs: number;
  /** Each connection has these on its own. */
  losses: readonly LossSource[];
  /** These all connections share: one queue in front of one rate, one process of loss. */
  rate?: RateConditions | undefined;
  /** A packet takes up to this much longer than `delayMs`. */
  jitterMs?: number;
  sharedLoss?: LossModel | undefined;
}

/** What the network between client and server is like. `up` is client → server. */
export interface NetworkConditions {
  up: DirectionConditions;
  down: DirectionConditions;
  /** Whose congestion control the senders have, at both ends. */
  control: CongestionControlName;
  /** Whether packets of the handshake get lost like others, and whether it takes its round trip. */
  handshake: { loses: boolean; takesRoundTrip: boolean };
  /** For what connections share. */
  seed: number;
  /** Whether a link that all connections share is part of it. */
  link?: boolean;
}

export const cleanDirection: DirectionConditions = { delayMs: 0, delayedElsewhereMs: 0, losses: [] };

/** True when the direction does nothing to packets but delay them elsewhere. */
export function isClean({ delayMs, delayedElsewhereMs, ...rest }: DirectionConditions): boolean {
  return !isModelled(rest) && delayMs <= delayedElsewhereMs;
}

/**
 * Whether TCP must be modelled. It is not without loss or rate: then windows and buffers would rule, not the network.
 */
export function isModelled({
  losses,
  rate,
  sharedLoss,
  jitterMs = 0,
}: Pick<DirectionConditions, 'losses' | 'rate' | 'sharedLoss' | 'jitterMs'>): boolean {
  return (
    rate !== undefined ||
    jitterMs > 0 ||
    (sharedLoss !== undefined && isLossy(sharedLoss)) ||
    losses.some(({ model, toxicity }) => toxicity > 0 && isLossy(model))
  );
}
