import type { EventQueue } from '../event-queue.js';
import { lost, type PacketPath } from '../link-direction.js';
import { headerBytes } from '../tcp/constants.js';
import { kernelTimerExpiry } from '../tcp/kernel-timer.js';

/**
 * Time-outs before the first, second, … repeated SYN (Linux: four linear ones, then doubling; `tcp_syn_retries` = 6),
 * ms.
 */
const synTimeouts = [1000, 1000, 1000, 1000, 1000, 2000, 4000];

/**
 * The three-way handshake of a connection that the kernel has long accepted: a lost SYN or SYN-ACK is sent again by the
 * client on its schedule. The server's own repetition of its SYN-ACK, due at almost the same time, is left out.
 */
export class Handshake {
  readonly #events: EventQueue;
  readonly #up: PacketPath;
  readonly #down: PacketPath;
  readonly #done: (established: boolean) => void;
  #tries = 0;
  #over = false;

  /** `done` is called once: with false when every SYN was lost (ETIMEDOUT). */
  constructor(
    events: EventQueue,
    { up, down, done }: { up: PacketPath; down: PacketPath; done: (established: boolean) => void },
  ) {
    this.#events = events;
    this.#up = up;
    this.#down = down;
    this.#done = done;
    this.#try(undefined);
  }

  cancel(): void {
    this.#over = true;
  }

  readonly #try = (_: undefined): void => {
    if (this.#over) return;
    const { now } = this.#events;
    const timeout = synTimeouts[this.#tries];
    if (timeout === undefined) return this.#finish(false);
    this.#tries += 1;
    const leaves = this.#up.transmit(headerBytes, now);
    if (leaves !== lost) this.#events.at(leaves + this.#up.delayMs, this.#answer, undefined);
    this.#events.at(kernelTimerExpiry(now, timeout), this.#try, undefined);
  };

  readonly #answer = (_: undefined): void => {
    if (this.#over) return;
    const leaves = this.#down.transmit(headerBytes, this.#events.now);
    if (leaves !== lost) this.#events.at(leaves + this.#down.delayMs, this.#establish, undefined);
  };

  readonly #establish = (_: undefined): void => {
    if (!this.#over) this.#finish(true);
  };

  #finish(established: boolean): void {
    this.#over = true;
    this.#done(established);
  }
}
