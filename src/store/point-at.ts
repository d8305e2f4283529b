import { ProxyctlError } from '../errors/index.js';
import { isLater } from './pointer.js';
import type { CurrentPointer } from './pointer.js';
import type { RecordingStore } from './recording-store.js';

/** How often the pointer is tried against other writers before that is an error. */
const pointerAttempts = 100;

/** Makes the pointer lead to `next`, unless it leads to a later recording: then that one is returned. */
export async function pointAt(
  store: RecordingStore,
  next: CurrentPointer,
  signal?: AbortSignal,
): Promise<CurrentPointer | undefined> {
  for (let attempt = 0; attempt < pointerAttempts; attempt++) {
    signal?.throwIfAborted();
    const current = await store.readPointer(next);
    if (current !== undefined && isLater(current.pointer, next)) return current.pointer;
    if (current?.pointer.recordingId === next.recordingId && current.pointer.harSha256 === next.harSha256)
      return undefined;
    if (await store.writePointer(next, next, current?.version)) return undefined;
  }
  const { testId, appVersion, recordingId } = next;
  throw new ProxyctlError(
    'PROXYCTL_STORE_CONFLICT',
    `Recording ${recordingId} of test "${testId}" (${appVersion}) is in ${store.url}, but other writers kept changing which one is published`,
    { hint: 'Publish it once more: proxyctl recordings push', data: { testId, appVersion, recordingId } },
  );
}
