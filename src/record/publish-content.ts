import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { BoundedTasks } from '../core/bounded-tasks.js';
import type { HarEntry } from '../har/har.js';
import { inlineTextBytes, type StoredBody } from '../har/har-body.js';
import type { RecordingStore } from '../store/recording-store.js';
import { readFaults } from './fault-log.js';
import { damagedJournal } from './journal-folder.js';
import type { JournalBody, JournalEntry, JournalReader } from './journal-reader.js';
import type { PublishScan } from './publish-scan.js';
import type { EntryRedaction } from './redact-entry.js';
import { toHarEntry } from './to-har-entry.js';

/** Where an entry stands in the journal, and the hashes of its bodies. */
export interface EntryPosition {
  index: number;
  offset: number;
  length: number;
  request: string | undefined;
  response: string | undefined;
}

interface StoredContent {
  /** In order of arrival. */
  positions: EntryPosition[];
  /** Different ones, and the sum of their sizes. */
  bodies: number;
  bodyBytes: number;
}

interface StoreOptions {
  signal?: AbortSignal;
  onProgress: (progress: { entries: number; bodies: number; bodyBytes: number }) => void;
  redaction?: EntryRedaction | undefined;
  /** Nothing is stored of an exchange in which it finds something, nor of a later one. */
  scan?: PublishScan | undefined;
}

/** How many bodies are on their way at once. */
const parallel = 16;

/**
 * Puts each body of a journal into the store, once. A journal that stops short is refused unless its writer was killed.
 */
export async function storeBodies(
  reader: JournalReader,
  store: RecordingStore,
  { signal, onProgress, redaction, scan }: StoreOptions,
): Promise<StoredContent> {
  const positions: EntryPosition[] = [];
  const sent = new Set<string>();
  /** Of bodies that several exchanges share. */
  const hashes = new Map<string, string>();
  const tasks = new BoundedTasks(parallel);
  let bodyBytes = 0;

  const keep = async (body: JournalBody | undefined): Promise<string | undefined> => {
    if (body === undefined) return undefined;
    signal?.throwIfAborted();
    const { at } = body.ref;
    const file = at === 'inline' ? undefined : at.file;
    const sha256 = (file === undefined ? undefined : hashes.get(file)) ?? (await hashOf(body));
    if (file !== undefined) hashes.set(file, sha256);
    if (sent.has(sha256)) return sha256;
    sent.add(sha256);
    const { size } = body.ref;
    await tasks.run(async () => {
      signal?.throwIfAborted();
      await store.putBody(sha256, size, () => body.open());
      bodyBytes += size;
      onProgress({ entries: positions.length, bodies: sent.size, bodyBytes });
    });
    return sha256;
  };

  try {
    for await (const entry of reader.entries()) {
      const redacted = redaction === undefined ? entry : await redaction.entry(entry);
      if ((await scan?.isClean(redacted)) === false) continue;
      const { record, offset, length, request, response } = redacted;
      const both = { request: await keep(request), response: await keep(response) };
      positions.push({ index: record.index, offset, length, ...both });
    }
    await tasks.done();
  } finally {
    await tasks.settled();
  }
  const { damage, meta, folder } = reader;
  scan?.throwIfFound(meta.info.testId, meta.info.recordingId);
  if (damage !== undefined && meta.state !== 'recording') throw damagedJournal(folder, damage);
  if (meta.entries !== undefined && positions.length !== meta.entries) {
    const reason = `${positions.length} exchanges are there instead of ${meta.entries}`;
    throw damagedJournal(folder, { offset: 0, reason });
  }
  positions.sort((a, b) => a.index - b.index);
  return { positions, bodies: sent.size, bodyBytes };
}

/** The HAR entries of a journal in order of arrival, each read when it is asked for. */
export async function* harEntries(
  reader: JournalReader,
  positions: readonly EntryPosition[],
  onEntry: (done: number) => void,
  redaction?: EntryRedaction,
): AsyncGenerator<HarEntry, void, undefined> {
  let done = 0;
  const faults = await readFaults(reader);
  for (const position of positions) {
    const raw: JournalEntry = await reader.read(position);
    const entry = redaction === undefined ? raw : await redaction.entry(raw);
    const [request, response] = await Promise.all([
      stored(entry.request, position.request),
      stored(entry.response, position.response),
    ]);
    const met = faults.get(position.index);
    yield toHarEntry(met === undefined ? entry.record : { ...entry.record, faults: met }, { request, response });
    done += 1;
    onEntry(done);
  }
}

async function stored(body: JournalBody | undefined, sha256: string | undefined): Promise<StoredBody | undefined> {
  if (body === undefined || sha256 === undefined) return undefined;
  const { size } = body.ref;
  const bytes = body.bytes ?? (size <= inlineTextBytes ? await buffer(body.open()) : undefined);
  return { sha256, size, bytes };
}

async function hashOf(body: JournalBody): Promise<string> {
  if (body.ref.sha256 !== undefined) return body.ref.sha256;
  const hash = createHash('sha256');
  if (body.bytes !== undefined) return hash.update(body.bytes).digest('hex');
  for await (const chunk of body.open() as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
