import { ProxyctlError } from '../../src/errors/index.js';
import type { Toxic } from '../../src/toxics/toxic.js';
import { sameToxic, toWire } from '../../src/toxics/wire.js';
import type { ToxiproxyApi, ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';
import { address, put } from './put-proxy.js';

/** Toxiproxy's API while it is up, and how often it was started. */
export interface RunningToxiproxy {
  api: ToxiproxyApi;
  generation: number;
}

/** A proxy as it should be: where it listens (port 0: anywhere), and the port on loopback that it leads to. */
interface DesiredProxy {
  name: string;
  host: string;
  port: number;
  upstreamPort: number;
}

/** The proxies in Toxiproxy that are sessions' listeners, and their toxics. */
export class Proxies {
  readonly #running: () => RunningToxiproxy | undefined;
  /** The proxies that we created or changed in the present run of Toxiproxy. */
  #registered = new Set<string>();
  /** Of each proxy the toxics that we added or have adopted. Others were added meanwhile: `observe` adopts those. */
  readonly #known = new Map<string, Set<string>>();
  #generation = 0;

  constructor(running: () => RunningToxiproxy | undefined) {
    this.#running = running;
  }

  /** Forgets everything if Toxiproxy was started anew; returns whether it was. */
  noticeRestart(): boolean {
    const toxiproxy = this.#running();
    if (toxiproxy === undefined || toxiproxy.generation === this.#generation) return false;
    this.#generation = toxiproxy.generation;
    this.#registered = new Set();
    this.#known.clear();
    return true;
  }

  /** The API; throws while Toxiproxy is down. */
  get api(): ToxiproxyApi {
    const toxiproxy = this.#running();
    if (toxiproxy === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'Toxiproxy is not up');
    return toxiproxy.api;
  }

  has(name: string): boolean {
    return this.#registered.has(name);
  }

  /** Forgets that a proxy is as it should be: it is put again. Returns whether it was known. */
  forget(name: string): boolean {
    return this.#registered.delete(name);
  }

  /** All proxies that Toxiproxy has; `undefined` while it is down. */
  async list(): Promise<readonly ToxiproxyProxy[] | undefined> {
    return this.#running()?.api.proxies();
  }

  /** The proxies of these names that there are; `undefined` while Toxiproxy is down. */
  async read(names: readonly string[]): Promise<Map<string, ToxiproxyProxy> | undefined> {
    const api = this.#running()?.api;
    if (api === undefined) return undefined;
    return byName((await Promise.all(names.map((name) => api.proxy(name)))).flatMap((proxy) => proxy ?? []));
  }

  /** Creates or changes the proxy unless it is registered already. Throws when somebody deleted one that is. */
  async reconcile(desired: DesiredProxy, api: ToxiproxyApi): Promise<ToxiproxyProxy> {
    const { name, host, port, upstreamPort } = desired;
    if (this.#registered.has(name)) {
      const present = await api.proxy(name);
      if (present === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'its listener is gone from Toxiproxy');
      return present;
    }
    const upstream = address('127.0.0.1', upstreamPort);
    const proxy = await put(api, { name, listen: address(host, port), upstream, enabled: true });
    this.#registered.add(name);
    return proxy;
  }

  /** Makes the toxics of the proxy these, but for toxics that others have added. */
  async reconcileToxics(toxics: readonly Toxic[], proxy: ToxiproxyProxy, api: ToxiproxyApi): Promise<void> {
    const desired = toxics.flatMap(toWire);
    const known = this.#knownOf(proxy.name);
    for (const toxic of proxy.toxics) {
      const kept = desired.find(({ name }) => name === toxic.name);
      if (kept === undefined && !known.has(toxic.name)) continue;
      if (kept === undefined || kept.type !== toxic.type || kept.stream !== toxic.stream)
        await api.removeToxic(proxy.name, toxic.name);
    }
    for (const toxic of desired) {
      known.add(toxic.name);
      const present = proxy.toxics.find(
        ({ name, type, stream }) => name === toxic.name && type === toxic.type && stream === toxic.stream,
      );
      if (present === undefined) await api.addToxic(proxy.name, toxic);
      else if (!sameToxic(present, toxic))
        await api.updateToxic(proxy.name, toxic.name, { toxicity: toxic.toxicity, attributes: toxic.attributes });
    }
  }

  /** Marks all toxics that the proxy has as known. */
  know({ name, toxics }: ToxiproxyProxy): void {
    const known = this.#knownOf(name);
    for (const toxic of toxics) known.add(toxic.name);
  }

  /** Deletes a proxy, if it is registered and Toxiproxy is up. */
  async remove(name: string): Promise<void> {
    this.#known.delete(name);
    const toxiproxy = this.#running();
    if (toxiproxy !== undefined && this.#registered.delete(name)) await toxiproxy.api.deleteProxy(name);
  }

  #knownOf(proxyName: string): Set<string> {
    const known = this.#known.get(proxyName) ?? new Set();
    this.#known.set(proxyName, known);
    return known;
  }
}

export function byName(proxies: readonly ToxiproxyProxy[]): Map<string, ToxiproxyProxy> {
  return new Map(proxies.map((proxy) => [proxy.name, proxy]));
}
