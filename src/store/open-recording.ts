import { ProxyctlError } from '../errors/index.js';
import type { RecordingRef } from './recording-key.js';
import type { RecordingStore } from './recording-store.js';
import type { Recording } from './recording.js';

/** Opening follows with the store's next step. */
export function openRecording(_store: RecordingStore, { testId }: RecordingRef): Promise<Recording> {
  return Promise.reject(
    new ProxyctlError('PROXYCTL_RECORDING_NOT_FOUND', `Recordings of "${testId}" cannot be read yet`),
  );
}
