import type { HarEntry, HarRecordingInfo } from '../har/har.js';
import type { RecordingRef } from './recording-key.js';

/** A recording opened for reading. */
export interface Recording {
  ref: RecordingRef;
  info: HarRecordingInfo;
  /** In recorded order. */
  entries: HarEntry[];
  /** The wire bytes of a body that an entry names by `_sha256` (or holds inline). */
  body(content: { _sha256?: string; text?: string; encoding?: 'base64' } | undefined): Promise<Buffer>;
}
