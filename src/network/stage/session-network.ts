import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionMeter } from './connection-meter.js';
import { instrumentedConnection, isInstrumented } from './instrumented-socket.js';
import { cleanDirection, type NetworkConditions } from './network-conditions.js';
import { NetworkStage } from './network-stage.js';
import { addTotals, noTotals, type NetworkTotals } from './network-totals.js';
import { ShapedSocket } from './shaped-socket.js';

/**
 * The network in front of one session's listener: a stage while conditions are asked for, else nothing at all: a
 * connection that comes meanwhile is handed on as it is.
 */
export class SessionNetwork {
  #stage: NetworkStage | undefined;
  #conditions: NetworkConditions | undefined;
  /** What the connections of earlier stages met. */
  #before = noTotals;
  readonly #unwrapped: () => Iterable<Socket>;

  /**
   * `unwrapped`: the connections that are open and were not wrapped, as the proxy reads and writes them last (TLS ones
   * by their TLS).
   */
  constructor(unwrapped: () => Iterable<Socket> = () => []) {
    this.#unwrapped = unwrapped;
  }

  /** Applies conditions to connections that are open and to new ones; `undefined`: none from now on. */
  set(conditions: NetworkConditions | undefined): void {
    // With nothing open, the next connection is the first one again: equal seeds meet equal connections.
    if (this.#conditions === undefined && this.#stage?.connections === 0) {
      this.#before = addTotals(this.#before, this.#stage.totals());
      this.#stage.close();
      this.#stage = undefined;
    }
    this.#conditions = conditions;
    if (this.#stage !== undefined) this.#stage.update(conditions ?? clean);
    else if (conditions !== undefined) this.#stage = new NetworkStage(conditions);
    if (this.#stage?.active === true) this.#instrument(this.#stage);
  }

  /** What the proxy is to read and write in place of a client's socket. */
  accept(socket: Socket): Duplex {
    return this.#conditions !== undefined && this.#stage?.active === true ? this.#stage.wrap(socket) : socket;
  }

  /** Whether there is a stage, be it for what is left of connections that have passed one. */
  get staged(): boolean {
    return this.#stage !== undefined;
  }

  /**
   * The meter of a connection that passes a stage, by any of the streams that it is to the proxy; the last is what was
   * accepted.
   */
  meterOf(...streams: readonly Duplex[]): ConnectionMeter | undefined {
    for (const stream of streams) {
      const connection = stream instanceof ShapedSocket ? stream.connection : instrumentedConnection(stream);
      if (connection !== undefined) return connection.meter;
    }
    return undefined;
  }

  #instrument(stage: NetworkStage): void {
    for (const socket of this.#unwrapped()) if (!isInstrumented(socket)) stage.instrument(socket);
  }

  /** What connections have met so far; `undefined` when there never was a stage. */
  totals(): NetworkTotals | undefined {
    if (this.#stage !== undefined) return addTotals(this.#before, this.#stage.totals());
    return this.#before.connections === 0 ? undefined : this.#before;
  }

  /** Resets the connections that have met a stage. */
  close(): void {
    this.#stage?.close();
  }
}

/** For what is still on its way when the last toxic goes. */
const clean: NetworkConditions = {
  up: cleanDirection,
  down: cleanDirection,
  control: 'cubic',
  handshake: { loses: false, takesRoundTrip: false },
  seed: 0,
};
