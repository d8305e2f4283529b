import { isIP } from 'node:net';
import type { ExchangeNotes, Interceptor } from '../http/index.js';
import type { Lookups } from '../proxy/upstream/lookups.js';
import { Route, type RouteOptions } from '../proxy/upstream/route/route.js';
import { delayReceipt, sum, type OwnToxics, type ToxicDelay } from './own-toxics.js';

/** A resolution that is being delayed. */
interface Delayed {
  over: Promise<void>;
  endsAt: number;
  delays: readonly ToxicDelay[];
}

/**
 * The host names that one session resolves: toxics may delay that. Connections that want the same name meanwhile wait
 * with the first.
 */
export class SessionLookups implements Lookups {
  readonly #toxics: OwnToxics;
  readonly #changed: () => void;
  readonly #resolved: Set<string>;
  readonly #delayed = new Map<string, Delayed>();

  /**
   * `resolved`: names that the session has resolved before this process was started. `changed`: called when there are
   * more.
   */
  constructor(toxics: OwnToxics, resolved: readonly string[], changed: () => void) {
    this.#toxics = toxics;
    this.#resolved = new Set(resolved);
    this.#changed = changed;
  }

  before(name: string, target: { host: string; port: number }, notes?: ExchangeNotes): Promise<void> | undefined {
    const host = keyOf(name);
    const delayed = this.#delayed.get(host) ?? this.#delay(host, target);
    if (delayed === undefined) return undefined;
    const leftMs = Math.max(0, delayed.endsAt - performance.now());
    const share = leftMs / sum(delayed.delays);
    const receipts = delayed.delays.map(({ toxic, delayMs }) => delayReceipt(toxic, delayMs * share));
    if (notes !== undefined) notes.faults = [...(notes.faults ?? []), ...receipts];
    return delayed.over;
  }

  resolved(name: string): void {
    const host = keyOf(name);
    if (this.#resolved.has(host)) return;
    this.#resolved.add(host);
    this.#changed();
  }

  /** Names that were resolved after so many others, in order. */
  after(count: number): string[] {
    return count === this.#resolved.size ? [] : [...this.#resolved].slice(count);
  }

  get count(): number {
    return this.#resolved.size;
  }

  /** Stands where no name is resolved (in replay): the first request to each host meets what its lookup would. */
  interceptor(routing: RouteOptions): Interceptor {
    const route = new Route(routing);
    return async (exchange, next) => {
      const { host, port } = exchange.request;
      const name = route.addressOf({ host, port }).host;
      if (isIP(name) !== 0) return next(exchange);
      await this.before(name, { host, port }, exchange.notes);
      this.resolved(name);
      return next(exchange);
    };
  }

  #delay(host: string, target: { host: string; port: number }): Delayed | undefined {
    const delays = this.#toxics.lookup({ host, first: !this.#resolved.has(host) }, target);
    if (delays.length === 0) return undefined;
    const delayMs = sum(delays);
    const over = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.#delayed.delete(host);
        resolve();
      }, delayMs).unref();
    });
    const delayed = { over, endsAt: performance.now() + delayMs, delays };
    this.#delayed.set(host, delayed);
    return delayed;
  }
}

/** Names of hosts are the same in any case, and with the root's dot or without. */
function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
