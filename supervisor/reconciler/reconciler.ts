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
 * The changes that make the children as the desired state says, in a queue for each MITM process: one that does not
 * answer holds up its own sessions alone. What is done in Toxiproxy and the kernel has one queue for all, in which
 * nothing waits for a MITM process. A change and a restart of a child are served alike: the MITM process first, as
 * Toxiproxy needs to know its listeners, then Toxiproxy, host routes, the kernel.
 */
export class Reconciler {
  readonly #desired: DesiredState;
  readonly #logger: Logger;
  /** By number of the MITM process. */
  readonly #queues = new Map<number, SerialQueue>();
  readonly #toxiproxyQueue = new SerialQueue();
  /** Sessions that have changed, and Toxiproxy has not heard of it yet: what it has is not what they should be. */
  readonly #unsettled = new Set<DesiredSession>();
  /** Sessions that `observe` has put into their queue. */
  readonly #observed = new Set<DesiredSession>();
  /** Counts what may have changed something on our side. */
  #changes = 0;
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

  /** Reconciles sessions. A failure is kept in the `state` and `error` of its session; it is not thrown. */
  async all(sessions: readonly DesiredSession[] = [...this.#desired.sessions.values()]): Promise<void> {
    await this.#inToxiproxy(() => this.#foreign.restore());
    await Promise.all(
      sessions.map((session) =>
        this.#change(session, async () => {
          if (!session.removed) await this.#reconcile(session);
        }),
      ),
    );
  }

  /**
   * Reconciles one session, after `change` (if any) was made to it. What others changed in Toxiproxy is adopted first,
   * so that it is neither lost nor undone. Throws what stands in the way; the change then stays desired.
   */
  session(session: DesiredSession, change?: () => void): Promise<void> {
    return this.#change(session, async () => {
      if (session.removed) return;
      if (change !== undefined) {
        await this.#inToxiproxy(async () => {
          await this.#adoption.ofPresent(session);
          change();
          this.#unsettled.add(session);
        });
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
    this.#changed();
    return this.#inToxiproxy(() => this.#foreign.add(proxy));
  }

  /** Makes a change that concerns the session's runtime config alone, and reconciles only that. */
  runtimeConfig(session: DesiredSession, change: () => void): Promise<void> {
    return this.#change(session, async () => {
      change();
      // A session that is not open gets its runtime config when it is opened.
      if (this.#mitm.isOpen(session)) await this.#mitm.configure(session);
    });
  }

  /** Takes a session out of both children. Resolves with what `closeInMitm` does; `undefined` where it was not open. */
  remove<T>(session: DesiredSession, closeInMitm: (process: MitmProcess) => Promise<T>): Promise<T | undefined> {
    return this.#change(session, async () => {
      session.removed = true;
      const warn = this.#warning(`Session ${session.spec.id}: its listener was not removed`);
      await this.#inToxiproxy(async () => {
        for (const name of session.proxyNames) await this.#proxies.remove(name).catch(warn);
        await this.#realLoss.reconcile().catch(this.#warning('Real packet loss'));
      });
      const process = this.#mitm.forget(session);
      return process === undefined ? undefined : closeInMitm(process);
    });
  }

  /**
   * Gives up a session whose MITM process does not answer, without waiting for it: from here on another one may have
   * its id.
   */
  async abandon(session: DesiredSession): Promise<void> {
    this.#changed();
    session.removed = true;
    const process = this.#mitm.forget(session);
    void process?.call('closeSession', { id: session.spec.id }).catch(() => undefined);
    const warn = this.#warning(`Session ${session.spec.id}: its listener was not removed`);
    await this.#inToxiproxy(async () => {
      for (const name of session.proxyNames) await this.#proxies.remove(name).catch(warn);
    });
  }

  /** Adopts what was changed through Toxiproxy's own API. */
  async observe(): Promise<void> {
    const differing = await this.#inToxiproxy(() => this.#adopt());
    await Promise.all(differing.map((session) => this.#reconcileObserved(session)));
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
    await this.#toxiproxyQueue.idle();
  }

  /** Adopts what Toxiproxy has; returns the sessions that are not as they should be then. */
  async #adopt(): Promise<DesiredSession[]> {
    const changes = this.#changes;
    const listed = await this.#proxies.list();
    if (listed === undefined || listed === this.#agreed) return [];
    const proxies = byName(listed);
    const ours = new Set<string>();
    const differing: DesiredSession[] = [];
    let agreed = true;
    for (const session of this.#desired.sessions.values()) {
      for (const name of session.proxyNames) ours.add(name);
      if (!this.#proxies.has(session.proxyName)) continue;
      // A latency that was changed there is part of the modelled network, too.
      const isAsItShould =
        !this.#unsettled.has(session) && this.#adoption.of(session, proxies) && this.#mitm.isConfigured(session);
      if (isAsItShould) continue;
      agreed = false;
      if (!this.#unsettled.has(session)) differing.push(session);
    }
    this.#foreign.adopt(listed.filter(({ name }) => !ours.has(name)));
    this.#agreed = agreed && changes === this.#changes ? listed : undefined;
    return differing;
  }

  /** Once for each session, however often it is seen until its turn comes. */
  async #reconcileObserved(session: DesiredSession): Promise<void> {
    if (this.#observed.has(session)) return;
    this.#observed.add(session);
    await this.#queueOf(session).run(async () => {
      this.#observed.delete(session);
      if (!session.removed) await this.#reconcile(session);
    });
  }

  /** Runs a task of a session that may change something on our side. */
  #change<T>(session: DesiredSession, task: () => Promise<T>): Promise<T> {
    return this.#queueOf(session).run(() => {
      this.#changed();
      return task();
    });
  }

  #changed(): void {
    this.#changes += 1;
    this.#agreed = undefined;
  }

  #queueOf({ worker }: DesiredSession): SerialQueue {
    const queue = this.#queues.get(worker) ?? new SerialQueue();
    this.#queues.set(worker, queue);
    return queue;
  }

  /** Runs what reads or changes Toxiproxy or the kernel. It waits for no MITM process. */
  #inToxiproxy<T>(task: () => Promise<T>): Promise<T> {
    return this.#toxiproxyQueue.run(() => {
      this.#noticeRestart();
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
      await this.#inToxiproxy(async () => {
        if (session.removed) throw new ProxyctlError('PROXYCTL_CHILD', 'it was given up');
        const { api } = this.#proxies;
        await this.#sessionProxies.reconcile(session, api);
        await this.#hostRoutes.reconcile(session, api);
        this.#unsettled.delete(session);
      });
      // Connections can take a host route only now that its proxy listens.
      await this.#mitm.configure(session);
      await this.#mitm.tellPorts();
      await this.#inToxiproxy(() => this.#realLoss.reconcile());
      session.state = 'ready';
      session.error = undefined;
      return undefined;
    } catch (error) {
      session.state = session.spec.port === 0 || error instanceof ProxyctlError ? 'failed' : 'restoring';
      session.error = messageOf(error);
      this.#warning(`Session ${session.spec.id} is not as it should be`)(error);
      return error;
    } finally {
      this.#unsettled.delete(session);
    }
  }

  #warning(message: string): (error: unknown) => void {
    return (error) => this.#logger.warn(message, { error: messageOf(error) });
  }
}
