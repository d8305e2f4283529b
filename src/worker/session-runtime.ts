import type { Logger } from '../core/logger.js';
import { wallClock } from '../core/clock.js';
import { isLoopbackHost } from '../core/loopback-host.js';
import type { ProxyctlError } from '../errors/index.js';
import type { HarRecordingInfo } from '../har/har.js';
import { incompleteOf } from '../har/recording-info.js';
import { UpstreamError, type Interceptor, type Next, type TunnelReport } from '../http/index.js';
import { TargetGuard } from '../proxy/upstream/target-guard.js';
import { createUpstream, type Upstream } from '../proxy/upstream/upstream.js';
import { Journal } from '../record/journal.js';
import { createRecorder, type Recorder } from '../record/recorder.js';
import { reachesBackends, recordsMisses } from '../replay/explain/miss-policy.js';
import { jwtKeyOf } from '../replay/jwt-key.js';
import type { Replayer } from '../replay/contract.js';
import { createReplayer } from '../replay/replayer.js';
import type { SessionSpec } from '../protocol/session-spec.js';
import { openRecording } from '../store/open-recording.js';
import { branchOf } from '../store/recording-key.js';
import { openStore } from '../store/open-store.js';
import type { SessionLookups } from './session-lookups.js';
import type { SessionProgress } from '../protocol/worker-protocol.js';

/** What stands behind a session's chain of interceptors, by its mode. */
export interface SessionRuntime {
  interceptors: Interceptor[];
  last: Next;
  firstIndex: number;
  upstream?: Upstream;
  recorder?: Recorder;
  replayer?: Replayer;
  /** Why the recording that is replayed does not hold all that its test did. */
  incomplete?: string;
  onTunnel?: (report: TunnelReport) => void;
  close(): Promise<void>;
}

interface RuntimeOptions {
  spec: SessionSpec;
  restore: SessionProgress | undefined;
  logger: Logger;
  /** A tunnel that is recorded takes an index of the session like an exchange. */
  nextIndex: () => number;
  onRecordingBroken: (error: ProxyctlError) => void;
  lookups: SessionLookups;
  /** The ports of the stack, which are no targets for clients of other machines. */
  stackPorts: () => ReadonlySet<number>;
}

export function openRuntime(options: RuntimeOptions): Promise<SessionRuntime> {
  if (options.spec.mode === 'replay') return openReplay(options);
  return options.spec.mode === 'record' ? openRecord(options) : Promise.resolve(openLive(options));
}

function openLive(options: RuntimeOptions): SessionRuntime {
  const { restore } = options;
  const upstream = upstreamOf(options);
  return {
    interceptors: [],
    last: upstream.handle,
    firstIndex: restore?.nextIndex ?? 0,
    upstream,
    close: () => upstream.close(),
  };
}

/** Without a journal its recording has been ended already: its traffic goes on, unrecorded. */
async function openRecord(options: RuntimeOptions): Promise<SessionRuntime> {
  const { spec, restore, nextIndex } = options;
  if (spec.journal === undefined) return openLive(options);
  const upstream = upstreamOf(options); // first, as bad options are refused here
  const journal = await openJournal(options);
  const recorder = createRecorder({ journal, sessionId: spec.id, nextIndex });
  return {
    interceptors: [recorder.interceptor],
    last: upstream.handle,
    firstIndex: Math.max(journal.nextIndex, restore?.nextIndex ?? 0),
    upstream,
    recorder,
    onTunnel: (report) => recorder.tunnel(report),
    close: async () => {
      await upstream.close();
      await journal[Symbol.asyncDispose]();
    },
  };
}

function openJournal({ spec, onRecordingBroken: onError }: RuntimeOptions): Promise<Journal> {
  const { journal: folder = '', store } = spec;
  return Journal.open({ folder, info: infoOf(spec), onError, ...(store === undefined ? {} : { store }) });
}

async function openReplay(options: RuntimeOptions): Promise<SessionRuntime> {
  const { spec, restore, nextIndex, lookups } = options;
  const { store = '', recording: ref, harVersion, onMiss } = spec;
  if (ref === undefined) throw new Error(`Session ${spec.id} has no recording to replay`);
  const opened = await openStore(store);
  try {
    const recording = await openRecording(opened, ref, { harVersion });
    const incomplete = incompleteOf(recording.info);
    const upstream = reachesBackends(onMiss) ? upstreamOf(options) : undefined;
    const journal = recordsMisses(onMiss) && spec.journal !== undefined ? await openJournal(options) : undefined;
    const recorder = journal && createRecorder({ journal, sessionId: spec.id, nextIndex });
    const replayer = createReplayer({
      recording,
      clock: wallClock,
      options: {
        missStatus: spec.missStatus,
        onMiss,
        timing: spec.timing,
        exhausted: spec.exhausted,
        newFields: spec.newFields,
        dates: spec.dates,
        dateWindowDays: spec.dateWindowDays,
        jwtKeys: spec.jwtKeys.map(jwtKeyOf),
        rules: spec.rules,
        ...(recorder === undefined ? {} : { recorder: recorder.interceptor }),
        ...(spec.appVersion === undefined ? {} : { appVersion: spec.appVersion }),
        ...(restore === undefined ? {} : { served: restore.served }),
      },
    });
    return {
      interceptors: [lookups.interceptor(spec), replayer.interceptor],
      last: upstream?.handle ?? nothing,
      firstIndex: Math.max(journal?.nextIndex ?? 0, restore?.nextIndex ?? 0),
      replayer,
      ...(incomplete === undefined ? {} : { incomplete: incomplete.reason }),
      ...(upstream === undefined ? {} : { upstream }),
      ...(recorder === undefined ? {} : { recorder }),
      close: async () => {
        await upstream?.close();
        await journal?.[Symbol.asyncDispose]();
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The end of a replay's chain: a request that comes here would have gone to the network. */
const nothing: Next = ({ request: { host, port } }) =>
  Promise.reject(
    new UpstreamError(
      { kind: 'unreachable', phase: 'connect', host, port },
      `A replay opens no connection (${host}:${port})`,
    ),
  );

function upstreamOf({ spec, lookups, stackPorts }: RuntimeOptions): Upstream {
  const guard = isLoopbackHost(spec.host) ? undefined : new TargetGuard(spec.allowTarget, stackPorts);
  return createUpstream({ ...spec, lookups, guard });
}

function infoOf({
  id,
  testId = id,
  appVersion = 'default',
  branch,
  recordingId = id,
  createdAt,
  command,
  run,
  redact,
  publishAnyway,
  appVersionFrom,
  recording,
}: SessionSpec): HarRecordingInfo {
  return {
    formatVersion: 1,
    recordingId,
    testId,
    appVersion,
    ...branchOf(branch),
    recordedAt: createdAt,
    ...(command === undefined ? {} : { command }),
    ...(run === undefined ? {} : { run }),
    ...(redact === undefined ? {} : { redact }),
    ...(publishAnyway === true ? { publishAnyway } : {}),
    ...(appVersionFrom === undefined ? {} : { appVersionFrom }),
    // a replay that records is added to what it replays
    ...(recording === undefined ? {} : { addedTo: recording }),
  };
}
