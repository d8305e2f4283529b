import type { Logger } from '../../src/core/logger.js';
import { messageOf, ProxyctlError } from '../../src/errors/index.js';
import type { DesiredSession, DesiredState, ForeignProxy } from '../desired-state.js';
import type { KernelLoss } from '../kernel-loss.js';
import type { MitmProcess } from '../mitm-process.js';
import type { RunningMitm } from '../mitm-workers.js';
import { SerialQueue } from '../serial-queue.js';
import type { ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';
import { Adoption } from './adoption.js';
import { ForeignProxies } from './foreign-proxies.js';
import { HostRouteProxies } from './host-route-proxies.js';
import { MitmSessions } from './mitm-sessions.js';
import { byName, Proxies, type RunningToxiproxy } from './proxies.js';
import { RealLoss } from './real-loss.js';
import { SessionProxies } from './session-proxies.js';

interface ReconcilerOptions {
  desired: DesiredState;
  /** The MITM process of this number while it is up. */
  mitm: (worker: number) => RunningMitm | undefined;
  /** Toxiproxy while it is up. */
  toxiproxy: () => RunningToxiproxy | undefined;
  /** The ports of the stack that are no session's. */
  stackPorts: () => Iterable<number>;
  kernel: KernelLoss;
  logger: Logger;
}

/**
 * The queue of changes that make the children as the desired state says. A change and a restart of a child are served
 * alike: the MITM process first, as Toxiproxy needs to know its listeners, then Toxiproxy, host routes, the kernel.
 */
export class Reconciler {
  readonly #desired: DesiredState;
  readonly #logger: Logger;
  readonly #queue = new SerialQueue();
  readonly #mitm: MitmSessions;
  readonly #proxies: Proxies;
  readonly #sessionProxies: SessionProxies;
  readonly #hostRoutes: HostRouteProxies;
  readonly #adoption: Adoption;
  readonly #foreign: ForeignProxies;
  readonly #realLoss: RealLoss;
  /** The list of proxies with which everything agreed; `undefined` since we have changed anything. */
  #agreed: readonly ToxiproxyProxy[] | undefined;

  constructor({ desired, mitm, toxiproxy, stackPorts, kernel, logger }: ReconcilerOptions) {
    this.#desired = desired;
    this.#logger = logger;
    this.#proxies = new Proxies(toxiproxy);
    this.#sessionProxies = new SessionProxies(this.#proxies);
    this.#hostRoutes = new HostRouteProxies(this.#proxies);
    this.#adoption = new Adoption(this.#proxies, this.#sessionProxies, this.#hostRoutes);
    this.#foreign = new ForeignProxies(toxiproxy, desired.foreignProxies, logger);
    this.#mitm = new MitmSessions({
      running: mitm,
      listenerMoved: (proxyName) => this.#proxies.forget(proxyName),
      ports: () => [...stackPorts(), ...desired.ports()],
      guarded: () => desired.guardedWorkers(),
    });
    this.#realLoss = new RealLoss(kernel, desired.sessions);
  }

  /** Reconciles all sessions. A failure is kept in the `state` and `error` of its session; it is not thrown. */
  all(): Promise<void> {
    return this.#change(async () => {
      this.#noticeRestart();
      await this.#foreign.restore();
      for (const session of this.#desired.sessions.values()) await this.#reconcile(session);
    });
  }

  /**
   * Reconciles one session, after `change` (if any) was made to it. What others changed in Toxiproxy is adopted first,
   * so that it is neither lost nor undone. Throws what stands in the way; the change then stays desired.
   */
  session(session: DesiredSession, change?: () => void): Promise<void> {
    return this.#change(async () => {
      if (session.removed) return;
      this.#noticeRestart();
      if (change !== undefined) {
        await this.#adoption.ofPresent(session);
        change();
      }
      const failure = await this.#reconcile(session);
      if (session.state !== 'failed') return;
      // An error that the user can act upon keeps its code and its hint.
      if (failure instanceof ProxyctlError) throw failure;
      throw new ProxyctlError('PROXYCTL_CHILD', `Session ${session.spec.id}: ${session.error ?? 'not ready'}`);
    });
  }

  /** Creates a proxy of somebody else's, which is put back after restarts. Throws Toxiproxy's error. */
  addForeign(proxy: ForeignProxy): Promise<void> {
    return this.#change(async () => {
      this.#noticeRestart();
      await this.#foreign.add(proxy);
    });
  }

  /** Makes a change that concerns the session's runtime config alone, and reconciles only that. */
  runtimeConfig(session: DesiredSession, change: () => void): Promise<void> {
    return this.#change(async () => {
      change();
      // A session that is not open gets its runtime config when it is opened.
      if (this.#mitm.isOpen(session)) await this.#mitm.configure(session);
    });
  }

  /** Takes a session out of both children. Resolves with what `closeInMitm` does; `undefined` where it was not open. */
  remove<T>(session: DesiredSession, closeInMitm: (process: MitmProcess) => Promise<T>): Promise<T | undefined> {
    return this.#change(async () => {
      session.removed = true;
      const warn = this.#warning(`Session ${session.spec.id}: its listener was not removed`);
      for (const name of session.proxyNames) await this.#proxies.remove(name).catch(warn);
      const process = this.#mitm.forget(session);
      await this.#realLoss.reconcile().catch(this.#warning('Real packet loss'));
      return process === undefined ? undefined : closeInMitm(process);
    });
  }

  /** Adopts what was changed through Toxiproxy's own API. */
  observe(): Promise<void> {
    return this.#queue.run(async () => {
      this.#noticeRestart();
      const listed = await this.#proxies.list();
      if (listed === undefined || listed === this.#agreed) return;
      const proxies = byName(listed);
      const ours = new Set<string>();
      let agreed = true;
      for (const session of this.#desired.sessions.values()) {
        for (const name of session.proxyNames) ours.add(name);
        if (!this.#proxies.has(session.proxyName)) continue;
        const whole = this.#adoption.of(session, proxies);
        // A latency that was changed there is part of the modelled network, too.
        if (whole && this.#mitm.isConfigured(session)) continue;
        agreed = false;
        await this.#reconcile(session);
      }
      this.#foreign.adopt(listed.filter(({ name }) => !ours.has(name)));
      this.#agreed = agreed ? listed : undefined;
    });
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Runs a task that may change something on our side. */
  #change<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(() => {
      this.#agreed = undefined;
      return task();
    });
  }

  #noticeRestart(): void {
    if (this.#proxies.noticeRestart()) this.#foreign.forget();
  }

  /** Returns the error that stood in the way, if any; the session's `state` and `error` say so, too. */
  async #reconcile(session: DesiredSession): Promise<unknown> {
    try {
      await this.#mitm.tellPorts();
      await this.#mitm.reconcile(session);
      const { api } = this.#proxies;
      await this.#sessionProxies.reconcile(session, api);
      await this.#hostRoutes.reconcile(session, api);
      // Connections can take a host route only now that its proxy listens.
      await this.#mitm.configure(session);
      await this.#mitm.tellPorts();
      await this.#realLoss.reconcile();
      session.state = 'ready';
      session.error = undefined;
      return undefined;
    } catch (error) {
      session.state = session.spec.port === 0 || error instanceof ProxyctlError ? 'failed' : 'restoring';
      session.error = messageOf(error);
      this.#warning(`Session ${session.spec.id} is not as it should be`)(error);
      return error;
    }
  }

  #warning(message: string): (error: unknown) => void {
    return (error) => this.#logger.warn(message, { error: messageOf(error) });
  }
}
