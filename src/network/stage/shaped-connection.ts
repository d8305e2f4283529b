import { LossyPath, type LinkDirection, type PacketPath } from '../link-direction.js';
import { ConnectionMeter } from './connection-meter.js';
import type { ConnectionReport } from './connection-report.js';
import { Handshake } from './handshake.js';
import { LossSources } from './loss-sources.js';
import { isModelled, type DirectionConditions, type NetworkConditions } from './network-conditions.js';
import type { RealTimeEvents } from './real-time-events.js';
import { ShapedDirection, type DirectionMode } from './shaped-direction.js';

/** The directions of the link that all connections of a stage share. */
export interface SharedLink {
  up: LinkDirection;
  down: LinkDirection;
}

/** One connection through the stage: two directions that acknowledge each other's bytes over each other's path. */
export class ShapedConnection {
  readonly up: ShapedDirection;
  readonly down: ShapedDirection;
  /** What befalls each use of the connection. */
  readonly meter = new ConnectionMeter(this);
  readonly #events: RealTimeEvents;
  readonly #losses: LossSources;
  readonly #upPath: LossyPath;
  readonly #downPath: LossyPath;
  #handshake: Handshake | undefined;
  #handshakeMs = 0;
  /** Whether a link is part of its path. */
  #link: boolean;

  /** `index`: the how-many-th connection this is; its chance follows from it and the seeds. */
  constructor(
    events: RealTimeEvents,
    { link, conditions, index }: { link: SharedLink; conditions: NetworkConditions; index: number },
  ) {
    this.#events = events;
    this.#link = conditions.link === true;
    this.#losses = new LossSources(index);
    this.#upPath = new LossyPath(this.#losses.processes(conditions.up.losses, 0), link.up);
    this.#downPath = new LossyPath(this.#losses.processes(conditions.down.losses, 1), link.down);
    const modes = directionModes(conditions);
    this.up = new ShapedDirection(events, { forward: this.#upPath, reverse: this.#downPath, mode: modes.up });
    this.down = new ShapedDirection(events, { forward: this.#downPath, reverse: this.#upPath, mode: modes.down });
  }

  /** Starts the handshake; bytes that come before it is over wait. `failed`: every SYN was lost. */
  connect({ handshake, up }: NetworkConditions, failed: () => void): void {
    this.#events.run(() => {
      if (!handshake.loses && !handshake.takesRoundTrip) return this.#open();
      const start = this.#events.queue.now;
      this.#handshake = new Handshake(this.#events.queue, {
        up: handshakePath(this.#upPath, handshake),
        down: handshakePath(this.#downPath, handshake),
        done: (established) => {
          const { now } = this.#events.queue;
          this.#handshakeMs = now - start;
          if (!established) failed();
          // The client's first byte leaves when it is established and then has its way before it: others add that
          // delay,
          // but to a byte that was sent too early.
          else if (now > start) this.#events.queue.at(now + up.delayedElsewhereMs, this.#open, undefined);
          else this.#open();
        },
      });
    });
  }

  /** Other conditions from now on, for what is under way as well. */
  update(conditions: NetworkConditions): void {
    this.#link = conditions.link === true;
    this.#upPath.losses = this.#losses.processes(conditions.up.losses, 0);
    this.#downPath.losses = this.#losses.processes(conditions.down.losses, 1);
    const modes = directionModes(conditions);
    this.up.mode = modes.up;
    this.down.mode = modes.down;
  }

  /** Nothing is held in either direction. */
  get idle(): boolean {
    return this.up.idle && this.down.idle;
  }

  report(): ConnectionReport {
    return {
      up: { ...this.up.counters, heldMs: this.up.heldMs },
      down: { ...this.down.counters, heldMs: this.down.heldMs },
      handshakeMs: this.#handshakeMs,
    };
  }

  lossesBy(): { up: ReadonlyMap<string, number>; down: ReadonlyMap<string, number> } {
    return { up: this.#upPath.lostBy, down: this.#downPath.lostBy };
  }

  /** What loses or delays its packets at present. */
  sources(): { up: string[]; down: string[] } {
    const link = this.#link ? ['link'] : [];
    const names = ({ losses }: LossyPath): string[] => [...losses.flatMap(({ name }) => name ?? []), ...link];
    return { up: names(this.#upPath), down: names(this.#downPath) };
  }

  whenDelivered(done: () => void): void {
    this.down.whenDelivered(done);
  }

  /** Drops all that is held. */
  close(): void {
    this.#handshake?.cancel();
    this.up.close();
    this.down.close();
  }

  readonly #open = (_?: undefined): void => {
    this.up.open();
    this.down.open();
  };
}

function directionModes({ up, down, control }: NetworkConditions): { up: DirectionMode; down: DirectionMode } {
  // A loss of ACKs alone is felt too, so that both directions are modelled as soon as one is.
  const modelled = isModelled(up) || isModelled(down);
  const mode = ({ delayMs, delayedElsewhereMs }: DirectionConditions): DirectionMode => ({
    modelled,
    control,
    addedDelayMs: Math.max(0, delayMs - delayedElsewhereMs),
  });
  return { up: mode(up), down: mode(down) };
}

function handshakePath(path: PacketPath, { loses, takesRoundTrip }: NetworkConditions['handshake']): PacketPath {
  return {
    delayMs: takesRoundTrip ? path.delayMs : 0,
    transmit: loses ? (bytes, now) => path.transmit(bytes, now) : (_, now) => now,
    capacity: () => Infinity,
  };
}
