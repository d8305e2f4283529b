/** What a recording is published under. */
export interface RecordingKey {
  /** Any text but the empty one. */
  testId: string;
  /** Any text but the empty one; `default` where none was given. */
  appVersion: string;
}

/** One recording of a key. */
export interface RecordingRef extends RecordingKey {
  /** Sorts by time: `20261121T030405.678Z-1a2b3c4d`. */
  recordingId: string;
}

export const defaultAppVersion = 'default';

/**
 * Any text as one path segment that is safe on every file system and in S3: letters, digits, `_`, `-` and inner dots stay,
 * all else becomes `%XX` of its UTF-8 bytes. A name that would be over 180 bytes is cut and ends in a hash of the whole,
 * so different texts stay different. Upper-case letters stay: stores on case-insensitive disks get `%XX` for none of
 * them, so two ids that differ in case alone are told apart by the `key` inside the recording.
 */
export { escapeSegment, unescapeSegment } from './segment.js';
