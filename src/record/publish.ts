import { ProxyctlError } from '../errors/index.js';
import type { RecordingStore } from '../store/recording-store.js';

export interface PublishedRecording {
  entries: number;
  bodies: number;
  bodyBytes: number;
  /** Set when a newer recording had been published meanwhile: this one is kept as history. */
  superseded?: string;
}

/** Publishing follows with the store's next step. */
export function publishJournal(
  folder: string,
  _store: RecordingStore,
  _options: { signal?: AbortSignal },
): Promise<PublishedRecording> {
  return Promise.reject(new ProxyctlError('PROXYCTL_NOT_PUBLISHED', `${folder} cannot be published yet`));
}

export function rejectJournal(folder: string, _reason: string): Promise<{ entries: number }> {
  return Promise.reject(new ProxyctlError('PROXYCTL_JOURNAL', `${folder} cannot be rejected yet`));
}
