import { SerialQueue } from './serial-queue.js';
import type { Logger } from '../src/core/logger.js';
import { messageOf, ProxyctlError } from '../src/errors/index.js';
import { networkConditions } from './network-conditions.js';
import type { ActiveLink } from '../src/network/link.js';
import { networkPartOf } from '../src/toxics/lookup.js';
import type { NetworkPart } from '../src/toxics/network-part.js';
import { disabledProxy, fromWire, sameToxic, toWire } from '../src/toxics/wire.js';
import type { Toxic } from '../src/toxics/toxic.js';
import type { DesiredSession, DesiredState, ForeignProxy } from './desired-state.js';
import type { DropRule, KernelLoss } from './kernel-loss.js';
import type { MitmProcess } from './mitm-process.js';
import type { RunningMitm } from './mitm-workers.js';
import type { NewToxiproxyProxy, ToxiproxyApi, ToxiproxyProxy } from './toxiproxy/toxiproxy-api.js';
import type { HostRouteListener, SessionRuntimeConfig } from '../src/protocol/worker-protocol.js';

export interface ReconcilerOptions {
  desired: DesiredState;
  /** The children while they are up, and how often each was started. */
  mitm: (worker: number) => RunningMitm | undefined;
  toxiproxy: () => { api: ToxiproxyApi; generation: number } | undefined;
  kernel: KernelLoss;
  logger: Logger;
}

/**
 * Makes the children what the desired state says. The same function serves a change to one session and a restart of a child
 * that has forgotten everything; runs never overlap.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #lane = new SerialQueue();
  /** Of each session the run of its MITM process that has it open, and what it has around it there, as JSON. */
  readonly #inMitm = new Map<string, { generation: number; runtimeConfig: string }>();
  /** Proxies that the present Toxiproxy was told of. */
  #registered = new Set<string>();
  /** Of each proxy the toxics that we put there or have seen: others were added meanwhile, and are not ours to remove. */
  readonly #seen = new Map<string, Set<string>>();
  #toxiproxyGeneration = 0;
  /** What Toxiproxy had when all was as it should be, while nothing has been changed by us since. */
  #agreed: readonly ToxiproxyProxy[] | undefined;
  /** Sessions that were taken out for good. */
  readonly #removed = new WeakSet<DesiredSession>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Brings all sessions to where they should be. Failures stand in the sessions' state; they do not throw. */
  all(): Promise<void> {
    return this.#change(async () => {
      this.#noticeRestarts();
      for (const proxy of this.#options.desired.foreignProxies.values()) await this.#putForeign(proxy);
      for (const session of this.#options.desired.sessions.values()) await this.#bring(session);
    });
  }

  /**
   * Brings one session to where it should be, after `change` (if any) was made to it. What others changed in Toxiproxy is seen first,
   * so that it is neither lost nor undone. Throws what stands in the way; the change then stays desired.
   */
  session(session: DesiredSession, change?: () => void): Promise<void> {
    return this.#change(async () => {
      if (this.#removed.has(session)) return;
      this.#noticeRestarts();
      if (change !== undefined) {
        await this.#adoptFrom(session);
        change();
      }
      const failure = await this.#bring(session);
      if (session.state !== 'failed') return;
      // An error that the user can act upon keeps its code and its hint.
      if (failure instanceof ProxyctlError) throw failure;
      throw new ProxyctlError('PROXYCTL_CHILD', `Session ${session.spec.id}: ${session.error ?? 'not ready'}`);
    });
  }

  /** Makes a proxy of somebody else's, which is put back after restarts. Throws what Toxiproxy says. */
  addForeign(proxy: ForeignProxy): Promise<void> {
    return this.#change(async () => {
      this.#noticeRestarts();
      const toxiproxy = this.#options.toxiproxy();
      if (toxiproxy === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'Toxiproxy is not up');
      const { listen } = await create(toxiproxy.api, proxy);
      this.#registered.add(foreignKey(proxy.name));
      this.#options.desired.foreignProxies.set(proxy.name, { ...proxy, listen });
    });
  }

  /** The same for what stands around a session's listener alone: a change of its link. */
  runtimeConfig(session: DesiredSession, change: () => void): Promise<void> {
    return this.#change(async () => {
      change();
      const mitm = this.#options.mitm(session.worker);
      // Else it comes with the session, once its process is there.
      if (mitm !== undefined && this.#inMitm.get(session.spec.id)?.generation === mitm.generation)
        await this.#bringRuntimeConfig(session, mitm);
    });
  }

  /** Takes a session out of both children. */
  remove<T>(session: DesiredSession, closeInMitm: (process: MitmProcess) => Promise<T>): Promise<T | undefined> {
    return this.#change(async () => {
      this.#removed.add(session);
      const { id } = session.spec;
      const toxiproxy = this.#options.toxiproxy();
      const names = [session.proxyName, ...session.hostRoutes.map((path) => session.routeProxyName(path))];
      for (const name of names) {
        this.#seen.delete(name);
        if (toxiproxy === undefined || !this.#registered.delete(name)) continue;
        await toxiproxy.api
          .deleteProxy(name)
          .catch((error: unknown) => this.#log(`Session ${id}: its listener was not removed`, error));
      }
      const mitm = this.#options.mitm(session.worker);
      const opened = this.#inMitm.get(id);
      this.#inMitm.delete(id);
      await this.#options.kernel.set(this.#dropRules()).catch((error: unknown) => this.#log('Real packet loss', error));
      return mitm === undefined || opened?.generation !== mitm.generation ? undefined : closeInMitm(mitm.process);
    });
  }

  /** Takes over what was changed through Toxiproxy's own API. */
  observe(): Promise<void> {
    return this.#lane.run(async () => {
      this.#noticeRestarts();
      const toxiproxy = this.#options.toxiproxy();
      if (toxiproxy === undefined) return;
      const listed = await toxiproxy.api.proxies();
      if (listed === this.#agreed) return;
      const proxies = new Map(listed.map((proxy) => [proxy.name, proxy]));
      let agreed = true;
      const { sessions, foreignProxies } = this.#options.desired;
      const ours = new Set<string>();
      for (const session of sessions.values()) {
        ours.add(session.proxyName);
        for (const path of session.hostRoutes) ours.add(session.routeProxyName(path));
        if (!this.#registered.has(session.proxyName)) continue;
        const whole = this.#adopt(session, (name) => proxies.get(name));
        // A latency that was changed there is part of the modelled path, too.
        if (whole && this.#hasItsRuntimeConfig(session)) continue;
        agreed = false;
        await this.#bring(session);
      }
      // One of theirs that a dead Toxiproxy took along is not gone by their will: `all` has put those back before.
      for (const name of foreignProxies.keys()) this.#registered.delete(foreignKey(name));
      foreignProxies.clear();
      for (const proxy of proxies.values()) {
        if (ours.has(proxy.name)) continue;
        this.#registered.add(foreignKey(proxy.name));
        foreignProxies.set(proxy.name, { ...proxy, toxics: proxy.toxics.map((toxic) => fromWire(toxic, true)) });
      }
      this.#agreed = agreed ? listed : undefined;
    });
  }

  /** Runs what may change something on our side. */
  #change<T>(task: () => Promise<T>): Promise<T> {
    return this.#lane.run(() => {
      this.#agreed = undefined;
      return task();
    });
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#lane.idle();
  }

  #noticeRestarts(): void {
    const toxiproxy = this.#options.toxiproxy();
    if (toxiproxy !== undefined && toxiproxy.generation !== this.#toxiproxyGeneration) {
      this.#toxiproxyGeneration = toxiproxy.generation;
      this.#registered = new Set();
      this.#seen.clear();
    }
  }

  /** Real packet loss of all sessions. */
  #dropRules(): DropRule[] {
    const sessions = [...this.#options.desired.sessions.values()].filter((session) => !this.#removed.has(session));
    return sessions.flatMap(({ activeToxics, spec }) =>
      activeToxics
        .filter(({ kind }) => kind === 'real')
        .flatMap(({ stream, attributes }) =>
          stream === undefined ? [] : [{ port: spec.port, stream, loss: Number(attributes['loss'] ?? 0) }],
        ),
    );
  }

  /** Returns what stands in the way, which stands in the session's state, too. */
  async #bring(session: DesiredSession): Promise<unknown> {
    try {
      await this.#bringToMitm(session);
      await this.#bringToToxiproxy(session);
      // The ways of hosts can be taken only now that their proxies listen.
      const mitm = this.#options.mitm(session.worker);
      if (mitm !== undefined) await this.#bringRuntimeConfig(session, mitm);
      await this.#options.kernel.set(this.#dropRules());
      session.state = 'ready';
      session.error = undefined;
      return undefined;
    } catch (error) {
      session.state = session.spec.port === 0 ? 'failed' : 'restoring';
      session.error = messageOf(error);
      this.#log(`Session ${session.spec.id} is not as it should be`, error);
      if (session.spec.port === 0 || error instanceof ProxyctlError) session.state = 'failed';
      return error;
    }
  }

  async #bringToMitm(session: DesiredSession): Promise<void> {
    const mitm = this.#options.mitm(session.worker);
    if (mitm === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'the MITM process is not up');
    const { spec } = session;
    if (this.#inMitm.get(spec.id)?.generation === mitm.generation) return this.#bringRuntimeConfig(session, mitm);
    const runtimeConfig = runtimeConfigOf(session);
    const { mitmPort, hostRoutes } = await mitm.process.call('openSession', {
      spec,
      ...(session.progress === undefined ? {} : { restore: session.progress }),
      ...runtimeConfig,
    });
    this.#inMitm.set(spec.id, { generation: mitm.generation, runtimeConfig: keyOf(runtimeConfig) });
    this.#noteListeners(session, hostRoutes);
    if (mitmPort !== spec.mitmPort) {
      session.spec = { ...spec, mitmPort };
      this.#registered.delete(session.proxyName);
    }
  }

  async #bringRuntimeConfig(session: DesiredSession, { process, generation }: RunningMitm): Promise<void> {
    if (this.#hasItsRuntimeConfig(session)) return;
    const { id } = session.spec;
    const runtimeConfig = runtimeConfigOf(session);
    const { hostRoutes } = await process.call('configureSession', { id, ...runtimeConfig });
    this.#inMitm.set(id, { generation, runtimeConfig: keyOf(runtimeConfig) });
    this.#noteListeners(session, hostRoutes);
  }

  #noteListeners(session: DesiredSession, listeners: readonly HostRouteListener[]): void {
    for (const path of session.hostRoutes) {
      const found = listeners.find(({ pattern }) => pattern === path.pattern);
      if (found === undefined || found.mitmPort === path.mitmPort) continue;
      path.mitmPort = found.mitmPort;
      this.#registered.delete(session.routeProxyName(path));
    }
  }

  #hasItsRuntimeConfig(session: DesiredSession): boolean {
    return this.#inMitm.get(session.spec.id)?.runtimeConfig === keyOf(runtimeConfigOf(session));
  }

  async #bringToToxiproxy(session: DesiredSession): Promise<void> {
    const toxiproxy = this.#options.toxiproxy();
    if (toxiproxy === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'Toxiproxy is not up');
    const { api } = toxiproxy;
    const { spec } = session;
    const name = session.proxyName;
    const proxy = await this.#bringProxy(api, { name, host: spec.host, port: spec.port, upstreamPort: spec.mitmPort });
    session.spec = { ...session.spec, port: portOf(proxy.listen) };
    await this.#bringToxics(session.activeToxics.filter(isOf(undefined)), proxy, api);
    if (proxy.enabled !== session.enabled) await api.updateProxy(proxy.name, { enabled: session.enabled });
    for (const path of session.hostRoutes) {
      const way = {
        name: session.routeProxyName(path),
        host: '127.0.0.1',
        port: path.port,
        upstreamPort: path.mitmPort,
      };
      const present = await this.#bringProxy(api, way);
      path.port = portOf(present.listen);
      await this.#bringToxics(session.activeToxics.filter(isOf(path.pattern)), present, api);
    }
  }

  async #bringProxy(
    api: ToxiproxyApi,
    { name, host, port, upstreamPort }: { name: string; host: string; port: number; upstreamPort: number },
  ): Promise<ToxiproxyProxy> {
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

  async #bringToxics(toxics: readonly Toxic[], proxy: ToxiproxyProxy, api: ToxiproxyApi): Promise<void> {
    const wanted = toxics.flatMap(toWire);
    const seen = this.#seenOf(proxy.name);
    for (const toxic of proxy.toxics) {
      const keep = wanted.find(({ name }) => name === toxic.name);
      if (keep === undefined && !seen.has(toxic.name)) continue; // `observe` takes it over
      if (keep === undefined || keep.type !== toxic.type || keep.stream !== toxic.stream)
        await api.removeToxic(proxy.name, toxic.name);
    }
    for (const toxic of wanted) {
      seen.add(toxic.name);
      const present = proxy.toxics.find(
        ({ name, type, stream }) => name === toxic.name && type === toxic.type && stream === toxic.stream,
      );
      if (present === undefined) await api.addToxic(proxy.name, toxic);
      else if (!sameToxic(present, toxic))
        await api.updateToxic(proxy.name, toxic.name, { toxicity: toxic.toxicity, attributes: toxic.attributes });
    }
  }

  #seenOf(proxyName: string): Set<string> {
    const seen = this.#seen.get(proxyName) ?? new Set();
    this.#seen.set(proxyName, seen);
    return seen;
  }

  #noteSeen({ name, toxics }: ToxiproxyProxy): void {
    for (const toxic of toxics) this.#seenOf(name).add(toxic.name);
  }

  async #adoptFrom(session: DesiredSession): Promise<void> {
    const toxiproxy = this.#options.toxiproxy();
    if (toxiproxy === undefined || !this.#registered.has(session.proxyName)) return;
    const names = [session.proxyName, ...session.hostRoutes.map((path) => session.routeProxyName(path))];
    const found = await Promise.all(names.map((name) => toxiproxy.api.proxy(name)));
    this.#adopt(session, (name) => found[names.indexOf(name)]);
  }

  /** Returns false when somebody deleted a proxy of the session's: it is to be put back as a whole. */
  #adopt(session: DesiredSession, proxyOf: (name: string) => ToxiproxyProxy | undefined): boolean {
    const proxy = proxyOf(session.proxyName);
    if (proxy === undefined) this.#registered.delete(session.proxyName);
    else {
      this.#noteSeen(proxy);
      adopt(session, proxy);
    }
    let whole = proxy !== undefined;
    for (const path of session.hostRoutes) {
      const name = session.routeProxyName(path);
      if (!this.#registered.has(name)) continue;
      const present = proxyOf(name);
      if (present !== undefined) {
        this.#noteSeen(present);
        adoptToxics(session, present, path.pattern);
      } else whole = !this.#registered.delete(name);
    }
    return whole;
  }

  async #putForeign(proxy: ForeignProxy): Promise<void> {
    const toxiproxy = this.#options.toxiproxy();
    if (toxiproxy === undefined || this.#registered.has(foreignKey(proxy.name))) return;
    try {
      await create(toxiproxy.api, proxy);
      this.#registered.add(foreignKey(proxy.name));
    } catch (error) {
      this.#log(`Proxy ${proxy.name} could not be put back`, error);
    }
  }

  #log(message: string, error: unknown): void {
    this.#options.logger.warn(message, { error: messageOf(error) });
  }
}

/** By which two are told apart. A trace is told by its name and its start. */
function keyOf(runtimeConfig: SessionRuntimeConfig): string {
  return JSON.stringify(runtimeConfig, (key, value: unknown) => (key === 'opportunities' ? undefined : value));
}

function runtimeConfigOf({
  activeToxics: toxics,
  ownToxics,
  link,
  hostRoutes,
  overrides,
}: DesiredSession): SessionRuntimeConfig {
  const ofAll = toxics.filter(isOf(undefined));
  const network = networkConditions(ofAll, link);
  const activeToxics = toxics.filter(({ kind }) => kind !== 'modelled');
  return {
    activeToxics,
    ownToxics,
    overrides,
    hostRoutes: hostRoutes.map(({ pattern, port, mitmPort }) => {
      const own = toxics.filter(isOf(pattern));
      // What delays all of the session's connections is part of the round trip of these, too.
      const delays = [...ofAll.map(networkPartOf).map(({ delaysMs = {} }) => ({ delaysMs })), delayOf(link)];
      const ownNetwork = networkConditions(own, undefined, delays);
      return {
        pattern,
        port: own.length === 0 ? 0 : port,
        mitmPort,
        ...(ownNetwork === undefined ? {} : { network: ownNetwork }),
      };
    }),
    ...(network === undefined ? {} : { network }),
  };
}

/** A link's round trip as what adds it to other parts of the way. */
function delayOf(link: ActiveLink | undefined): NetworkPart {
  const oneWayMs = (link?.rtt ?? 0) / 2;
  return { delaysMs: { upstream: oneWayMs, downstream: oneWayMs } };
}

/** Toxics of these hosts alone; `undefined`: of all connections. */
function isOf(pattern: string | undefined): (toxic: Toxic) => boolean {
  return ({ host }) => host === pattern;
}

/** Sessions' names have no space. */
function foreignKey(name: string): string {
  return `foreign ${name}`;
}

async function create(api: ToxiproxyApi, proxy: ForeignProxy): Promise<ToxiproxyProxy> {
  const { name, listen, upstream, enabled } = proxy;
  const present = await put(api, { name, listen, upstream, enabled });
  const there = new Set(present.toxics.map((toxic) => toxic.name));
  for (const toxic of proxy.toxics.flatMap(toWire)) if (!there.has(toxic.name)) await api.addToxic(name, toxic);
  return present;
}

/** Creates the proxy, or changes the one of this name that is there. */
async function put(api: ToxiproxyApi, wanted: NewToxiproxyProxy): Promise<ToxiproxyProxy> {
  const present = await api.proxy(wanted.name);
  if (present === undefined) return api.createProxy(wanted);
  const { name: _, ...change } = wanted;
  // Port 0 would move a listener that clients know already.
  const listen = wanted.listen.endsWith(':0') ? present.listen : wanted.listen;
  return { ...present, ...(await api.updateProxy(wanted.name, { ...change, listen })) };
}

/** What Toxiproxy has is what is wanted, when others changed it; toxics that are not Toxiproxy's stay as they are. */
function adopt(session: DesiredSession, proxy: ToxiproxyProxy): void {
  adoptToxics(session, proxy, undefined);
  if (proxy.enabled === session.enabled) return;
  // Somebody took it down, or up again before its time.
  if (proxy.enabled) session.openListener();
  else session.toxics = [...session.toxics.filter(({ name }) => name !== disabledProxy().name), disabledProxy()];
}

/** `pattern`: the hosts that the proxy is for. */
function adoptToxics(session: DesiredSession, proxy: ToxiproxyProxy, pattern: string | undefined): void {
  const isThere = (toxic: Toxic): boolean =>
    toxic.host === pattern && toxic.startsAt === undefined && toWire(toxic).length > 0;
  const known = session.toxics.filter(isThere);
  const others = session.toxics.filter((toxic) => !isThere(toxic));
  const present = proxy.toxics.map((wire) => {
    const same = known.find((toxic) =>
      toWire(toxic).some((ours) => ours.name === wire.name && ours.stream === wire.stream && sameToxic(ours, wire)),
    );
    return same ?? { ...fromWire(wire, true), ...(pattern === undefined ? {} : { host: pattern }) };
  });
  session.toxics = [...present, ...others];
}

function address(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}
