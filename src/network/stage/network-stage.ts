import type { Socket } from 'node:net';
import { instrument } from './instrumented-socket.js';
import { DeliveryTrace } from '../delivery-trace.js';
import { LinkDirection, type LinkRate } from '../link-direction.js';
import { LossSources } from './loss-sources.js';
import { lossless, type LossProcess } from '../loss-process.js';
import {
  isClean,
  type DirectionConditions,
  type NetworkConditions,
  type RateConditions,
} from './network-conditions.js';
import { createRandom, deriveSeed } from '../random.js';
import { addTotals, noTotals, totalsOf, type NetworkTotals } from './network-totals.js';
import { RealTimeEvents } from './real-time-events.js';
import type { ConnectionReport } from './connection-report.js';
import { ShapedConnection, type SharedLink } from './shaped-connection.js';
import { ShapedSocket } from './shaped-socket.js';

/**
 * The network between the clients and the server of one listener, in user space: packet loss as TCP feels it, and one
 * access link that all connections share. It never sees a packet: each connection's TCP is modelled, and its bytes are
 * held back as long as TCP would. No byte is lost, doubled or reordered. What it does is `modelled`, not `real`.
 */
export class NetworkStage {
  readonly #events: RealTimeEvents;
  readonly #link: SharedLink;
  readonly #shared = new LossSources(-1);
  readonly #connections = new Set<{ readonly connection: ShapedConnection; reset: () => void }>();
  /** Traces that packets go by at present, with where they are in them. */
  readonly #traces = new Map<string, DeliveryTrace>();
  #conditions: NetworkConditions;
  #count = 0;
  /** What the connections that are gone had met. */
  #ended = noTotals;

  /** `clock` is monotonic, in milliseconds. */
  constructor(conditions: NetworkConditions, { clock }: { clock?: () => number } = {}) {
    this.#events = new RealTimeEvents(clock);
    this.#conditions = conditions;
    const delays = modelDelays(conditions);
    this.#link = {
      up: this.#direction(conditions.up, delays.up, 0),
      down: this.#direction(conditions.down, delays.down, 1),
    };
  }

  /** Whether a new connection has to be wrapped at all. */
  get active(): boolean {
    const { up, down, handshake } = this.#conditions;
    return !isClean(up) || !isClean(down) || (handshake.takesRoundTrip && up.delayMs + down.delayMs > 0);
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Puts the network between a socket that a client has opened and whoever reads the result. */
  wrap(socket: Socket): ShapedSocket {
    const connection = this.#connection();
    const shaped = new ShapedSocket(socket, connection);
    this.#keep(connection, () => shaped.resetAndDestroy(), shaped.released);
    connection.connect(this.#conditions, () => shaped.timedOut('the handshake'));
    return shaped;
  }

  /** Puts the network into a connection that has been in use without it; its handshake is long over. */
  instrument(socket: Socket): void {
    const connection = this.#connection();
    const released = instrument(socket, connection);
    const reset = (): void => {
      connection.close();
      socket.destroy();
    };
    this.#keep(connection, reset, released);
    connection.connect({ ...this.#conditions, handshake: { loses: false, takesRoundTrip: false } }, () => undefined);
  }

  /** Other conditions from now on, for open connections too. What is on its way is delivered in order. */
  update(conditions: NetworkConditions): void {
    this.#conditions = conditions;
    this.#events.run(() => {
      const delays = modelDelays(conditions);
      this.#refresh(this.#link.up, conditions.up, delays.up, 0);
      this.#refresh(this.#link.down, conditions.down, delays.down, 1);
      for (const { connection } of this.#connections) connection.update(conditions);
    });
  }

  /** What the open connections have met. */
  reports(): ConnectionReport[] {
    return [...this.#connections].map(({ connection }) => connection.report());
  }

  /** What all connections have met so far. */
  totals(): NetworkTotals {
    return this.reports().map(totalsOf).reduce(addTotals, this.#ended);
  }

  /** Resets all connections that are open. */
  close(): void {
    for (const { reset } of this.#connections) reset();
    this.#events.close();
  }

  #connection(): ShapedConnection {
    const index = this.#count;
    this.#count += 1;
    return new ShapedConnection(this.#events, { link: this.#link, conditions: this.#conditions, index });
  }

  #keep(connection: ShapedConnection, reset: () => void, released: Promise<void>): void {
    const kept = { connection, reset };
    this.#connections.add(kept);
    void released.then(() => {
      this.#connections.delete(kept);
      this.#ended = addTotals(this.#ended, totalsOf(connection.report()));
    });
  }

  #direction(conditions: DirectionConditions, delayMs: number, index: number): LinkDirection {
    const random = createRandom(deriveSeed(this.#conditions.seed, 1000 + index));
    const link = new LinkDirection({
      delayMs,
      loss: this.#loss(conditions, index),
      rate: this.#rate(conditions.rate),
      random,
    });
    link.jitterMs = conditions.jitterMs ?? 0;
    return link;
  }

  #refresh(link: LinkDirection, conditions: DirectionConditions, delayMs: number, index: number): void {
    link.delayMs = delayMs;
    link.rate = this.#rate(conditions.rate);
    link.jitterMs = conditions.jitterMs ?? 0;
    link.loss = this.#loss(conditions, index);
  }

  #rate(rate: RateConditions | undefined): LinkRate | undefined {
    if (rate?.trace === undefined) return rate as LinkRate | undefined;
    const { name, opportunities, startedAt } = rate.trace;
    const key = `${name} ${opportunities.length} ${startedAt}`;
    let trace = this.#traces.get(key);
    if (trace === undefined) {
      // The clocks run alike; only their zeros differ.
      trace = new DeliveryTrace(opportunities, this.#events.queue.now + startedAt - Date.now());
      this.#traces.set(key, trace);
    }
    return { bytesPerMs: trace.meanRate, queuePackets: rate.queuePackets, trace };
  }

  /** The loss that all connections share is like that of one more connection. */
  #loss({ sharedLoss }: DirectionConditions, index: number): LossProcess {
    if (sharedLoss === undefined) return lossless;
    const [process] = this.#shared.processes([{ model: sharedLoss, toxicity: 1, seed: this.#conditions.seed }], index);
    return process ?? lossless;
  }
}

/**
 * The delays of the model. The stage sits at the server's end: what a client sends has had its delay when it gets here,
 * so the model runs all that the client does by that much later, and the way back takes as much longer.
 */
function modelDelays({ up, down }: NetworkConditions): { up: number; down: number } {
  const elsewhere = Math.min(up.delayedElsewhereMs, up.delayMs);
  return { up: up.delayMs - elsewhere, down: down.delayMs + elsewhere };
}
