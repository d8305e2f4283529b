import { createHash } from 'node:crypto';
import { pipeline, Transform } from 'node:stream';
import { BoundedTasks } from '../core/bounded-tasks.js';
import { shellWord } from '../core/shell-word.js';
import type { HarEntry, HarRecordingInfo } from '../har/har.js';
import { HarExchanges } from '../har/har-exchanges.js';
import { readHar } from '../har/har-reader.js';
import type { StoredBody } from '../http/index.js';
import type { RecordingRef } from './recording-key.js';
import type { Recording } from './recording.js';
import type { RecordingStore } from './recording-store.js';
import { corruptError } from './store-error.js';

interface OpenRecordingOptions {
  /**
   * Look first whether all bodies are there (default: true), so that what is missing is said before a test runs and not
   * in the middle of it.
   */
  checkBodies?: boolean;
  /** A larger HAR is refused. */
  maxHarBytes?: number;
  /** The version that its HAR is known to have (`RecordingStore.harVersion`). */
  harVersion?: string | undefined;
}

/** Text kept in memory beside the bodies' hashes; past it, bodies are read from the store when they are asked for. */
const maxKeptText = 32 * 1024 * 1024;

/**
 * Reads a recording. Throws `PROXYCTL_RECORDING_CORRUPT` when its HAR is missing or damaged, or bodies are missing.
 */
export async function openRecording(
  store: RecordingStore,
  ref: RecordingRef,
  { checkBodies = true, maxHarBytes, harVersion }: OpenRecordingOptions = {},
): Promise<Recording> {
  const name = store.harPlace(ref);
  const source = await store.openHar(ref, harVersion);
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform: (chunk: Buffer, _encoding, callback) => {
      hash.update(chunk);
      callback(null, chunk);
    },
  });
  pipeline(source, hashed, () => undefined); // a failure ends the reading below
  const entries: HarEntry[] = [];
  let kept = 0;
  const remove = `proxyctl recordings rm ${shellWord(ref.testId)} --recording ${ref.recordingId}`;
  const hint = `Record the test again, or remove this recording with: ${remove}`;
  const head = await readHar(hashed, {
    name,
    ...(maxHarBytes === undefined ? {} : { maxBytes: maxHarBytes }),
    hint,
    onEntry: (entry) => {
      kept += textLength(entry);
      entries.push(kept > maxKeptText ? withoutText(entry) : entry);
    },
  });
  const info = head._proxyctl ?? foreignInfo(ref, entries);
  entries.sort((a, b) => (a._proxyctl?.index ?? 0) - (b._proxyctl?.index ?? 0));
  if (checkBodies) await checkAllBodies(store, entries, name, hint);
  const [harSha256] = store.encryption.names(hash.digest('hex'));
  const exchanges = new HarExchanges(entries);
  return { ref, info, exchanges, entries, harSha256, body: (content) => storedBody(store, content) };
}

/** The wire bytes of a body that an entry names, or has as text. */
export async function storedBody(store: RecordingStore, content: StoredBody | undefined): Promise<Buffer> {
  if (content === undefined) return Buffer.alloc(0);
  const { _sha256: sha256, text } = content;
  const inline = text === undefined ? undefined : Buffer.from(text, content.encoding === 'base64' ? 'base64' : 'utf8');
  if (sha256 === undefined) return inline ?? Buffer.alloc(0);
  // Without a content encoding the text is the body itself, and its hash proves it.
  if (inline !== undefined && createHash('sha256').update(inline).digest('hex') === sha256) return inline;
  return store.readBody(sha256);
}

async function checkAllBodies(
  store: RecordingStore,
  entries: readonly HarEntry[],
  name: string,
  hint: string,
): Promise<void> {
  const seen = new Set<string>();
  const missing: { sha256: string; method: string; url: string }[] = [];
  const tasks = new BoundedTasks(16);
  for (const { request, response } of entries) {
    for (const sha256 of [request.postData?._sha256, response.content._sha256]) {
      if (sha256 === undefined || seen.has(sha256)) continue;
      seen.add(sha256);
      await tasks.run(async () => {
        if (!(await store.hasBody(sha256))) missing.push({ sha256, method: request.method, url: request.url });
      });
    }
  }
  await tasks.done();
  const [first] = missing;
  if (first === undefined) return;
  const others = missing.length === 1 ? '' : ` (and ${missing.length - 1} more)`;
  throw corruptError(
    `The store has lost the body ${first.sha256} of ${first.method} ${first.url}${others}, which ${name} names`,
    store.url,
    hint,
  );
}

function textLength({ request, response }: HarEntry): number {
  return (request.postData?.text?.length ?? 0) + (response.content.text?.length ?? 0);
}

/** Bodies that are in the store are read from there. */
function withoutText(entry: HarEntry): HarEntry {
  for (const content of [entry.request.postData, entry.response.content]) {
    if (content?._sha256 === undefined) continue;
    delete content.text;
    delete content.encoding;
  }
  return entry;
}

/** A HAR of another tool that was put into the store as it was. */
function foreignInfo(ref: RecordingRef, entries: readonly HarEntry[]): HarRecordingInfo {
  const { testId, appVersion, recordingId } = ref;
  const recordedAt = entries[0]?.startedDateTime ?? new Date(0).toISOString();
  return { formatVersion: 1, recordingId, testId, appVersion, recordedAt };
}
