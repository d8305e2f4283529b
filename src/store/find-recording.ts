import { ProxyctlError } from '../errors/index.js';
import type { RecordingKey, RecordingRef } from './recording-key.js';
import type { RecordingStore } from './recording-store.js';

/** Finding follows with the store's next step. */
export function findRecording(
  _store: RecordingStore,
  { testId }: RecordingKey,
  _policy: 'exact' | 'nearest' | 'latest',
): Promise<{ ref: RecordingRef; reason: string }> {
  return Promise.reject(
    new ProxyctlError('PROXYCTL_RECORDING_NOT_FOUND', `Recordings of "${testId}" cannot be read yet`),
  );
}
