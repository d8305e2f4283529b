import type { Logger } from '../core/logger.js';
import { ProxyctlError, UsageError } from '../errors/index.js';
import type { MitmEngine } from '../proxy/mitm-engine.js';
import { FaultLedger } from './fault-ledger.js';
import { urlOf } from '../http/index.js';
import { SessionOverrides } from '../overrides/index.js';
import { eventText, type EventText } from '../protocol/event-line.js';
import type { SessionEventBody } from '../protocol/session-event.js';
import { History } from './history.js';
import { OwnToxics } from './own-toxics.js';
import { SessionLookups } from './session-lookups.js';
import { Session } from './session.js';
import type { SessionSpec } from '../protocol/session-spec.js';
import { sessionChain } from './session-chain.js';
import { SessionListeners } from './session-listeners.js';
import { Throttle } from './throttle.js';
import { openRuntime, type SessionRuntime } from './session-runtime.js';
import type {
  CallMessage,
  SessionProgress,
  SessionRuntimeConfig,
  WorkerCalls,
  WorkerHandlers,
  WorkerMethod,
  WorkerNotice,
  WorkerSessionSummary,
} from '../protocol/worker-protocol.js';

interface WorkerSessionsOptions {
  engine: MitmEngine;
  logger: Logger;
  tell: (notice: WorkerNotice) => void;
}

/**
 * Events wait so long for others to go with them, and longer while they come by the thousand a second: an exchange then
 * takes longer than the short wait, and to send its events one by one would cost its session's reader a packet each.
 */
const eventDelayMs = { few: 10, many: 40 };
/** From so many in a millisecond on they are many. */
const manyEventsPerMs = 1;
/** Progress is told so often at the most. */
const progressEveryMs = 50;

/** A session that is open here, with its parts. */
interface ServedSession {
  session: Session;
  runtime: SessionRuntime;
  listeners: SessionListeners;
  faults: FaultLedger;
  toxics: OwnToxics;
  lookups: SessionLookups;
  overrides: SessionOverrides;
  history: History | undefined;
  /** What was told to the supervisor last, to tell only what is new. */
  toldCounts: string;
  toldServed: number;
  toldResolved: number;
}

/** The sessions that are open in this MITM process. */
export class WorkerSessions {
  readonly #options: WorkerSessionsOptions;
  readonly #open = new Map<string, ServedSession>();
  readonly #recordingErrors = new Map<string, string>();
  readonly #progress = new Throttle(progressEveryMs, (ids) => this.#tellProgress(ids));
  readonly #handlers: WorkerHandlers = {
    openSession: ({ spec, restore, ...runtimeConfig }) => this.#openSession(spec, restore, runtimeConfig),
    configureSession: ({ id, ...runtimeConfig }) => this.#configureSession(id, runtimeConfig),
    closeSession: ({ id }) => this.#closeSession(id),
    summary: ({ id }) => this.#summarize(this.#get(id)),
    har: ({ id, filter }) => this.#history(id).har(filter),
    entry: async ({ id, index, mostBytes }) => {
      const entry = await this.#history(id).entry(index, mostBytes);
      return entry === undefined ? {} : { entry };
    },
    expect: ({ id, expectation }) => this.#history(id).expect(expectation),
    finishRecording: (params) => this.#finishRecording(params),
    stackPorts: ({ ports }) => {
      this.#stackPorts = new Set(ports);
      return {};
    },
    ping: () => ({}),
    subscribe: ({ wanted }) => {
      this.#wanted = wanted;
      return {};
    },
  };
  #stackPorts: ReadonlySet<number> = new Set();
  #wanted = false;
  #events: EventText[] = [];
  #eventDelayMs = eventDelayMs.few;

  constructor(options: WorkerSessionsOptions) {
    this.#options = options;
  }

  async answer<Method extends WorkerMethod>({ method, params }: CallMessage<Method>): Promise<unknown> {
    return this.#handlers[method](params);
  }

  async close(): Promise<void> {
    this.#progress.close();
    await Promise.all([...this.#open.keys()].map((id) => this.#closeSession(id)));
    await this.#options.engine.close();
  }

  async #openSession(
    spec: SessionSpec,
    restore: SessionProgress | undefined,
    runtimeConfig: SessionRuntimeConfig,
  ): Promise<WorkerCalls['openSession']['result']> {
    // The supervisor has given an earlier call up that came late.
    if (this.#open.has(spec.id)) await this.#closeSession(spec.id);
    const indexes = { next: 0 };
    const changed = (): void => this.#progress.changed(spec.id);
    const toxics = new OwnToxics({ logger: this.#options.logger, onChange: changed });
    toxics.set(runtimeConfig.ownToxics, restore?.toxicStates);
    const lookups = new SessionLookups(toxics, restore?.resolved ?? [], changed);
    const runtime = await openRuntime({
      spec,
      restore,
      logger: this.#options.logger,
      nextIndex: () => indexes.next++,
      onRecordingBroken: (error) => this.#recordingBroke(spec.id, error),
      lookups,
      stackPorts: () => this.#stackPorts,
    });
    const { interceptors, last, firstIndex, onTunnel, recorder } = runtime;
    indexes.next = firstIndex;
    let listeners: SessionListeners | undefined;
    const faults = new FaultLedger({
      modelled: () => listeners?.modelled ?? false,
      meterOf: (...streams) => listeners?.meterOf(...streams),
    });
    faults.setActiveToxics(runtimeConfig.activeToxics);
    const overrides = new SessionOverrides({
      onHit: (exchange, mock) => session.mockHit(exchange, mock.id),
      onProblem: ({ request }, { id }, problem) =>
        session.warn(`Mock ${id} did not change ${urlOf(request)}: ${problem}`),
    });
    overrides.set(runtimeConfig.overrides, restore?.mocks);
    const history = spec.history ? new History(spec.id) : undefined;
    const session: Session = new Session(spec, {
      interceptors: sessionChain({ spec, history, overrides, byMode: interceptors }),
      upstream: last,
      indexes,
      wantsEvents: () => this.#wanted,
      onChange: changed,
      emit: (event) => this.#emit(spec.id, event),
      faults,
      onHostRoute: (accepted) => listeners?.cameByRoute(accepted) ?? false,
      heldBefore: (accepted) => listeners?.takeHeld(accepted) ?? [],
      onFaults: (index, met) => {
        recorder?.faults(index, met);
        history?.faults(index, met);
      },
      ...(onTunnel === undefined ? {} : { onTunnel }),
    });
    session.setInterception(runtimeConfig.overrides.interception);
    try {
      const { host, port, mitmPort } = spec;
      const { upstream } = runtime;
      listeners = new SessionListeners(this.#options.engine, toxics, {
        session,
        aliases: port === 0 ? [] : [`${host}:${port}`],
        ...(upstream === undefined ? {} : { connect: upstream.connect.bind(upstream) }),
      });
      await listeners.open(mitmPort, runtimeConfig);
      this.#open.set(spec.id, {
        session,
        listeners,
        runtime,
        faults,
        toxics,
        lookups,
        overrides,
        history,
        toldCounts: '',
        toldServed: restore?.served.length ?? 0,
        toldResolved: lookups.count,
      });
      changed();
      const { incomplete } = runtime;
      const opened = { mitmPort: listeners.port, hostRoutes: listeners.hostRoutes };
      return incomplete === undefined ? opened : { ...opened, incomplete };
    } catch (error) {
      await listeners?.close();
      await runtime.close();
      throw error;
    }
  }

  async #configureSession(
    id: string,
    runtimeConfig: SessionRuntimeConfig,
  ): Promise<WorkerCalls['configureSession']['result']> {
    const { session, listeners, faults, toxics, overrides } = this.#get(id);
    overrides.set(runtimeConfig.overrides);
    session.setInterception(runtimeConfig.overrides.interception);
    this.#progress.changed(id);
    const hostRoutes = await listeners.set(runtimeConfig);
    faults.setActiveToxics(runtimeConfig.activeToxics);
    toxics.set(runtimeConfig.ownToxics);
    return { hostRoutes };
  }

  async #closeSession(id: string): Promise<WorkerSessionSummary> {
    const open = this.#get(id);
    this.#open.delete(id);
    await open.listeners.close();
    await open.runtime.close();
    this.#tellEvents();
    const summary = this.#summarize(open);
    this.#recordingErrors.delete(id);
    return summary;
  }

  #summarize({ session, listeners, runtime: { replayer, upstream } }: ServedSession): WorkerSessionSummary {
    const met = listeners.totals();
    const recordingError = this.#recordingErrors.get(session.id);
    return {
      counts: session.counts,
      failures: session.failures,
      warnings: session.warnings,
      misses: replayer?.misses() ?? [],
      unused: replayer?.unused() ?? [],
      passedThrough: replayer?.passedThrough() ?? [],
      addedFields: replayer?.addedFields() ?? [],
      upstreamConnections: upstream?.connectionsOpened() ?? 0,
      ...(met === undefined ? {} : { network: met }),
      ...(recordingError === undefined ? {} : { recordingError }),
    };
  }

  async #finishRecording({ id, limitMs }: WorkerCalls['finishRecording']['params']): Promise<{ cut: number }> {
    const { runtime, faults } = this.#get(id);
    const { recorder } = runtime;
    if (recorder === undefined) throw new ProxyctlError('PROXYCTL_USAGE', `Session ${id} does not record`);
    const { cut } = await recorder.idle(limitMs);
    faults.settle();
    await recorder.close();
    return { cut };
  }

  #get(id: string): ServedSession {
    const open = this.#open.get(id);
    if (open === undefined)
      throw new ProxyctlError('PROXYCTL_SESSION_NOT_FOUND', `The MITM process has no session "${id}"`);
    return open;
  }

  #history(id: string): History {
    const { history } = this.#get(id);
    if (history !== undefined) return history;
    throw new UsageError(`Session ${id} keeps no history`, {
      hint: 'Create it with `history: true`, or start the stack with up --history.',
    });
  }

  #recordingBroke(id: string, error: ProxyctlError): void {
    this.#recordingErrors.set(id, error.message);
    this.#options.logger.error(`Session ${id} does not record any more`, {
      error: error.message,
      hint: error.hint ?? '',
    });
    this.#emit(id, {
      type: 'warning',
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }

  #emit(session: string, event: SessionEventBody): void {
    if (event.type === 'warning') this.#options.logger.warn(event.message, { session });
    if (!this.#wanted) return;
    if (this.#events.length === 0) setTimeout(() => this.#tellEvents(), this.#eventDelayMs);
    this.#events.push(eventText(session, event));
  }

  #tellEvents(): void {
    const events = this.#events;
    this.#events = [];
    const many = events.length >= this.#eventDelayMs * manyEventsPerMs;
    this.#eventDelayMs = many ? eventDelayMs.many : eventDelayMs.few;
    if (events.length > 0) this.#options.tell({ notice: 'events', events });
  }

  /**
   * Returns the sessions whose figures may change without anybody saying so: requests and modelled networks go on by
   * themselves.
   */
  #tellProgress(ids: ReadonlySet<string>): string[] {
    const goOn: string[] = [];
    const sessions = [...ids].flatMap((id) => {
      const open = this.#open.get(id);
      if (open === undefined) return [];
      const { session, runtime } = open;
      const { exchanges, inFlight, tunnels, responseBytes } = session.counts;
      const network = open.listeners.totals();
      const mocks = open.overrides.counts();
      const toxicStates = open.toxics.states();
      const mark = `${open.lookups.count} ${JSON.stringify(toxicStates)} ${exchanges} ${inFlight} ${tunnels} ${responseBytes} ${network === undefined ? '' : JSON.stringify(network)} ${mocks === undefined ? '' : JSON.stringify(mocks)}`;
      if (inFlight > 0 || network !== undefined) goOn.push(id);
      if (mark === open.toldCounts) return [];
      open.toldCounts = mark;
      const newlyServed = runtime.replayer?.served(open.toldServed) ?? [];
      open.toldServed += newlyServed.length;
      const newlyResolved = open.lookups.after(open.toldResolved);
      open.toldResolved += newlyResolved.length;
      const progress = { id: session.id, counts: session.counts, nextIndex: session.indexesGiven, newlyServed };
      return [
        {
          ...progress,
          ...(network === undefined ? {} : { network }),
          ...(mocks === undefined ? {} : { mocks }),
          ...(toxicStates.length === 0 ? {} : { toxicStates }),
          ...(newlyResolved.length === 0 ? {} : { newlyResolved }),
        },
      ];
    });
    if (sessions.length > 0) this.#options.tell({ notice: 'progress', sessions });
    return goOn;
  }
}
