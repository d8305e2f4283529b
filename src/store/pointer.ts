import { z } from 'zod';
import { checkFormat, isNewerFormat, thisProgram } from '../core/stored-formats.js';
import { messageOf } from '../errors/index.js';
import type { RecordingKey } from './recording-key.js';
import { corruptError } from './store-error.js';

/** `current.json`: which recording of a key is the published one. */
export interface CurrentPointer {
  formatVersion: 1;
  testId: string;
  appVersion: string;
  /** Left out: the main one. */
  branch?: string | undefined;
  recordingId: string;
  /** ISO 8601. */
  recordedAt: string;
  publishedAt: string;
  entries: number;
  /** Sum of the bodies' sizes. */
  bodyBytes: number;
  /** Of `recording.har`, hex; in an encrypted store an HMAC of it. */
  harSha256: string;
  /** ISO 8601: when it was made the published one by hand; later than recordings before that. */
  promotedAt?: string | undefined;
  /** How many times the key's published recording has changed, whatever the clocks said; not in pointers up to 0.1. */
  generation?: number | undefined;
  /** It does not hold all that its test did; its HAR says why. */
  incomplete?: boolean | undefined;
}

/** A pointer as it was read, with what a conditional write needs. */
export interface VersionedPointer {
  pointer: CurrentPointer;
  /** The object's. */
  version: string;
}

const pointerSchema = z.object({
  formatVersion: z.literal(1),
  testId: z.string().min(1),
  appVersion: z.string().min(1),
  branch: z.string().min(1).optional(),
  recordingId: z.string().min(1),
  recordedAt: z.iso.datetime(),
  publishedAt: z.iso.datetime(),
  entries: z.number().int().min(0),
  bodyBytes: z.number().min(0),
  harSha256: z.string().regex(/^[0-9a-f]{64}$/),
  promotedAt: z.iso.datetime().optional(),
  generation: z.number().int().min(0).optional(),
  incomplete: z.boolean().optional(),
}) satisfies z.ZodType<CurrentPointer>;

/**
 * Reads the text of a `current.json`. `where` is named in errors. Throws `PROXYCTL_RECORDING_CORRUPT`, and
 * `PROXYCTL_NEWER_FORMAT` for one of a newer program.
 */
export function parsePointer(text: Buffer, where: string): CurrentPointer {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'));
    checkFormat('pointer', value, where);
    return pointerSchema.parse(value);
  } catch (error) {
    if (isNewerFormat(error)) throw error;
    const message = `${where} is damaged: ${messageOf(error)}`;
    throw corruptError(message, where, 'Remove that file, then record the test again.', error);
  }
}

export function serializePointer(pointer: CurrentPointer): string {
  return `${JSON.stringify({ ...pointer, ...thisProgram() }, null, 2)}\n`;
}

/** A pointer that was copied by hand into another key's folder must not answer for that key. */
export function belongsTo(pointer: CurrentPointer, key: Partial<RecordingKey>): boolean {
  return (
    pointer.branch === key.branch &&
    (key.testId === undefined || pointer.testId === key.testId) &&
    (key.appVersion === undefined || pointer.appVersion === key.appVersion)
  );
}

/** Those of a test on a branch, of the pointers that were found: the newest recording first. */
export function publishedOf(pointers: readonly CurrentPointer[], key: Partial<RecordingKey>): CurrentPointer[] {
  return pointers.filter((pointer) => belongsTo(pointer, key)).sort((a, b) => (a.recordedAt < b.recordedAt ? 1 : -1));
}

/** What a pointer that lies under another key is refused with. */
export function misplacedPointer({ testId, appVersion }: CurrentPointer, where: string) {
  const message = `${where} is of test "${testId}", app version ${appVersion}, and does not belong there`;
  return corruptError(message, where, 'Remove that file, then record the test again.');
}

/** One that was promoted by hand counts as complete. */
export function isComplete({ incomplete, promotedAt }: CurrentPointer): boolean {
  return incomplete !== true || promotedAt !== undefined;
}

/** The generation of what is published under a key. */
export function generationOf(pointer: CurrentPointer | undefined): number {
  return pointer?.generation ?? 0;
}

/**
 * Whether `a` is to be the published one of the two: a complete recording before an incomplete one (unless that was
 * promoted by hand), then the one that was recorded (or promoted) later; of two at one moment the id decides, for
 * everybody alike.
 */
export function isLater(a: CurrentPointer, b: CurrentPointer): boolean {
  if (isComplete(a) !== isComplete(b)) return isComplete(a);
  const [timeA, timeB] = [a, b].map(({ promotedAt, recordedAt }) => Date.parse(promotedAt ?? recordedAt)) as [
    number,
    number,
  ];
  return timeA === timeB ? a.recordingId > b.recordingId : timeA > timeB;
}
