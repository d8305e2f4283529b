import { randomBytes } from 'node:crypto';
import { UsageError } from '../errors/index.js';

/** What a recording is published under. */
export interface RecordingKey {
  /** Any text but the empty one. */
  testId: string;
  /** Any text but the empty one; `default` where none was given. */
  appVersion: string;
  /** Of the code that the test ran on; left out: the main one. */
  branch?: string | undefined;
}

/** One recording of a key. */
export interface RecordingRef extends RecordingKey {
  /** Sorts by time: `20261121T030405.678Z-1a2b3c4d`. */
  recordingId: string;
}

export const defaultAppVersion = 'default';
/** The branch that has no name in a store: what other branches fall back to. */
const mainBranch = 'main';

/** A branch as keys have it. */
export function branchOf(name: string | undefined): { branch?: string } {
  return name === undefined || name === mainBranch ? {} : { branch: name };
}

/** A new id for a recording that begins at `now` (milliseconds since 1970). */
export function newRecordingId(now: number): string {
  const compact = new Date(now).toISOString().replaceAll(/[-:]/g, '');
  return `${compact}-${randomBytes(4).toString('hex')}`;
}

/** Throws `UsageError` when a key is none: an empty text, or one that no file and no JSON can hold. */
export function checkKey({ testId, appVersion, branch }: RecordingKey): void {
  checkText('test id', testId, '--test-id checkout');
  checkText('app version', appVersion, '--app-version 4.2.0');
  if (branch !== undefined) checkText('branch', branch, '--branch feature/basket');
}

/** Also throws `UsageError` for a recording id that is not made as ours are. */
export function checkRef(ref: RecordingRef): void {
  checkKey(ref);
  const { recordingId } = ref;
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/.test(recordingId) && recordingId.length <= 100) {
    if (!recordingId.endsWith('.json') && !recordingId.endsWith('.lock')) return;
  }
  throw new UsageError(`${JSON.stringify(recordingId)} is not a recording id`, {
    hint: 'They look like 20261121T030405.678Z-1a2b3c4d; see: proxyctl recordings show TEST-ID',
    data: { recordingId },
  });
}

function checkText(what: string, text: string, example: string): void {
  if (text === '') throw new UsageError(`The ${what} is empty`, { hint: `Give one, like ${example}` });
  if (/\p{Surrogate}/u.test(text)) {
    throw new UsageError(`The ${what} ${JSON.stringify(text)} is not Unicode text`, {
      hint: `Give one like ${example}`,
    });
  }
}

export { escapeSegment, unescapeSegment } from './segment.js';
