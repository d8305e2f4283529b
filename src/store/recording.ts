import type { HarEntry, HarRecordingInfo } from '../har/har.js';
import type { RecordedExchanges, StoredBody } from '../http/index.js';
import type { RecordingRef } from './recording-key.js';

/** A recording opened for reading. */
export interface Recording {
  ref: RecordingRef;
  info: HarRecordingInfo;
  /** What was recorded, in recorded order: for whoever reads, compares or replays it. */
  exchanges: RecordedExchanges;
  /** The same as HAR 1.2 has it, with what other programs put there: for whoever shows or exports it. */
  entries: HarEntry[];
  /**
   * Of `recording.har` as it was read, in the pointer's form. Another than the pointer's `harSha256`: somebody edited
   * it.
   */
  harSha256?: string;
  /**
   * The wire bytes of a body that an entry names by `_sha256`; without one, its text. Undefined or empty: no bytes.
   * Throws `PROXYCTL_RECORDING_CORRUPT` when the body is missing or altered.
   */
  body(content: StoredBody | undefined): Promise<Buffer>;
}
