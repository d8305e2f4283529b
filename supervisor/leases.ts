import { messageOf } from '../src/errors/index.js';
import type { Logger } from '../src/core/logger.js';
import type { DesiredSession } from './desired-state.js';

const retryMs = 1000;

interface LeaseOptions {
  logger: Logger;
  /** Ends the session; what it records is kept aside. */
  end: (session: DesiredSession) => Promise<unknown>;
}

/** Ends sessions that were left: without traffic and without a renewal for as long as their lease. */
export class Leases {
  readonly #options: LeaseOptions;
  readonly #timers = new Map<DesiredSession, NodeJS.Timeout>();
  #closed = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** To be called when a session has come, and when its lease has changed. */
  watch(session: DesiredSession): void {
    this.forget(session);
    const leftMs = session.leaseLeftMs;
    if (leftMs === undefined || this.#closed) return;
    this.#arm(session, leftMs);
  }

  forget(session: DesiredSession): void {
    clearTimeout(this.#timers.get(session));
    this.#timers.delete(session);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #arm(session: DesiredSession, inMs: number): void {
    // Timers of Node hold 2^31 - 1 ms at the most; a longer lease looks at the clock again then.
    const timer = setTimeout(() => void this.#look(session), Math.min(Math.max(inMs, 1), 2 ** 31 - 1));
    this.#timers.set(session, timer.unref());
  }

  async #look(session: DesiredSession): Promise<void> {
    this.#timers.delete(session);
    const leftMs = session.leaseLeftMs ?? Infinity;
    if (leftMs > 0) {
      if (leftMs < Infinity) this.#arm(session, leftMs);
      return;
    }
    const { id, leaseSeconds } = session.spec;
    const { logger, end } = this.#options;
    logger.info(`Session ${id} ends: nobody has used it for ${leaseSeconds} s`);
    try {
      await end(session);
    } catch (error) {
      logger.error(`Session ${id} did not end in order`, { error: messageOf(error) });
      if (!this.#closed) this.#arm(session, retryMs);
    }
  }
}
