import { HarExchanges } from '../har/har-exchanges.js';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { removeFile } from '../core/atomic-file.js';
import { acquireLock, type FileLock, LockHeldError } from '../core/file-lock.js';
import { shellWord } from '../core/shell-word.js';
import { ProxyctlError } from '../errors/index.js';
import { recordedVersions, type HarEntry, type HarRecordingInfo, type Incomplete } from '../har/har.js';
import { endedEarly, incompleteOf } from '../har/recording-info.js';
import type { RedactionOptions } from '../har/redaction/index.js';
import { recordingHead, writeHar } from '../har/har-writer.js';
import { pointAt } from '../store/point-at.js';
import { openRecording, storedBody } from '../store/open-recording.js';
import type { Recording } from '../store/recording.js';
import type { StoreOutage } from '../store/outage.js';
import { branchOf, type RecordingRef } from '../store/recording-key.js';
import type { CurrentPointer, RecordingStore } from '../store/recording-store.js';
import { hashing } from '../store/sha256.js';
import { journalError, readJournalMeta, writeJournalMeta } from './journal-folder.js';
import { foreignWriterStaleMs, journalFiles } from './journal-meta.js';
import { JournalReader, situationOf } from './journal-reader.js';
import { harEntries, storeBodies, type EntryPosition } from './publish-content.js';
import { PublishScan } from './publish-scan.js';
import { recordedVersion } from './recorded-version.js';
import { saltOfPublished } from './salt-of-test.js';
import { redactedInfo, redactionOf, type EntryRedaction } from './redact-entry.js';

export interface PublishProgress {
  phase: 'bodies' | 'har' | 'pointer' | 'done';
  /** Exchanges that were gone through in this phase. */
  entries: number;
  /** Bodies that are in the store, and their bytes. */
  bodies: number;
  bodyBytes: number;
}

interface PublishOptions {
  signal?: AbortSignal;
  onProgress?: (progress: PublishProgress) => void;
  /** Told while the store is away and waited for. */
  onOutage?: (outage: StoreOutage) => void;
  /** Replaces this, besides what its session was told to. */
  redact?: RedactionOptions | false | undefined;
  /**
   * Publish what a killed writer left, too. Without it such a journal is refused: nobody knows whether its test passed.
   */
  unfinished?: boolean;
  /** Publish it also if secrets stand in it in the clear. Without it, what its session was told holds. */
  publishAnyway?: boolean | undefined;
  /** The generation that was published under its key when it began. */
  beganAfter?: number | undefined;
  /** Makes the rules that it is published with out of what it holds and what was published before. Must not throw. */
  rulesFor?: (next: UnpublishedRecording, store: RecordingStore) => Promise<readonly object[]>;
}

/** A recording whose bodies are in the store, and that nothing leads to yet. */
interface UnpublishedRecording extends Pick<Recording, 'ref' | 'info'> {
  exchanges: number;
  bodyBytes: number;
  /** Reads it whole. */
  open: () => Promise<Recording>;
}

/** What is in the store now. */
export interface PublishedRecording {
  /** As its session was told, or as its requests say. */
  appVersion: string;
  entries: number;
  /** Different ones, and the sum of their sizes. */
  bodies: number;
  bodyBytes: number;
  /**
   * Set when this one is kept as history, since a later recording of the same key was published before it, or a
   * complete one while this one is not: says so in words.
   */
  superseded?: string;
  /** Set when it does not hold all that its test did. */
  incomplete?: Incomplete;
}

/**
 * Puts a recording into the store: bodies, then the HAR, then the pointer, then the journal goes. May be broken off at
 * any point and called again: what is there already is not sent twice. Of two recordings of one key the one that was
 * recorded later is the published one, whoever comes first, but an incomplete one never takes the place of a complete
 * one; the other stays as history.
 *
 * Throws `PROXYCTL_SECRETS_FOUND` when secrets would stand in it in the clear, with the journal whole (see
 * `publishAnyway`).
 *
 * Throws `PROXYCTL_JOURNAL` when the journal is unfinished, broken, damaged or still being written, `PROXYCTL_STORE`
 * when the store fails (one that is away is waited for, see `RecordingStore.throughOutages`); the journal is whole
 * then.
 */
export async function publishJournal(
  folder: string,
  store: RecordingStore,
  options: PublishOptions = {},
): Promise<PublishedRecording> {
  await using _lock = await lockForPublishing(folder);
  const { signal, onOutage } = options;
  const publish = (): Promise<PublishedRecording> => publishLocked(folder, store, options);
  const published = await store.throughOutages({ signal, onOutage }, publish).catch((error: unknown) => {
    signal?.throwIfAborted(); // whoever ended the waiting knows why
    throw error;
  });
  await removeJournal(folder);
  return published;
}

/**
 * Keeps a journal aside with the reason, until it is pruned. Throws `PROXYCTL_JOURNAL` for one that is being written.
 */
export async function rejectJournal(folder: string, reason: string): Promise<{ entries: number }> {
  await using reader = await JournalReader.open(folder);
  const { meta } = reader;
  if ((await situationOf(folder, meta)) === 'in-progress') throw inProgress(folder);
  const entries = meta.entries ?? (await countEntries(reader));
  const why = meta.state === 'broken' ? `${reason}. ${meta.reason ?? ''}` : reason;
  try {
    await removeFile(join(folder, journalFiles.reserve));
    await writeJournalMeta(folder, {
      ...meta,
      state: 'rejected',
      reason: why,
      entries,
      changedAt: new Date().toISOString(),
    });
  } catch (error) {
    throw journalError('written', folder, error);
  }
  return { entries };
}

/** Throws a journal away, whatever is in it. Throws `PROXYCTL_JOURNAL` for one that is being written or published. */
export async function discardJournal(folder: string): Promise<void> {
  await using _lock = await lockForPublishing(folder);
  const meta = await readJournalMeta(folder).catch(() => undefined); // one that is damaged may go as well
  if (meta !== undefined && (await situationOf(folder, meta)) === 'in-progress') throw inProgress(folder);
  try {
    await removeJournal(folder);
  } catch (error) {
    throw journalError('written', folder, error);
  }
}

async function countEntries(reader: JournalReader): Promise<number> {
  let entries = 0;
  for await (const _ of reader.entries()) entries += 1;
  return entries;
}

async function publishLocked(
  folder: string,
  store: RecordingStore,
  options: PublishOptions,
): Promise<PublishedRecording> {
  const { signal, onProgress } = options;
  await using reader = await JournalReader.open(folder);
  await checkPublishable(reader, options);
  const said = await recordedVersion(reader);
  const info = said === undefined ? reader.meta.info : { ...reader.meta.info, appVersion: said };
  const { testId, appVersion, recordingId, recordedAt } = info;
  const ref: RecordingRef = { testId, appVersion, ...branchOf(info.branch), recordingId };

  const progress: PublishProgress = { phase: 'bodies', entries: 0, bodies: 0, bodyBytes: 0 };
  const report = (change: Partial<PublishProgress>): void => onProgress?.(Object.assign(progress, change));
  const base = await baseOf(info, store);
  const lastSalt = await saltOfPublished(store, ref);
  const redaction = await redactionOf(reader, { more: options.redact, base: base?.info.redaction, lastSalt });
  const isScanned = (options.publishAnyway ?? info.publishAnyway) !== true && redaction !== undefined;
  const scan = isScanned ? new PublishScan(redaction.by.redactor, redaction.by.info) : undefined;
  const content = await storeBodies(reader, store, { signal, onProgress: report, redaction, scan });

  report({ phase: 'har', entries: 0 });
  const onEntry = (done: number): void => {
    signal?.throwIfAborted();
    report({ entries: done });
  };
  const added = harEntries(reader, content.positions, onEntry, redaction);
  const entries = base === undefined ? added : withAdded(base.entries, added);
  const plain = infoOf(reader, base === undefined ? info : grownInfo(base, info));
  const incomplete = incompleteOf(plain);
  const next = { ref, info: redactedInfo(plain, redaction) };
  const { bodies, bodyBytes, positions } = content;
  const rules =
    base !== undefined
      ? undefined
      : await options.rulesFor?.(
          {
            ...next,
            ...{ exchanges: positions.length, bodyBytes },
            open: () => asRecording(reader, store, { ...next, positions, redaction }),
          },
          store,
        );
  const head = rules === undefined || rules.length === 0 ? plain : { ...plain, rules };
  const source = writeHar(recordingHead(redactedInfo(head, redaction)), entries);
  const har = hashing(source);
  await store.putHar(ref, har.stream);

  report({ phase: 'pointer' });
  const pointer: CurrentPointer = {
    formatVersion: 1,
    ...ref,
    recordedAt,
    publishedAt: new Date().toISOString(),
    entries: (base?.entries.length ?? 0) + content.positions.length,
    bodyBytes: content.bodyBytes,
    harSha256: store.encryption.names(har.sha256())[0],
    ...(incomplete === undefined ? {} : { incomplete: true }),
  };
  const newer = await pointAt(store, pointer, {
    signal,
    ...(said === undefined ? { beganAfter: options.beganAfter } : {}), // else it was asked for another key
  });
  report({ phase: 'done' });
  return {
    ...{ appVersion, entries: pointer.entries, bodies, bodyBytes },
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(newer === undefined ? {} : { superseded: supersededBy(newer, pointer) }),
  };
}

/** What is about to be published, as it will be read. */
async function asRecording(
  reader: JournalReader,
  store: RecordingStore,
  {
    ref,
    info,
    positions,
    redaction,
  }: Pick<Recording, 'ref' | 'info'> & {
    positions: readonly EntryPosition[];
    redaction: EntryRedaction | undefined;
  },
): Promise<Recording> {
  const entries: HarEntry[] = [];
  for await (const entry of harEntries(reader, positions, () => undefined, redaction)) entries.push(entry);
  const exchanges = new HarExchanges(entries);
  return { ref, info, exchanges, entries, body: (stored) => storedBody(store, stored) };
}

const baseRef = z.object({
  testId: z.string(),
  appVersion: z.string(),
  branch: z.string().optional(),
  recordingId: z.string(),
});

/** The recording that this one adds to: one of a replay that recorded what it missed. */
async function baseOf({ addedTo }: HarRecordingInfo, store: RecordingStore): Promise<Recording | undefined> {
  if (addedTo === undefined) return undefined;
  const { branch, ...ref } = baseRef.parse(addedTo);
  return openRecording(store, { ...ref, ...branchOf(branch) }, { checkBodies: false });
}

/** The times of the first recording stay the ones that the whole is told by; each addition says when it was made. */
function grownInfo(
  { info: base, entries }: Recording,
  { recordingId, appVersion, recordedAt }: HarRecordingInfo,
): HarRecordingInfo {
  const before = Array.isArray(base.additions) ? (base.additions as unknown[]) : [];
  const versions = new Set([...recordedVersions(base), appVersion]);
  return {
    ...base,
    ...{ recordingId, appVersion },
    additions: [...before, { recordedAt, from: entries.length }],
    ...(versions.size === 1 ? {} : { appVersions: [...versions] }),
  };
}

async function* withAdded(base: readonly HarEntry[], added: AsyncIterable<HarEntry>): AsyncGenerator<HarEntry> {
  let next = 0;
  for (const entry of base) {
    next = Math.max(next, (entry._proxyctl?.index ?? next) + 1);
    yield entry;
  }
  for await (const entry of added) {
    yield { ...entry, ...(entry._proxyctl === undefined ? {} : { _proxyctl: { ...entry._proxyctl, index: next } }) };
    next += 1;
  }
}

function supersededBy(
  { recordingId, recordedAt, incomplete }: CurrentPointer,
  { incomplete: isIncomplete, testId, recordingId: own }: CurrentPointer,
): string {
  if (isIncomplete === true && incomplete !== true) {
    const promote = `proxyctl recordings promote ${shellWord(testId)} --recording ${own}`;
    return `It is kept beside the complete recording ${recordingId} of ${recordedAt}, which stays the published one. To have it published all the same: ${promote}`;
  }
  return `A later recording, ${recordingId} of ${recordedAt}, was published before this one: this one is kept as history`;
}

async function checkPublishable(reader: JournalReader, { unfinished = false }: PublishOptions): Promise<void> {
  const { folder, meta } = reader;
  const situation = await situationOf(folder, meta);
  if (situation === 'in-progress') throw inProgress(folder);
  if (situation === 'finished' || (situation === 'unfinished' && unfinished)) return;
  const id = meta.info.recordingId;
  const why = {
    unfinished: 'was never finished: the program that wrote it was killed',
    broken: `is not whole: ${meta.reason ?? 'the disk failed'}`,
    rejected: `was rejected: ${meta.reason ?? 'no reason was given'}`,
  }[situation];
  throw new ProxyctlError('PROXYCTL_JOURNAL', `Recording ${id} of test "${meta.info.testId}" ${why}`, {
    hint: `Record the test again. What was recorded is in ${folder}.`,
    data: { journal: folder, recordingId: id, situation },
  });
}

/** Says of itself what is missing. */
function infoOf(reader: JournalReader, info: HarRecordingInfo): HarRecordingInfo {
  const { cut } = reader.meta;
  const incomplete = incompleteOf(info) ?? missingFrom(reader);
  return {
    ...info,
    ...(cut === undefined || cut === 0 ? {} : { cutExchanges: cut }),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

/** What a journal does not have of what its test did, once it was read to its end. */
function missingFrom({ damage, meta }: JournalReader): Incomplete | undefined {
  const { interruptions = 0, state } = meta;
  if (state !== 'recording' && interruptions === 0) return undefined;
  const times = interruptions === 1 ? 'once' : `${interruptions} times`;
  const altered = damage !== undefined && !damage.torn;
  return {
    reason: altered
      ? `its journal was damaged (${damage.reason})`
      : state === 'recording'
        ? endedEarly
        : `the process that recorded it ended ${times} meanwhile, and was started again`,
    ...(interruptions === 0 ? {} : { interruptions }),
    ...(damage === undefined ? {} : { lostBytes: damage.bytes }),
  };
}

async function lockForPublishing(folder: string): Promise<FileLock> {
  try {
    return await acquireLock(`${folder}.publishing`, { waitMs: 0, foreignStaleMs: foreignWriterStaleMs });
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw journalError('read', folder, error);
    throw new ProxyctlError(
      'PROXYCTL_JOURNAL',
      `The journal ${folder} is being published by process ${error.holder.owner?.pid ?? 'unknown'}`,
      {
        hint: 'Wait until that is done.',
        cause: error,
        data: { journal: folder },
      },
    );
  }
}

/** It is renamed first, so that a crash in the middle leaves nothing that looks like a damaged journal. */
async function removeJournal(folder: string): Promise<void> {
  const going = join(dirname(folder), `.published-${basename(folder)}`);
  await rename(folder, going);
  await rm(going, { recursive: true, force: true });
}

function inProgress(folder: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} is still being written`, {
    hint: 'End its recording first.',
    data: { journal: folder },
  });
}
