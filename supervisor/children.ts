import type { HomePaths } from '../src/config/paths.js';
import type { Logger } from '../src/core/logger.js';
import { isLoopbackHost } from '../src/core/loopback-host.js';
import type { ResourceScope } from '../src/core/resource-scope.js';
import { messageOf } from '../src/errors/index.js';
import { loadStore } from '../src/store/open-store.js';
import { CertificateAuthority } from '../src/proxy/certificate-authority.js';
import { DesiredState, workerName, type DesiredSession } from './desired-state.js';
import { EventLog } from './event-log.js';
import { KernelLoss } from './kernel-loss.js';
import type { LogStore } from './log-store.js';
import type { LivenessLimits } from './liveness.js';
import { MitmProcess } from './mitm-process.js';
import { MitmWorkers } from './mitm-workers.js';
import { provisionToxiproxy, type ProvisionProgress } from './toxiproxy/provision/index.js';
import { Reconciler } from './reconciler/reconciler.js';
import { SupervisedChild } from './supervised-child.js';
import { ToxiproxyGuard } from './toxiproxy/toxiproxy-guard.js';
import { ToxiproxyServer } from './toxiproxy/toxiproxy-server.js';
import type { ProcessEvent } from '../src/protocol/session-event.js';
import type { WorkerNotice } from '../src/protocol/worker-protocol.js';

interface ChildrenOptions {
  home: HomePaths;
  logs: LogStore;
  logger: Logger;
  toxiproxy?: string;
  /** Port of Toxiproxy's own API; 0 (the default): any free one. */
  toxiproxyPort?: number;
  /** Where the stack's API and proxies listen, unless told otherwise. Default 127.0.0.1. */
  host?: string;
  /** The token of the stack's APIs. */
  token: string;
  /** The most MITM processes; default 1. */
  workers?: number;
  /** When a MITM process counts as silent, and when it is started again. Default 5 s and 30 s. */
  liveness?: Partial<LivenessLimits>;
  /** One that sessions will use. */
  store?: string;
  onProgress?: (progress: ProvisionProgress) => void;
  signal?: AbortSignal;
}

/** The children of a stack, with what keeps them as they should be. */
export interface Children {
  home: HomePaths;
  logs: LogStore;
  logger: Logger;
  ca: CertificateAuthority;
  desired: DesiredState;
  events: EventLog;
  reconciler: Reconciler;
  mitm: MitmWorkers;
  toxiproxy: SupervisedChild<ToxiproxyServer>;
  /** Where Toxiproxy's API is published, if not where it listens. */
  toxiproxyUrl: string | undefined;
  /** The ports of the stack that are no session's. */
  stackPorts: Set<number>;
  /** Where the Toxiproxy program came from. */
  toxiproxyOrigin: string;
}

/** How often changes made through Toxiproxy's own API are looked for. */
const observeEveryMs = 1000;

/** Starts both; `scope` closes them, in any case. */
export async function startChildren(scope: ResourceScope, options: ChildrenOptions): Promise<Children> {
  const { home, logs, logger, signal } = options;
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(signal?.reason);
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  scope.defer(() => signal?.removeEventListener('abort', stop));

  const [binary, ca] = await Promise.all([
    provisionToxiproxy({
      signal: stopped.signal,
      logger,
      ...(options.toxiproxy === undefined ? {} : { explicitPath: options.toxiproxy }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    }),
    CertificateAuthority.open(home.caDir),
  ]);
  stopped.signal.throwIfAborted();

  const desired = new DesiredState();
  const subscribe = async (wanted: boolean): Promise<void> => {
    const calls = await Promise.allSettled(
      mitm.running().map((process) => process.whileAnswering(process.call('subscribe', { wanted }))),
    );
    for (const call of calls)
      if (call.status === 'rejected')
        logger.warn('Events could not be turned on or off', { error: messageOf(call.reason) });
  };
  const events = scope.use(new EventLog({ onInterest: subscribe }));
  const { host = '127.0.0.1', token } = options;
  const stackPorts = new Set<number>();
  const published = options.toxiproxyPort ?? 0;
  const guarded = published !== 0 && !isLoopbackHost(host);
  let toxiproxyPort = guarded ? 0 : published; // The same one again after a restart, as others may know it.
  const guard = guarded
    ? scope.use(await ToxiproxyGuard.start({ port: published, token, target: () => toxiproxy.child?.url }))
    : undefined;
  if (guarded) stackPorts.add(published);

  const toxiproxy = new SupervisedChild<ToxiproxyServer>({
    name: 'toxiproxy',
    logger,
    start: (closing) =>
      ToxiproxyServer.start({
        binary: binary.path,
        port: toxiproxyPort,
        signal: closing,
        logger,
        onLog: logs.write,
      }),
    onDown: (how) => {
      for (const session of desired.sessions.values()) session.processLost('toxiproxy', how);
    },
    onUp: async (child) => {
      toxiproxyPort = Number(new URL(child.url).port);
      stackPorts.add(toxiproxyPort);
      await restore();
    },
  });
  const worker = (index: number): SupervisedChild<MitmProcess> => {
    const name = workerName(index);
    const sessions = (): DesiredSession[] => [...desired.sessions.values()].filter((one) => one.worker === index);
    /** To the readers of each of its sessions, or of the stack where it has none. */
    const tellOfProcess = (event: Omit<ProcessEvent, 'type'>): void => {
      const ids = sessions().map(({ spec }) => spec.id);
      for (const id of ids.length === 0 ? [''] : ids) events.add(id, { type: 'process', ...event });
    };
    return new SupervisedChild<MitmProcess>({
      name,
      logger,
      start: (closing) =>
        MitmProcess.start({
          name,
          caFolder: home.caDir,
          signal: closing,
          logger,
          onNotice: (notice) => take(notice, desired, events),
          onSilence: ({ pid }, silentSince) => {
            const state = silentSince === undefined ? 'answering' : 'silent';
            const since = (silentSince ?? new Date()).toISOString();
            logger.warn(state === 'silent' ? `${name} does not answer` : `${name} answers again`, { pid, since });
            tellOfProcess({ process: name, pid, state, since });
          },
          ...(options.liveness === undefined ? {} : { liveness: options.liveness }),
          onLog: logs.write,
        }),
      onUp: async (child) => {
        if (events.wanted) await child.call('subscribe', { wanted: true });
        await restore(sessions());
      },
      onDown: (how) =>
        sessions().forEach((session) => {
          session.processGone();
          session.processLost(name, how);
        }),
    });
  };
  const mitm = new MitmWorkers({
    most: options.workers ?? 1,
    make: worker,
    placed: () => [...desired.sessions.values()].map((session) => session.worker),
    logger,
  });
  const kernel = scope.use(new KernelLoss(logger));
  const reconciler = new Reconciler({
    desired,
    kernel,
    logger,
    stackPorts: () => stackPorts,
    mitm: (index) => mitm.at(index),
    toxiproxy: () =>
      toxiproxy.child === undefined ? undefined : { api: toxiproxy.child.api, generation: toxiproxy.generation },
  });
  const restore = async (sessions: DesiredSession[] = [...desired.sessions.values()]): Promise<void> => {
    if (toxiproxy.child === undefined) return;
    // Proxies of others are put back without any session of ours, too.
    if (sessions.length === 0 && desired.foreignProxies.size === 0) return;
    await reconciler.all(sessions);
    for (const { spec, state } of sessions)
      if (state === 'ready') events.add(spec.id, { type: 'session', action: 'restored' });
  };

  scope.use(mitm);
  scope.use(toxiproxy);
  // Started at once, since neither needs the other before the first session.
  const abort = (): void => void Promise.allSettled([mitm.close(), toxiproxy.close()]);
  stopped.signal.addEventListener('abort', abort, { once: true });
  const starting = Promise.allSettled([mitm.start(), toxiproxy.start()]);
  // What is loaded while they start is not waited for later.
  if (options.store !== undefined)
    void loadStore(options.store).catch((error: unknown) =>
      logger.debug('The store was not loaded ahead', { error: messageOf(error) }),
    );
  const outcomes = await starting;
  stopped.signal.throwIfAborted();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;

  const timer = setInterval(() => void reconciler.observe().catch(() => undefined), observeEveryMs);
  timer.unref();
  scope.defer(() => clearInterval(timer));
  const { origin: toxiproxyOrigin } = binary;
  const toxiproxyUrl = guard?.url;
  return {
    home,
    logs,
    logger,
    ca,
    desired,
    events,
    reconciler,
    mitm,
    toxiproxy,
    toxiproxyUrl,
    stackPorts,
    toxiproxyOrigin,
  };
}

function take(notice: WorkerNotice, desired: DesiredState, events: EventLog): void {
  if (notice.notice === 'events') for (const sent of notice.events) events.take(sent);
  if (notice.notice === 'progress')
    for (const progress of notice.sessions) desired.sessions.get(progress.id)?.took(progress);
}
