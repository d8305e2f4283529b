import type { z } from 'zod';
import type { OperatedSessions } from '../src/api/operated-stack.js';
import type { createSessionRequest, RenewRequest, SessionSummary, SessionView } from '../src/api/schemas.js';
import { messageOf, ProxyctlError, type ErrorCode } from '../src/errors/index.js';
import type { SessionSpec } from '../src/protocol/session-spec.js';
import { openStore } from '../src/store/open-store.js';
import { generationOf } from '../src/store/pointer.js';
import { branchOf } from '../src/store/recording-key.js';
import type { WorkerSessionSummary } from '../src/protocol/worker-protocol.js';
import type { Children } from './children.js';
import { DesiredSession } from './desired-state.js';
import { Leases } from './leases.js';
import type { Publisher } from './publisher.js';
import { newSpec } from './session-request.js';

const leaseRanOut = 'Its lease ran out';

/** Opens sessions and ends them: when they are told to, and when their lease has run out. */
export class SessionEditor implements OperatedSessions {
  readonly #children: Children;
  readonly #publisher: Publisher;
  readonly #folder: string;
  readonly #leases: Leases;

  /** `folder`: where the config file is looked for that holds for sessions of no other project. */
  constructor(children: Children, publisher: Publisher, folder: string) {
    this.#children = children;
    this.#publisher = publisher;
    this.#folder = folder;
    this.#leases = new Leases({ logger: children.logger, end: (session) => this.#end(session, leaseRanOut) });
  }

  async create(request: z.output<typeof createSessionRequest>): Promise<SessionView> {
    for (;;) {
      const { session, silent } = await this.#open(request);
      if (!silent) return session.view();
    }
  }

  /** Opens a session in one of the MITM processes. `silent`: that one does not answer, and another one does. */
  async #open(request: z.output<typeof createSessionRequest>): Promise<{ session: DesiredSession; silent: boolean }> {
    const { mitm, home, desired, reconciler, events } = this.#children;
    const { spec, recordingReason } = await newSpec(request, {
      ...{ home, folder: this.#folder },
      taken: new Set(desired.sessions.keys()),
    });
    await mitm.makeRoom();
    const session = new DesiredSession(spec, mitm.place());
    session.recordingReason = recordingReason;
    session.beganAfter = publishedGeneration(spec);
    desired.sessions.set(spec.id, session);
    const opened = reconciler.session(session);
    const process = mitm.at(session.worker)?.process;
    try {
      await (process?.whileAnswering(opened) ?? opened);
    } catch (error) {
      desired.sessions.delete(spec.id);
      if (process?.silentSince !== undefined) {
        await reconciler.abandon(session);
        if (mitm.hasOtherThan(session.worker)) return { session, silent: true };
        throw error;
      }
      await reconciler.remove(session, (mitm) => mitm.call('closeSession', { id: spec.id })).catch(() => undefined);
      throw portError(error, request.port ?? 0);
    }
    events.add(spec.id, { type: 'session', action: 'created' });
    void mitm.makeRoom();
    this.#leases.watch(session);
    return { session, silent: false };
  }

  list(): SessionView[] {
    return [...this.#children.desired.sessions.values()].map((session) => session.view());
  }

  get(id: string): SessionView {
    return this.#children.desired.session(id).view();
  }

  async summary(id: string): Promise<SessionSummary> {
    const session = this.#children.desired.session(id);
    const fromWorker = await this.#children.mitm.at(session.worker)?.process.call('summary', { id });
    return summaryOf(session, fromWorker);
  }

  renew(id: string, { leaseSeconds }: RenewRequest): SessionView {
    const session = this.#children.desired.session(id);
    session.used();
    if (leaseSeconds !== undefined) session.spec = { ...session.spec, leaseSeconds };
    this.#leases.watch(session);
    return session.view();
  }

  async end(id: string): Promise<SessionSummary> {
    return this.#end(this.#children.desired.session(id));
  }

  /** Keeps aside the recordings that nobody has decided on: nothing that was recorded is lost with the stack. */
  async rejectOpenRecordings(): Promise<void> {
    const { desired, logger } = this.#children;
    const recording = [...desired.sessions.values()].filter(({ recordingOpen }) => recordingOpen);
    await Promise.all(
      recording.map(({ spec }) =>
        this.end(spec.id).catch((error: unknown) =>
          logger.error(`Session ${spec.id} did not end in order`, { error: messageOf(error) }),
        ),
      ),
    );
  }

  close(): void {
    this.#leases.close();
  }

  /** `reason`: why it ends, when nobody asked for that. */
  async #end(session: DesiredSession, reason?: string): Promise<SessionSummary> {
    const { id } = session.spec;
    const { desired, reconciler, events, logger } = this.#children;
    this.#leases.forget(session);
    if (session.recordingOpen)
      await this.#publisher.end(id, {
        verdict: 'reject',
        reason: reason ?? 'The session ended without a verdict',
      });
    const fromWorker = await reconciler.remove(session, (mitm) =>
      mitm.call('closeSession', { id }).catch((error: unknown) => {
        // With its process the session is gone, too.
        if (!isOneOf(error, 'PROXYCTL_CHILD', 'PROXYCTL_TIMEOUT')) throw error;
        logger.warn(`Session ${id} was not closed in order`, { error: messageOf(error) });
        return undefined;
      }),
    );
    desired.sessions.delete(id);
    events.add(id, { type: 'session', action: 'removed', ...(reason === undefined ? {} : { reason }) });
    return summaryOf(session, fromWorker);
  }
}

/** Asked for beside all else: where the store does not answer, recordings are ordered by their times. */
async function publishedGeneration(spec: SessionSpec): Promise<number | undefined> {
  const { mode, store, testId, appVersion, branch } = spec;
  if (mode !== 'record' || store === undefined || testId === undefined || appVersion === undefined) return undefined;
  try {
    await using opened = await openStore(store);
    return generationOf((await opened.readPointer({ testId, appVersion, ...branchOf(branch) }))?.pointer);
  } catch {
    return undefined;
  }
}

function isOneOf(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof ProxyctlError && codes.includes(error.code);
}

function summaryOf(session: DesiredSession, fromWorker: WorkerSessionSummary | undefined): SessionSummary {
  if (fromWorker !== undefined) session.counted(fromWorker.counts, fromWorker.network);
  const {
    misses = [],
    failures = [],
    warnings = [],
    unused = [],
    passedThrough = [],
    addedFields = [],
    upstreamConnections = 0,
  } = fromWorker ?? {};
  return {
    session: session.view(),
    misses,
    failures,
    warnings,
    lostProcesses: [...session.lostProcesses],
    unused,
    passedThrough,
    addedFields,
    upstreamConnections,
  };
}

function portError(error: unknown, port: number): unknown {
  if (port === 0 || !/in use|EADDRINUSE/i.test(messageOf(error))) return error;
  return new ProxyctlError('PROXYCTL_PORT_IN_USE', `Port ${port} is in use`, {
    cause: error,
    hint: 'Choose another one with --proxy-port, or leave it out for any free one.',
  });
}
