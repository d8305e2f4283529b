import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { addTotals, type NetworkTotals } from '../network/stage/network-totals.js';
import { SessionNetwork } from '../network/stage/session-network.js';
import type { ConnectionMeter } from '../network/stage/connection-meter.js';
import { HostRoutes } from '../proxy/host-routes.js';
import type { MitmEngine, MitmListener, MitmListenerOptions } from '../proxy/mitm-engine.js';
import type { FaultReceipt } from '../http/index.js';
import type { ConnectionFate } from '../toxics/index.js';
import { delayReceipt, type OwnToxics } from './own-toxics.js';
import type { HostRouteListener, HostRouteConfig, SessionRuntimeConfig } from '../protocol/worker-protocol.js';

type ListenerOptions = Omit<MitmListenerOptions, 'accept' | 'admit' | 'routes' | 'port'>;

/** A listener with the modelled network of its connections and the host routes that they may take. */
interface RoutedListener {
  listener: MitmListener;
  network: SessionNetwork;
  routes: HostRoutes;
}

/**
 * The listeners of one session: its own, and one behind the proxy of each host route. A connection to one of them is
 * served there, or sent on through the next host route that its host has.
 */
export class SessionListeners {
  readonly #engine: MitmEngine;
  readonly #options: ListenerOptions;
  readonly #toxics: OwnToxics;
  #own: RoutedListener | undefined;
  readonly #hostRoutes = new Map<string, RoutedListener>();
  /** Connections that came by a host route. */
  readonly #byHostRoute = new WeakSet<Duplex>();
  /** The receipts of connections that toxics have held back, until an exchange takes them. */
  readonly #held = new WeakMap<Duplex, FaultReceipt[]>();
  /** What decides where connections go, as text, by which a change is seen. */
  #routing = '';
  #modelled = false;

  constructor(engine: MitmEngine, toxics: OwnToxics, options: ListenerOptions) {
    this.#engine = engine;
    this.#toxics = toxics;
    this.#options = options;
  }

  /** The port of the session's own listener. */
  get port(): number {
    return this.#own?.listener.port ?? 0;
  }

  get hostRoutes(): HostRouteListener[] {
    return [...this.#hostRoutes].map(([pattern, { listener }]) => ({ pattern, mitmPort: listener.port }));
  }

  /**
   * Opens the session's own listener, on `mitmPort` if nobody took that meanwhile (0: on any port), and those of its
   * host routes.
   */
  async open(mitmPort: number, runtimeConfig: SessionRuntimeConfig): Promise<void> {
    const routes = new HostRoutes({ isOne: false });
    this.#own = await this.#listen(mitmPort, routes, undefined);
    await this.set(runtimeConfig);
  }

  /**
   * Makes the listeners as the runtime config says, and opens those that are missing. Returns those of the host routes.
   */
  async set({ network, hostRoutes, overrides: { interception } }: SessionRuntimeConfig): Promise<HostRouteListener[]> {
    const own = this.#own;
    if (own === undefined) return [];
    for (const { pattern, mitmPort } of hostRoutes) {
      if (this.#hostRoutes.has(pattern)) continue;
      const routes = new HostRoutes({ isOne: true });
      this.#hostRoutes.set(pattern, await this.#listen(mitmPort, routes, pattern));
    }
    own.network.set(network);
    for (const route of hostRoutes) this.#hostRoutes.get(route.pattern)?.network.set(route.network);
    this.#modelled = this.#all().some(({ network: { staged } }) => staged);
    this.#setRoutes(own, hostRoutes);
    const routing = JSON.stringify([hostRoutes.map(({ pattern, port }) => port !== 0 && pattern), interception]);
    if (routing !== this.#routing && this.#routing !== '') for (const { listener } of this.#all()) listener.reroute();
    this.#routing = routing;
    return this.hostRoutes;
  }

  /** Whether any connection may pass a modelled network; `meterOf` knows which. */
  get modelled(): boolean {
    return this.#modelled;
  }

  meterOf(...streams: readonly Duplex[]): ConnectionMeter | undefined {
    for (const { network } of this.#all()) {
      const meter = network.meterOf(...streams);
      if (meter !== undefined) return meter;
    }
    return undefined;
  }

  /** The receipts of what held a connection back before it was served. Only the first exchange on it gets them. */
  takeHeld(accepted: Duplex): FaultReceipt[] {
    const held = this.#held.get(accepted) ?? [];
    this.#held.delete(accepted);
    return held;
  }

  /** Whether a connection came by a host route. */
  cameByRoute(accepted: Duplex): boolean {
    return this.#byHostRoute.has(accepted);
  }

  totals(): NetworkTotals | undefined {
    const totals = this.#all().flatMap(({ network }) => network.totals() ?? []);
    return totals.length === 0 ? undefined : totals.reduce(addTotals);
  }

  async close(): Promise<void> {
    for (const { network } of this.#all()) network.close();
    await Promise.all(this.#all().map(({ listener }) => listener.close()));
  }

  #all(): RoutedListener[] {
    return [...(this.#own === undefined ? [] : [this.#own]), ...this.#hostRoutes.values()];
  }

  /** Puts a connection into the network. `pattern`: the hosts that its listener is for; `undefined`: all. */
  #accept(socket: Socket, network: SessionNetwork, pattern: string | undefined): Duplex {
    const stream = network.accept(socket);
    if (pattern !== undefined) this.#byHostRoute.add(stream);
    const held = this.#held.get(socket);
    if (held !== undefined) this.#held.set(stream, held);
    return stream;
  }

  #admit(socket: Socket, pattern: string | undefined): ConnectionFate | undefined {
    const { fate, delays } = this.#toxics.connection(pattern);
    if (delays.length > 0)
      this.#held.set(
        socket,
        delays.map(({ toxic, delayMs }) => delayReceipt(toxic, delayMs)),
      );
    return fate;
  }

  /** Gives each listener the host routes that come after its own. */
  #setRoutes(own: RoutedListener, hostRoutes: readonly HostRouteConfig[]): void {
    const open = hostRoutes.filter(({ port }) => port !== 0);
    own.routes.set(open);
    for (const [index, { pattern }] of hostRoutes.entries()) {
      const after = hostRoutes.slice(index + 1);
      this.#hostRoutes.get(pattern)?.routes.set(after.filter(({ port }) => port !== 0));
    }
  }

  async #listen(port: number, routes: HostRoutes, pattern: string | undefined): Promise<RoutedListener> {
    let listener: MitmListener | undefined;
    const network = new SessionNetwork(() => listener?.unwrappedSockets() ?? []);
    const options = {
      ...this.#options,
      routes,
      accept: (socket: Socket) => this.#accept(socket, network, pattern),
      admit: (socket: Socket) => this.#admit(socket, pattern),
    };
    try {
      listener = await this.#engine.open({ ...options, port });
    } catch (error) {
      if (port === 0) throw error;
      listener = await this.#engine.open({ ...options, port: 0 });
    }
    return { listener, network, routes };
  }
}
