import type { HarEntry, HarRecordingInfo } from '../har/har.js';
import type { RecordingRef } from './recording-key.js';

/** A body as an entry has it: `request.postData` or `response.content`. */
export interface StoredContent {
  _sha256?: string;
  text?: string;
  encoding?: 'base64';
}

/** A recording opened for reading. */
export interface Recording {
  ref: RecordingRef;
  info: HarRecordingInfo;
  /** In recorded order. `fromHarEntry` tells what each holds. */
  entries: HarEntry[];
  /** Of `recording.har` as it was read, in the pointer's form. Another than the pointer's `harSha256`: somebody edited it. */
  harSha256?: string;
  /**
   * The wire bytes of a body that an entry names by `_sha256`; without one, its text. Undefined or empty: no bytes. Throws
   * `PROXYCTL_RECORDING_CORRUPT` when the body is missing or altered.
   */
  body(content: StoredContent | undefined): Promise<Buffer>;
}
