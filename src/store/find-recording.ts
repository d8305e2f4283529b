import { similarTexts } from './similar-texts.js';
import { branchOf, checkKey, defaultAppVersion, type RecordingKey, type RecordingRef } from './recording-key.js';
import { RecordingNotFoundError } from './recording-not-found.js';
import type { CurrentPointer } from './pointer.js';
import type { RecordingStore } from './recording-store.js';
import { areComparable, compareVersions } from './version-order.js';

/**
 * Which recording a test is given: `exact`: of its app version or none. `nearest`: of the same version, else of the
 * highest lower one, else of the lowest higher one, else (where versions have no order) the latest. `latest`: the one
 * recorded last.
 */
export type VersionPolicy = 'exact' | 'nearest' | 'latest';

interface FoundRecording {
  ref: RecordingRef;
  pointer: CurrentPointer;
  /** In words, after "because": `it is of app version 4.2.0`. */
  reason: string;
}

/**
 * The published recording for a key: of its branch, else of the main one. Throws `RecordingNotFoundError`, which says
 * what there is.
 */
export async function findRecording(
  store: RecordingStore,
  key: RecordingKey,
  policy: VersionPolicy = 'nearest',
): Promise<FoundRecording> {
  checkKey(key);
  const { testId, appVersion, branch } = key;
  const onBranch = branch === undefined ? [] : await store.published(testId, branch);
  const own = choose(appVersion, onBranch, policy);
  const onMain = own === undefined ? await store.published(testId) : [];
  const found = own ?? choose(appVersion, onMain, policy);
  checkSkipped(store, key, found);
  if (found === undefined) {
    const published = [...onBranch, ...onMain];
    const similar = published.length > 0 ? [] : await similarTexts(testId, store.testIds());
    throw new RecordingNotFoundError(key, published, { similar, store: store.url });
  }
  const reason = [
    ...(branch === undefined
      ? []
      : [own === undefined ? `branch ${branch} has none, and on main` : `on branch ${branch}`]),
    found.reason,
    ...(store.notice === undefined ? [] : [`(${store.notice})`]),
  ].join(' ');
  return { ref: refOf(found.pointer), pointer: found.pointer, reason };
}

/** What is asked for and cannot be read must not be answered by another recording, or by none. */
function checkSkipped(store: RecordingStore, { branch, ...key }: RecordingKey, found: unknown): void {
  const places = [branch, undefined].map((each) => store.pointerPlace({ ...key, branch: each }));
  const [first] = store.skipped;
  const asked = store.skipped.find(({ data }) => places.includes(String(data.path)));
  const blocking = asked ?? (found === undefined ? first : undefined);
  if (blocking !== undefined) throw blocking;
}

/** The recording that a pointer leads to. */
export function refOf({ testId, appVersion, branch, recordingId }: CurrentPointer): RecordingRef {
  return { testId, appVersion, ...branchOf(branch), recordingId };
}

function choose(
  asked: string,
  published: readonly CurrentPointer[],
  policy: VersionPolicy,
): Pick<FoundRecording, 'pointer' | 'reason'> | undefined {
  const same = published.find(({ appVersion }) => appVersion === asked);
  if (policy === 'latest') return latest(published, 'it is the one that was recorded last');
  if (same !== undefined) return { pointer: same, reason: `it is of app version ${asked}` };
  return policy === 'exact' ? undefined : nearest(asked, published);
}

function nearest(
  asked: string,
  published: readonly CurrentPointer[],
): Pick<FoundRecording, 'pointer' | 'reason'> | undefined {
  const ordered = published
    .filter(({ appVersion }) => areComparable(appVersion, asked))
    .sort((a, b) => compareVersions(a.appVersion, b.appVersion));
  const lower = ordered.findLast(({ appVersion }) => compareVersions(appVersion, asked) <= 0);
  if (lower !== undefined) {
    const reason = `${lower.appVersion} is the highest recorded app version below ${asked}`;
    return { pointer: lower, reason };
  }
  const [higher] = ordered;
  if (higher !== undefined) {
    const reason = `there is none of app version ${asked} or below, and ${higher.appVersion} is the lowest above`;
    return { pointer: higher, reason };
  }
  const why =
    asked === defaultAppVersion ? 'no app version was given' : `no recorded app version can be compared with ${asked}`;
  return latest(published, `${why}, and it is the one that was recorded last`);
}

function latest(
  published: readonly CurrentPointer[],
  reason: string,
): Pick<FoundRecording, 'pointer' | 'reason'> | undefined {
  const [pointer] = published.toSorted((a, b) => Date.parse(b.recordedAt) - Date.parse(a.recordedAt));
  return pointer && { pointer, reason };
}
