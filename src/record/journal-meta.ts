import { z } from 'zod';
import { storedFormats } from '../core/stored-formats.js';
import type { HarRecordingInfo } from '../har/har.js';
import { withoutArguments } from '../har/recording-info.js';

/** The files of a journal's folder; large bodies lie beside them as `body-*.bin`. */
export const journalFiles = {
  meta: 'meta.json',
  exchanges: 'exchanges.bin',
  /** What exchanges met of faults. */
  faults: 'faults.jsonl',
  /** Who writes, while somebody does: a `ProcessIdentity`. */
  writer: 'writer.json',
  /** Some bytes that are given back when the disk is full, so that there is room to say so. */
  reserve: 'reserve.bin',
} as const;

/** After how long without a word a writer on another machine or in another container counts as gone. */
export const foreignWriterStaleMs = 600_000;

/**
 * `recording`: somebody writes, or was killed while writing (the writer's lock tells which). `finished`: whole, to be
 * published. `broken`: the disk failed under it, so exchanges are missing. `rejected`: kept aside, with the reason.
 */
const journalState = z.enum(['recording', 'finished', 'broken', 'rejected']);
export type JournalState = z.infer<typeof journalState>;

const info = z.looseObject({
  formatVersion: z.literal(1),
  recordingId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
  testId: z.string().min(1),
  appVersion: z.string().min(1),
  branch: z.string().min(1).optional(),
  recordedAt: z.iso.datetime(),
  command: z.array(z.string()).optional(),
  seed: z.number().optional(),
}) satisfies z.ZodType<HarRecordingInfo>;

/** `meta.json` of a journal. */
export const journalMeta = z.object({
  formatVersion: z.union([z.literal(1), z.literal(storedFormats.journal)]),
  /** The version of the program that wrote it; not in format 1. */
  program: z.string().optional(),
  state: journalState,
  info: info.transform(withoutArguments),
  /** Where the recording is to be published: `/abs/folder` or `s3://bucket/prefix`. */
  store: z.string().optional(),
  /** Why it is broken or rejected. */
  reason: z.string().optional(),
  /** ISO 8601: when the state was last changed. */
  changedAt: z.iso.datetime(),
  /** How many records it has, once it is not being written any more. */
  entries: z.number().int().optional(),
  /** How often its writer ended before it was finished, and another one went on. */
  interruptions: z.number().int().optional(),
  /** Its writer has let go of it in order, to be continued: nothing is missing. */
  paused: z.literal(true).optional(),
  /** How many exchanges were still open when the recording ended. */
  cut: z.number().int().optional(),
});
export type JournalMeta = z.infer<typeof journalMeta>;
