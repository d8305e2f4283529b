import type { Logger } from '../../src/core/logger.js';
import { messageOf, ProxyctlError } from '../../src/errors/index.js';
import { fromWire, toWire } from '../../src/toxics/wire.js';
import type { ForeignProxy } from '../desired-state.js';
import type { ToxiproxyApi, ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';
import type { RunningToxiproxy } from './proxies.js';
import { put } from './put-proxy.js';

/** The proxies in Toxiproxy that others made: kept as they are, and put back after a restart. */
export class ForeignProxies {
  readonly #running: () => RunningToxiproxy | undefined;
  readonly #desired: Map<string, ForeignProxy>;
  readonly #logger: Logger;
  /** Those that the present run of Toxiproxy has. */
  readonly #present = new Set<string>();

  constructor(running: () => RunningToxiproxy | undefined, desired: Map<string, ForeignProxy>, logger: Logger) {
    this.#running = running;
    this.#desired = desired;
    this.#logger = logger;
  }

  /** Toxiproxy was started anew and has none. */
  forget(): void {
    this.#present.clear();
  }

  /** Creates one. Throws Toxiproxy's error. */
  async add(proxy: ForeignProxy): Promise<void> {
    const toxiproxy = this.#running();
    if (toxiproxy === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'Toxiproxy is not up');
    const { listen } = await create(toxiproxy.api, proxy);
    this.#present.add(proxy.name);
    this.#desired.set(proxy.name, { ...proxy, listen });
  }

  /** Puts back those that are missing. A failure is logged. */
  async restore(): Promise<void> {
    for (const proxy of this.#desired.values()) {
      const toxiproxy = this.#running();
      if (toxiproxy === undefined || this.#present.has(proxy.name)) continue;
      try {
        await create(toxiproxy.api, proxy);
        this.#present.add(proxy.name);
      } catch (error) {
        this.#logger.warn(`Proxy ${proxy.name} could not be put back`, { error: messageOf(error) });
      }
    }
  }

  /**
   * Takes these as all that there should be. What a dead Toxiproxy took along is among them: `restore` has put it back
   * before.
   */
  adopt(proxies: readonly ToxiproxyProxy[]): void {
    this.#present.clear();
    this.#desired.clear();
    for (const proxy of proxies) {
      this.#present.add(proxy.name);
      this.#desired.set(proxy.name, { ...proxy, toxics: proxy.toxics.map((toxic) => fromWire(toxic, true)) });
    }
  }
}

async function create(api: ToxiproxyApi, proxy: ForeignProxy): Promise<ToxiproxyProxy> {
  const { name, listen, upstream, enabled } = proxy;
  const created = await put(api, { name, listen, upstream, enabled });
  const present = new Set(created.toxics.map((toxic) => toxic.name));
  for (const toxic of proxy.toxics.flatMap(toWire)) if (!present.has(toxic.name)) await api.addToxic(name, toxic);
  return created;
}
