import { ProxyctlError } from '../../errors/index.js';
import type { VersionPolicy } from '../../store/find-recording.js';
import type { RecordingRef } from '../../store/recording-key.js';
import { RecordingNotFoundError } from '../../store/recording-not-found.js';
import type { RecordingStore } from '../../store/recording-store.js';

interface Choice {
  appVersion?: string | undefined;
  branch?: string | undefined;
  /** An id: of any app version where none is given. */
  recording?: string | undefined;
  versionPolicy?: VersionPolicy | undefined;
  /** Nothing is taken from main instead. */
  ownBranch?: boolean;
}

/** The recording that flags name. Throws `RecordingNotFoundError`, which says what there is. */
export async function chosenRecording(
  store: RecordingStore,
  testId: string,
  { appVersion, branch: named, recording, versionPolicy, ownBranch = false }: Choice,
): Promise<{ ref: RecordingRef; reason: string }> {
  const { findRecording, refOf } = await import('../../store/find-recording.js');
  const { branchOf, defaultAppVersion } = await import('../../store/recording-key.js');
  const { branch } = branchOf(named);
  if (recording !== undefined) {
    const ref = await byId(store, { testId, appVersion, branch }, recording);
    return { ref, reason: 'asked for by its id' };
  }
  if (!ownBranch) {
    return findRecording(store, { testId, appVersion: appVersion ?? defaultAppVersion, branch }, versionPolicy);
  }
  const published = await store.published(testId, branch);
  const fitting = published.filter((pointer) => appVersion === undefined || pointer.appVersion === appVersion);
  const [only, another] = fitting;
  if (only === undefined) {
    throwFirst(store);
    throw new RecordingNotFoundError({ testId, appVersion: appVersion ?? defaultAppVersion, branch }, published, {
      store: store.url,
    });
  }
  if (another === undefined) return { ref: refOf(only), reason: 'it is the only one' };
  const versions = fitting.map((each) => each.appVersion).join(', ');
  throw new ProxyctlError('PROXYCTL_USAGE', `Test "${testId}" has recordings of several app versions: ${versions}`, {
    hint: 'Say which one is meant with --app-version.',
    data: { testId, versions },
  });
}

/** What is not found may be among what cannot be read. */
function throwFirst({ skipped: [first] }: RecordingStore): void {
  if (first !== undefined) throw first;
}

async function byId(
  store: RecordingStore,
  { testId, appVersion, branch }: { testId: string; appVersion: string | undefined; branch: string | undefined },
  recordingId: string,
): Promise<RecordingRef> {
  const published = await store.published(testId, branch);
  const versions = appVersion === undefined ? published.map((each) => each.appVersion) : [appVersion];
  for (const each of versions) {
    const refs = await store.history({ testId, appVersion: each, branch });
    const found = refs.find((ref) => ref.recordingId === recordingId);
    if (found !== undefined) return found;
  }
  throwFirst(store);
  const { defaultAppVersion } = await import('../../store/recording-key.js');
  throw new RecordingNotFoundError({ testId, appVersion: appVersion ?? defaultAppVersion, branch }, published, {
    recordingId,
    anyVersion: appVersion === undefined,
    store: store.url,
  });
}
