import { setTimeout as delay } from 'node:timers/promises';
import type { StackApi } from '../api/client.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../errors/index.js';
import type { LiveStore } from './live-store.js';

const pollEveryMs = 1000;
/** Waits before the next try, the last one for all that follow. */
const retryMs = [250, 500, 1000, 2000];
const settledMs = 500;

/**
 * Brings what happens in a stack to the view: its status once a second, its events as they come. Reconnects for ever.
 */
export class LiveFeed {
  readonly #stack: StackApi;
  readonly #store: LiveStore;
  readonly #clock: Clock;
  /** What stands in the way of each, while it does. */
  readonly #trouble: { status?: string; events?: string } = {};
  #startedAt: string | undefined;
  #lastSeq: number | undefined;
  /** When the present stream of events was asked for (`performance.now()`); undefined between two. */
  #openSince: number | undefined;

  constructor(stack: StackApi, store: LiveStore, clock: Clock) {
    this.#stack = stack;
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves when `signal` aborts; never rejects because of the stack. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pollStatus(signal), this.#followEvents(signal)]);
  }

  async #pollStatus(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const status = await this.#stack.status();
        // A stack that was started anew counts its events from the beginning.
        if (this.#startedAt !== status.startedAt) this.#lastSeq = undefined;
        this.#startedAt = status.startedAt;
        if (signal.aborted) return;
        this.#store.dispatch({ type: 'status', status, now: this.#clock.now() });
        this.#trouble.status = undefined;
      } catch (error) {
        this.#trouble.status = messageOf(error);
      }
      if (!signal.aborted) this.#report();
      await pause(pollEveryMs, signal);
    }
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      this.#openSince = performance.now();
      try {
        for await (const event of this.#stack.events({ signal, ...this.#since() })) {
          failures = 0;
          if (event.type !== 'missed') this.#lastSeq = event.seq;
          this.#store.event(event);
        }
        this.#trouble.events = 'The stack closed its stream of events';
      } catch (error) {
        this.#trouble.events = messageOf(error);
      }
      if (performance.now() - this.#openSince > settledMs) failures = 0;
      this.#openSince = undefined;
      this.#report();
      await pause(retryMs[Math.min(failures++, retryMs.length - 1)] ?? pollEveryMs, signal);
    }
  }

  #since(): { since?: number } {
    return this.#lastSeq === undefined ? {} : { since: this.#lastSeq };
  }

  /** A stream of events says nothing until something happens: one that stays open is taken to be well. */
  #report(): void {
    if (this.#openSince !== undefined && performance.now() - this.#openSince > settledMs)
      this.#trouble.events = undefined;
    const message = this.#trouble.status ?? this.#trouble.events;
    this.#store.dispatch({
      type: 'connection',
      connection: message === undefined ? { state: 'connected' } : { state: 'lost', message },
    });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
