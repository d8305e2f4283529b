import type { MissReport } from '../replay/explain/miss-report.js';
import type { LogEntry } from '../core/logger.js';
import type { NetworkConditions } from '../network/stage/network-conditions.js';
import type { NetworkTotals } from '../network/stage/network-totals.js';
import type { Har, HarEntry } from '../har/har.js';
import type { ExpectRequest, ExpectResult, MockCounts, Overrides } from '../overrides/index.js';
import type { HarFilter } from './har-filter.js';
import type { EventText } from './event-line.js';
import type { SessionCounts, SessionFailure, SessionWarning } from './session-counts.js';
import type { SessionSpec } from './session-spec.js';
import type { ToxicState } from '../toxics/index.js';
import type { Toxic } from '../toxics/toxic.js';

/** What the supervisor asks of the MITM process, over Node's IPC channel. Each call is answered once. */
export interface WorkerCalls {
  openSession: {
    params: { spec: SessionSpec; restore?: SessionProgress } & SessionRuntimeConfig;
    /** `incomplete`: why the recording that it replays does not hold all that its test did. */
    result: { mitmPort: number; hostRoutes: HostRouteListener[]; incomplete?: string };
  };
  /** All of it anew: without `network` there is none any more. */
  configureSession: { params: { id: string } & SessionRuntimeConfig; result: { hostRoutes: HostRouteListener[] } };
  closeSession: { params: { id: string }; result: WorkerSessionSummary };
  summary: { params: { id: string }; result: WorkerSessionSummary };
  /** What it has seen, of a session with a history. */
  har: { params: { id: string; filter: HarFilter }; result: Har };
  /** One exchange of it with bodies up to this size, if it is kept. */
  entry: { params: { id: string; index: number; mostBytes: number }; result: { entry?: HarEntry } };
  expect: { params: { id: string; expectation: ExpectRequest }; result: ExpectResult };
  /** Waits until no exchange is open (or `limitMs` is over) and closes the journal. */
  finishRecording: { params: { id: string; limitMs: number }; result: { cut: number } };
  /** The ports of the stack on this machine, all of them anew: sessions that other machines reach connect to none. */
  stackPorts: { params: { ports: number[] }; result: Record<string, never> };
  /** A sign of life. */
  ping: { params: Record<string, never>; result: Record<string, never> };
  /** Events are made and sent only while somebody wants them. */
  subscribe: { params: { wanted: boolean }; result: Record<string, never> };
}

/** What is around a session's listener and chain, and may change while it is open. */
export interface SessionRuntimeConfig {
  /** The modelled network before it. */
  network?: NetworkConditions;
  /** Toxics that Toxiproxy has before it, for receipts; those of hosts among them. */
  activeToxics: Toxic[];
  /** Those that act in the MITM process; those of hosts among them. */
  ownToxics: OwnToxic[];
  /** The ways of hosts that have toxics of their own, in their order. */
  hostRoutes: HostRouteConfig[];
  /** What it was told to answer or to send elsewhere. */
  overrides: Overrides;
}

/** A toxic that acts in the MITM process. Its `run` differs from that of one of its name that was removed before. */
export interface OwnToxic {
  toxic: Toxic;
  run: number;
}

/** What such a toxic has done so far: with it, it goes on after a restart. */
export interface OwnToxicState {
  name: string;
  run: number;
  state: ToxicState;
}

/** The way that connections to some hosts take, behind the session's listener: through another proxy of Toxiproxy's. */
export interface HostRouteConfig {
  pattern: string;
  /** Where that proxy listens; 0 while it does not, or nobody is to go there. */
  port: number;
  /** Where it leads to: a listener of the session. 0: any port. */
  mitmPort: number;
  network?: NetworkConditions;
}

export interface HostRouteListener {
  pattern: string;
  mitmPort: number;
}

/** What a session must know to go on after the MITM process was restarted. */
export interface SessionProgress {
  nextIndex: number;
  /** Replay: indexes of the recorded entries that were served, in order. */
  served: number[];
  /** By mock. */
  mocks?: Record<string, MockCounts>;
  toxicStates?: OwnToxicState[];
  /** Host names that were resolved. */
  resolved?: string[];
}

export interface WorkerSessionSummary {
  counts: SessionCounts;
  misses: MissReport[];
  failures: SessionFailure[];
  warnings: SessionWarning[];
  unused: { index: number; method: string; url: string }[];
  passedThrough: { index: number; method: string; url: string; recorded: boolean }[];
  addedFields: { index: number; method: string; url: string; where: string[]; by?: string }[];
  upstreamConnections: number;
  network?: NetworkTotals;
  /** Why the recording is broken, if it is. */
  recordingError?: string;
}

export interface SessionProgressNotice {
  id: string;
  counts: SessionCounts;
  nextIndex: number;
  /** Replay: served since the last notice. */
  newlyServed: number[];
  /** What its connections met in its modelled network, if it had one. */
  network?: NetworkTotals;
  /** By mock, while it has any. */
  mocks?: Record<string, MockCounts>;
  /** Of toxics that have done anything. */
  toxicStates?: OwnToxicState[];
  /** Host names that were resolved since the last notice. */
  newlyResolved?: string[];
}

/** Sent without being asked. */
export type WorkerNotice =
  | { notice: 'ready' }
  | { notice: 'events'; events: EventText[] }
  | { notice: 'progress'; sessions: SessionProgressNotice[] }
  | { notice: 'log'; entry: LogEntry }
  | { notice: 'fatal'; message: string };

export type WorkerMethod = keyof WorkerCalls;

/** What answers each call. */
export type WorkerHandlers = {
  [Method in WorkerMethod]: (
    params: WorkerCalls[Method]['params'],
  ) => WorkerCalls[Method]['result'] | Promise<WorkerCalls[Method]['result']>;
};

export interface CallMessage<Method extends WorkerMethod = WorkerMethod> {
  call: number;
  method: Method;
  params: WorkerCalls[Method]['params'];
}

export type ReplyMessage =
  | { answer: number; result: unknown }
  | { answer: number; error: { code?: string; message: string; hint?: string; data?: Record<string, unknown> } };
