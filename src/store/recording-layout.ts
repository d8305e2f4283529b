import { checkKey, checkRef, type RecordingKey, type RecordingRef } from './recording-key.js';
import { escapeSegment, testsFolder } from './segment.js';

/*
 * Where things lie in a store:
 *
 *     tests/<test id>/<app version>/<recording id>/recording.har
 *     tests/<test id>/<app version>/current.json
 *     branches/<branch>/tests/…                      as above, for other branches than the main one
 *     bodies/sha256/ab/abcdef…
 */

export const pointerName = 'current.json';
export const harName = 'recording.har';

export function testFolder(testId: string, branch: string | undefined): string {
  return `${testsFolder(branch)}/${escapeSegment(testId)}`;
}

/** Throws `UsageError` for a key that is none. */
export function keyFolder(key: RecordingKey): string {
  checkKey(key);
  return `${testFolder(key.testId, key.branch)}/${escapeSegment(key.appVersion)}`;
}

export function pointerKey(key: RecordingKey): string {
  return `${keyFolder(key)}/${pointerName}`;
}

export function recordingFolder(ref: RecordingRef): string {
  checkRef(ref);
  return `${keyFolder(ref)}/${ref.recordingId}`;
}

export function harKey(ref: RecordingRef): string {
  return `${recordingFolder(ref)}/${harName}`;
}

/** By one of the names of its content. */
export function bodyKey(name: string): string {
  return `bodies/sha256/${name.slice(0, 2)}/${name}`;
}
