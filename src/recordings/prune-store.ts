import { setImmediate as nextTurn } from 'node:timers/promises';
import { BoundedTasks } from '../core/bounded-tasks.js';
import { isNewerFormat } from '../core/stored-formats.js';
import type { ProxyctlError } from '../errors/index.js';
import { checkHead, headSoFar } from '../har/har-reader.js';
import { isUnreadable } from '../store/store-error.js';
import { parsePointer } from '../store/pointer.js';
import type { ListedObject, RecordingStore } from '../store/recording-store.js';

export interface PruneOptions {
  /** The newest so many recordings of a key stay. Left out: their number does not count. */
  keep?: number | undefined;
  /**
   * Younger recordings stay, in milliseconds. Left out: their age does not count. Without either, no recording goes.
   */
  olderThanMs?: number | undefined;
  /** What was written within this time stays, whatever nothing refers to: somebody may be about to publish it. */
  graceMs: number;
  /** Milliseconds since 1970. */
  now: number;
  dryRun: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: PruneProgress) => void;
}

interface PruneProgress {
  phase: 'recordings' | 'references' | 'bodies';
  done: number;
}

export interface PruneResult {
  /** Folders of recordings, as they stand in the store. */
  recordings: string[];
  kept: number;
  bodies: number;
  bodyBytes: number;
  /** Bodies that nothing refers to, but too young to go. */
  young: number;
  /** What killed writers left: half-written files. */
  leftovers: number;
  /**
   * What was passed over, as this program cannot read it. All recordings of such a pointer's key stay, and all bodies
   * where it is a HAR of a newer program, since nobody can tell to which of them that refers.
   */
  skipped: ProxyctlError[];
}

interface Key {
  pointer: string | undefined;
  recordings: { id: string; object: ListedObject }[];
}

const readAtOnce = 8;
const harPattern = /^(.*tests\/[^/]+\/[^/]+)\/([^/]+)\/recording\.har$/;

/**
 * Removes recordings that are not the published one of their key and that neither `keep` nor `olderThanMs` protects;
 * then bodies that no recording in the store refers to. Safe beside writers: whoever publishes a body that is there
 * already makes it young again, and what is young stays. Reads each HAR once, as text, so that one that is damaged
 * keeps its bodies too.
 */
export async function pruneStore(store: RecordingStore, options: PruneOptions): Promise<PruneResult> {
  const result: PruneResult = { recordings: [], kept: 0, bodies: 0, bodyBytes: 0, young: 0, leftovers: 0, skipped: [] };
  const hars: string[] = [];
  for (const prefix of ['tests/', 'branches/']) {
    const { keys, leftovers } = await keysUnder(store, prefix, options);
    for (const [folder, key] of keys) {
      options.signal?.throwIfAborted();
      const going = await goingOf(store, folder, key, options).catch((error: unknown) => {
        if (!isUnreadable(error)) throw error;
        result.skipped.push(error);
        return new Set<string>();
      });
      for (const { id, object } of key.recordings) {
        if (going.has(id) && (await removeRecording(store, folder, id, options)))
          result.recordings.push(`${folder}/${id}`);
        else hars.push(object.key);
      }
      options.onProgress?.({ phase: 'recordings', done: hars.length + result.recordings.length });
    }
    for (const key of leftovers) if (await remove(store, key, options)) result.leftovers += 1;
  }
  result.kept = hars.length;
  const referred = await referredBy(store, hars, result, options);
  if (!result.skipped.some(({ data }) => String(data.path).endsWith('/recording.har')))
    await sweep(store, referred, result, options);
  return result;
}

async function keysUnder(
  store: RecordingStore,
  prefix: string,
  { graceMs, now }: PruneOptions,
): Promise<{ keys: Map<string, Key>; leftovers: string[] }> {
  const keys = new Map<string, Key>();
  const leftovers: string[] = [];
  const keyAt = (folder: string): Key => {
    const key = keys.get(folder) ?? { pointer: undefined, recordings: [] };
    keys.set(folder, key);
    return key;
  };
  for await (const object of store.objects(prefix)) {
    const [, folder, id] = harPattern.exec(object.key) ?? [];
    if (folder !== undefined && id !== undefined) keyAt(folder).recordings.push({ id, object });
    else if (object.key.endsWith('/current.json'))
      keyAt(object.key.slice(0, -'/current.json'.length)).pointer = object.key;
    else if (isLeftover(object, now - graceMs)) leftovers.push(object.key);
  }
  return { keys, leftovers };
}

/** The ids that may go. */
async function goingOf(store: RecordingStore, folder: string, { pointer, recordings }: Key, options: PruneOptions) {
  const { keep, olderThanMs, graceMs, now } = options;
  if ((keep === undefined && olderThanMs === undefined) || recordings.length === 0) return new Set<string>();
  const published = pointer === undefined ? undefined : await publishedId(store, folder);
  recordings.sort((a, b) => (a.id < b.id ? 1 : -1));
  const old = recordings.filter(({ id, object }, place) => {
    if (id === published || place < (keep ?? 0)) return false;
    const writtenAt = object.modifiedAt.getTime();
    return writtenAt <= now - graceMs && (recordedAt(id) ?? writtenAt) <= now - (olderThanMs ?? 0);
  });
  return new Set(old.map(({ id }) => id));
}

/** One that was made the published one a moment ago stays. */
async function removeRecording(
  store: RecordingStore,
  folder: string,
  id: string,
  options: PruneOptions,
): Promise<boolean> {
  if (options.dryRun) return true;
  if ((await publishedId(store, folder)) === id) return false;
  const others: string[] = [];
  for await (const { key } of store.objects(`${folder}/${id}/`)) others.push(key);
  for (const key of others) await store.removeObject(key);
  return true;
}

async function publishedId(store: RecordingStore, folder: string): Promise<string | undefined> {
  const source = await store.openObject(`${folder}/current.json`);
  if (source === undefined) return undefined;
  const chunks = await source.toArray();
  return parsePointer(Buffer.concat(chunks as Buffer[]), `${store.url}/${folder}/current.json`).recordingId;
}

/**
 * The names of the bodies whose hashes HARs name, as the 32 bytes that they are. A HAR that cannot be opened ends it:
 * its bodies are not known; one of a newer program is among what was skipped.
 */
async function referredBy(
  store: RecordingStore,
  hars: readonly string[],
  { skipped }: PruneResult,
  options: PruneOptions,
): Promise<Set<string>> {
  const referred = new Set<string>();
  const tasks = new BoundedTasks(readAtOnce);
  let done = 0;
  for (const key of hars) {
    options.signal?.throwIfAborted();
    await tasks.run(async () => {
      await collectHashes(store, key, referred).catch((error: unknown) => {
        if (!isNewerFormat(error)) throw error;
        skipped.push(error);
      });
      done += 1;
      options.onProgress?.({ phase: 'references', done });
    });
  }
  await tasks.done();
  return referred;
}

const hashPattern = /"_sha256"\s*:\s*"([0-9a-f]{64})"/g;
/** What a HAR of ours says of itself stands at its beginning. */
const headChars = 64 * 1024;
/** Longer than a match with its white space is. */
const overlap = 256;

async function collectHashes(store: RecordingStore, key: string, referred: Set<string>): Promise<void> {
  const source = await store.openObject(key);
  if (source === undefined) return; // removed meanwhile
  let rest = '';
  let head = '';
  const where = `${store.url}/${key}`;
  for await (const chunk of store.encryption.decrypt(source, where)) {
    const text = rest + chunk.toString('latin1');
    if (head.length < headChars) {
      head += chunk.toString('latin1');
      checkHead(headSoFar(head), where);
    }
    for (const [, hash = ''] of text.matchAll(hashPattern)) {
      for (const name of store.encryption.names(hash)) referred.add(packed(name));
    }
    rest = text.slice(-overlap);
  }
}

async function sweep(
  store: RecordingStore,
  referred: ReadonlySet<string>,
  result: PruneResult,
  options: PruneOptions,
): Promise<void> {
  let seen = 0;
  for await (const object of store.objects('bodies/')) {
    seen += 1;
    if (seen % 1000 === 0) {
      options.onProgress?.({ phase: 'bodies', done: seen });
      options.signal?.throwIfAborted();
      await nextTurn();
    }
    const name = object.key.split('/').at(-1) ?? '';
    const isBody = /^[0-9a-f]{64}$/.test(name);
    if (isBody ? referred.has(packed(name)) : !isLeftover(object, options.now - options.graceMs)) continue;
    if (object.modifiedAt.getTime() > options.now - options.graceMs) result.young += 1;
    else if (await remove(store, object.key, options)) {
      if (isBody) result.bodyBytes += object.size;
      result[isBody ? 'bodies' : 'leftovers'] += 1;
    }
  }
}

async function remove(store: RecordingStore, key: string, { dryRun, now, graceMs }: PruneOptions): Promise<boolean> {
  return dryRun || store.removeObject(key, new Date(now - graceMs));
}

function isLeftover({ key, modifiedAt }: ListedObject, before: number): boolean {
  return /\/\.tmp-[^/]+$/.test(key) && modifiedAt.getTime() <= before;
}

function packed(hash: string): string {
  return Buffer.from(hash, 'hex').toString('latin1');
}

/** An id says when its recording began: `20261121T030405.678Z-1a2b3c4d`. */
function recordedAt(id: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(id) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
