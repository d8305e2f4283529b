import type { ProxyctlError } from '../errors/index.js';
import type { HarRecordingInfo } from '../har/har.js';

export interface JournalOptions {
  /** `<journalDir>/<recordingId>`; made if it is not there. A journal that is there is continued. */
  folder: string;
  info: HarRecordingInfo;
  /** Where the recording is to be published. */
  store?: string;
  /** Called once, when the disk fails. */
  onError?(error: ProxyctlError): void;
}

/** A journal open for writing. */
export interface Journal extends AsyncDisposable {
  readonly folder: string;
  /** One more than the highest index in it: where a session that comes back after a crash counts on. */
  readonly nextIndex: number;
  /** Records in it. */
  readonly entries: number;
  /** Why nothing is written any more. */
  readonly failure: ProxyctlError | undefined;
}
