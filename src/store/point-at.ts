import { ProxyctlError } from '../errors/index.js';
import { generationOf, isComplete, isLater } from './pointer.js';
import type { CurrentPointer } from './pointer.js';
import type { RecordingStore } from './recording-store.js';

/** How often the pointer is tried against other writers before that is an error. */
const pointerAttempts = 100;

interface PointOptions {
  signal?: AbortSignal | undefined;
  /** The generation that was published when the recording began: whatever is of it, or before it, is earlier. */
  beganAfter?: number | undefined;
}

/** A time that is further ahead than this is that of a wrong clock. */
const aheadMs = 60_000;

/** Makes the pointer lead to `next`, unless it leads to a later recording: then that one is returned. */
export async function pointAt(
  store: RecordingStore,
  next: CurrentPointer,
  { signal, beganAfter }: PointOptions = {},
): Promise<CurrentPointer | undefined> {
  for (let attempt = 0; attempt < pointerAttempts; attempt++) {
    signal?.throwIfAborted();
    const current = await store.readPointer(next);
    if (current !== undefined && stays(current.pointer, next, beganAfter)) return current.pointer;
    if (current?.pointer.recordingId === next.recordingId && current.pointer.harSha256 === next.harSha256)
      return undefined;
    const written = { ...next, generation: generationOf(current?.pointer) + 1 };
    if (await store.writePointer(next, written, current?.version)) return undefined;
  }
  const { testId, appVersion, recordingId } = next;
  throw new ProxyctlError(
    'PROXYCTL_STORE_CONFLICT',
    `Recording ${recordingId} of test "${testId}" (${appVersion}) is in ${store.url}, but other writers kept changing which one is published`,
    { hint: 'Publish it once more: proxyctl recordings push', data: { testId, appVersion, recordingId } },
  );
}

/**
 * Whether what is published stays so. Where it was published before `next` began, or says a time that has not come yet,
 * clocks do not tell which of them is later.
 */
function stays(current: CurrentPointer, next: CurrentPointer, beganAfter: number | undefined): boolean {
  if (!isLater(current, next)) return false;
  if (current.recordingId === next.recordingId) return true;
  if (isComplete(current) !== isComplete(next)) return true; // it is not by their times
  if (beganAfter !== undefined && generationOf(current) <= beganAfter) return false;
  return Date.parse(current.promotedAt ?? current.recordedAt) <= Date.now() + aheadMs;
}
