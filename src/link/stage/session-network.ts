import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { cleanDirection, type NetworkConditions } from './network-conditions.js';
import { NetworkStage } from './network-stage.js';

/**
 * The network in front of one session's listener: a stage while conditions are asked for, else nothing at all: a connection
 * that comes meanwhile is handed on as it is.
 */
export class SessionNetwork {
  #stage: NetworkStage | undefined;
  #conditions: NetworkConditions | undefined;

  /** Applies conditions to new connections and to those that are open and have met a stage; `undefined`: none from now on. */
  set(conditions: NetworkConditions | undefined): void {
    // With nothing open, the next connection is the first one again: equal seeds meet equal connections.
    if (this.#conditions === undefined && this.#stage?.connections === 0) {
      this.#stage.close();
      this.#stage = undefined;
    }
    this.#conditions = conditions;
    if (this.#stage !== undefined) this.#stage.update(conditions ?? clean);
    else if (conditions !== undefined) this.#stage = new NetworkStage(conditions);
  }

  /** What the proxy is to read and write in place of a client's socket. */
  accept(socket: Socket): Duplex {
    return this.#conditions !== undefined && this.#stage?.active === true ? this.#stage.wrap(socket) : socket;
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
