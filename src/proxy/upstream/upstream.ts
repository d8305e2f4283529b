import type { Socket } from 'node:net';
import type { Next } from '../../http/index.js';

export interface UpstreamOptions {
  /** PEM certificates trusted besides the usual roots. */
  upstreamCa?: readonly string[];
  /** Hosts whose certificate is not verified (`*` wildcards). */
  insecureUpstream?: readonly string[];
  /** Name resolution, TCP and TLS together. Default 30 s. */
  connectTimeoutMs?: number;
  /** No byte either way while an answer is awaited. Default 10 min. */
  idleTimeoutMs?: number;
  /** How long a connection that nothing uses is kept, unless the server says less. Default 4 s. */
  keepAliveMs?: number;
  /** Unused connections kept for each host. Default 256. */
  maxIdlePerHost?: number;
}

/** The way to the backends: the end of a live session's chain. */
export interface Upstream {
  handle: Next;
  /** A raw connection, for a tunnel. Rejects with `UpstreamError`. */
  connect(host: string, port: number, signal?: AbortSignal): Promise<Socket>;
  /** TCP connections opened (or tried) so far. */
  connectionsOpened(): number;
  /** Ends all connections; exchanges under way fail. */
  close(): Promise<void>;
}

export function createUpstream(_options: UpstreamOptions = {}): Upstream {
  throw new Error('not yet');
}
