import type { Duplex } from 'node:stream';
import { ownHost } from '../builtin-pages/own-pages.js';
import type { HostRoutes } from '../host-routes.js';
import type { ProxySession } from '../proxy-session.js';
import type { TunnelOrigin } from '../request-target.js';

/**
 * The HTTP/1 connections inside tunnels: where each leads, and when it has to end because its next request goes
 * elsewhere.
 */
export class TunnelledConnections {
  readonly #session: ProxySession;
  readonly #routes: HostRoutes | undefined;
  /** Where each leads, as long as anything is known of it. */
  readonly #origins = new WeakMap<Duplex, TunnelOrigin>();
  /** Those that are open. */
  readonly #open = new Map<Duplex, TunnelOrigin>();
  /** Those that are to be closed after the request that is under way on them. */
  readonly #leaving = new WeakSet<Duplex>();

  constructor(session: ProxySession, routes: HostRoutes | undefined) {
    this.#session = session;
    this.#routes = routes;
  }

  add(stream: Duplex, origin: TunnelOrigin): void {
    this.#origins.set(stream, origin);
    this.#open.set(stream, origin);
    stream.once('close', () => this.#open.delete(stream));
  }

  originOf(stream: Duplex): TunnelOrigin | undefined {
    return this.#origins.get(stream);
  }

  /** Whether a connection ends with the request that is under way on it, as the next one may go elsewhere. */
  isLast(stream: Duplex): boolean {
    if (this.#leaving.has(stream)) return true;
    if (this.#routes?.divides !== true) return false;
    const origin = this.#origins.get(stream);
    return origin === undefined || (this.#open.has(stream) && this.#routes.find(origin) !== undefined);
  }

  /** Whether connections to there take a host route by now, or are not intercepted any more. */
  leaves(origin: TunnelOrigin): boolean {
    if (this.#routes?.find(origin) !== undefined) return true;
    return origin.host !== ownHost && this.#session.interception(origin.host, origin.port) !== true;
  }

  /** Marks the open connections that have to end, and calls `finish` with each. */
  retire(finish: (stream: Duplex) => void): void {
    for (const [stream, origin] of this.#open) {
      if (!this.leaves(origin)) continue;
      this.#leaving.add(stream);
      finish(stream);
    }
  }
}
