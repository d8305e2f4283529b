import { ProxyctlError } from '../../src/errors/index.js';
import type { SessionSpec } from '../../src/protocol/session-spec.js';
import type { HostRouteListener } from '../../src/protocol/worker-protocol.js';
import type { DesiredSession } from '../desired-state.js';
import type { MitmProcess } from '../mitm-process.js';
import type { RunningMitm } from '../mitm-workers.js';
import { runtimeConfigOf, textOf } from './runtime-config.js';

/** Of a session whose recording has been ended: a process that is started anew must not begin it again. */
function withoutJournal({ journal: _, ...spec }: SessionSpec): SessionSpec {
  return spec;
}

/** How long a process may take over the ports of the stack, ms. */
const portsLimitMs = 1000;

interface MitmSessionsOptions {
  running: (worker: number) => RunningMitm | undefined;
  listenerMoved: (proxyName: string) => void;
  ports: () => Iterable<number>;
  guarded: () => Iterable<number>;
}

/** The sessions in the MITM processes: each is open in its process, with its runtime config. */
export class MitmSessions {
  readonly #running: (worker: number) => RunningMitm | undefined;
  readonly #listenerMoved: (proxyName: string) => void;
  /**
   * Of each session the run of its MITM process in which it was opened, and the runtime config that it has there, as
   * text.
   */
  readonly #opened = new Map<string, { generation: number; runtimeConfig: string }>();
  readonly #ports: () => Iterable<number>;
  readonly #guarded: () => Iterable<number>;
  /** What each process was told of the stack's ports, and in which run of it. */
  readonly #toldPorts = new Map<number, string>();

  /**
   * `running`: the MITM process of this number while it is up. `listenerMoved` is called when the listener behind a
   * proxy got another port. `ports`: those of the stack. `guarded`: the processes of sessions that other machines
   * reach.
   */
  constructor({ running, listenerMoved, ports, guarded }: MitmSessionsOptions) {
    this.#running = running;
    this.#listenerMoved = listenerMoved;
    this.#ports = ports;
    this.#guarded = guarded;
  }

  /**
   * Tells the processes that have sessions which other machines reach what the stack's ports are, where they were told
   * others.
   */
  async tellPorts(): Promise<void> {
    const ports = [...this.#ports()].sort((a, b) => a - b);
    await Promise.all([...new Set(this.#guarded())].map((worker) => this.#tellPorts(worker, ports)));
  }

  /** A process that does not answer has what it was told before anything that it does next. */
  async #tellPorts(worker: number, ports: number[]): Promise<void> {
    const mitm = this.#running(worker);
    const mark = `${mitm?.generation} ${ports.join()}`;
    if (mitm === undefined || this.#toldPorts.get(worker) === mark) return;
    this.#toldPorts.set(worker, mark);
    await mitm.process.call('stackPorts', { ports }, portsLimitMs).catch(() => this.#toldPorts.delete(worker));
  }

  /** Opens the session, or gives it its runtime config where it is open. */
  async reconcile(session: DesiredSession): Promise<void> {
    const mitm = this.#running(session.worker);
    if (mitm === undefined) throw new ProxyctlError('PROXYCTL_CHILD', 'the MITM process is not up');
    if (this.isOpen(session)) await this.configure(session);
    else await this.#open(session, mitm);
  }

  /** Gives the session its runtime config where that is another now. Does nothing while its process is down. */
  async configure(session: DesiredSession): Promise<void> {
    const mitm = this.#running(session.worker);
    if (mitm === undefined || this.isConfigured(session)) return;
    const { id } = session.spec;
    const runtimeConfig = runtimeConfigOf(session);
    const { hostRoutes } = await mitm.process.call('configureSession', { id, ...runtimeConfig });
    if (session.removed) return; // It was given up meanwhile.
    this.#opened.set(id, { generation: mitm.generation, runtimeConfig: textOf(runtimeConfig) });
    this.#takeRoutePorts(session, hostRoutes);
  }

  /** Whether the present run of its MITM process has it open. */
  isOpen(session: DesiredSession): boolean {
    const mitm = this.#running(session.worker);
    return mitm !== undefined && this.#opened.get(session.spec.id)?.generation === mitm.generation;
  }

  /** Whether it was given last what its runtime config is now. */
  isConfigured(session: DesiredSession): boolean {
    return this.#opened.get(session.spec.id)?.runtimeConfig === textOf(runtimeConfigOf(session));
  }

  /** Forgets the session. Returns the process that has it open. */
  forget(session: DesiredSession): MitmProcess | undefined {
    const process = this.isOpen(session) ? this.#running(session.worker)?.process : undefined;
    this.#opened.delete(session.spec.id);
    return process;
  }

  async #open(session: DesiredSession, { process, generation }: RunningMitm): Promise<void> {
    const { spec } = session;
    const runtimeConfig = runtimeConfigOf(session);
    const { mitmPort, hostRoutes, incomplete } = await process.call('openSession', {
      spec: session.recordingOpen ? spec : withoutJournal(spec),
      ...(session.progress === undefined ? {} : { restore: session.progress }),
      ...runtimeConfig,
    });
    if (session.removed) {
      // It was given up meanwhile, and another one may have its id, in another process.
      await process.call('closeSession', { id: spec.id });
      return;
    }
    this.#opened.set(spec.id, { generation, runtimeConfig: textOf(runtimeConfig) });
    session.recordingIncomplete = incomplete;
    this.#takeRoutePorts(session, hostRoutes);
    if (mitmPort === spec.mitmPort) return;
    session.spec = { ...spec, mitmPort };
    this.#listenerMoved(session.proxyName);
  }

  /** Takes the ports of the listeners behind the proxies of host routes into the desired state. */
  #takeRoutePorts(session: DesiredSession, listeners: readonly HostRouteListener[]): void {
    for (const route of session.hostRoutes) {
      const found = listeners.find(({ pattern }) => pattern === route.pattern);
      if (found === undefined || found.mitmPort === route.mitmPort) continue;
      route.mitmPort = found.mitmPort;
      this.#listenerMoved(session.routeProxyName(route));
    }
  }
}
