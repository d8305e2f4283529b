import { Readable } from 'node:stream';
import { BoundedTasks } from '../core/bounded-tasks.js';
import { notKept, putConfirmed } from './confirmed-put.js';
import type { ProxyctlError } from '../errors/index.js';
import { type Encryption, inTheClear } from './encryption/encryption.js';
import { listedTests, type ListedTest } from './listed-tests.js';
import { mapAhead } from './map-ahead.js';
import { type ListedObject, type ObjectStore, wholeOf } from './objects/object-store.js';
import type { RetryPolicy } from './objects/retry-policy.js';
import type { OutageWait } from './outage.js';
import {
  belongsTo,
  type CurrentPointer,
  misplacedPointer,
  parsePointer,
  publishedOf,
  serializePointer,
  type VersionedPointer,
} from './pointer.js';
import { writeWithMarkers } from './published-markers.js';
import { checkKey, type RecordingKey, type RecordingRef } from './recording-key.js';
import {
  harKey,
  harName,
  keyFolder,
  pointerKey,
  pointerName,
  recordingFolder,
  testFolder,
} from './recording-layout.js';
import { RecordingNotFoundError } from './recording-not-found.js';
import { escapeSegment, isCutSegment, literalPrefix, testsFolder, unescapeSegment } from './segment.js';
import { corruptError, isUnreadable } from './store-error.js';
import { StoredBodies } from './stored-bodies.js';

export type { ListedObject } from './objects/object-store.js';
export type { CurrentPointer, VersionedPointer } from './pointer.js';

/** Tests or pointers that are looked up at once. */
const lookedUpAtOnce = 16;
/** Of a listing of everything: as many as there are connections to a server. */
const readAtOnce = 32;

export interface RecordingStoreOptions {
  /** What opens the store again, without the prefix of its encryption. */
  place: string;
  /** Default: in the clear. */
  encryption?: Encryption;
  /** Whether a cache on this machine takes part. */
  cached?: boolean;
  /** Of the objects, where they have one. */
  retries?: RetryPolicy;
}

/**
 * Where recordings live: what they are, over the objects of any backend (`recording-layout.ts` says where each lies).
 * Publishing goes bodies → HAR → pointer (`record/publish.ts`), and the pointer is written on the condition that nobody
 * else has, so a reader sees the old recording or the new one.
 *
 * Every method throws `ProxyctlError` `PROXYCTL_STORE` (with the path or URL and what to do) when the store fails.
 */
export class RecordingStore implements AsyncDisposable {
  /** `/abs/folder` or `s3://bucket/prefix`, with `encrypted:` before it for one that is: what opens it again. */
  readonly url: string;
  /** How HARs and bodies lie there. Methods take and give them in the clear, but for `openObject`. */
  readonly encryption: Encryption;
  /** Whether what is read is kept on this machine. */
  readonly cached: boolean;
  /** What lists have passed over, as this program cannot read it: pointers that are damaged, or of a newer program. */
  readonly skipped: ProxyctlError[] = [];
  readonly #objects: ObjectStore;
  readonly #retries: RetryPolicy | undefined;
  readonly #bodies: StoredBodies;
  /** Versions of HARs, by key, as the last listing of their test had them: each is good for one opening. */
  readonly #listedHars = new Map<string, string>();
  #staleSince: Date | undefined;

  constructor(objects: ObjectStore, options: RecordingStoreOptions) {
    const { place, encryption = inTheClear, cached = false, retries } = options;
    this.#objects = objects;
    this.url = encryption.prefix + place;
    this.encryption = encryption;
    this.cached = cached;
    this.#retries = retries;
    this.#bodies = new StoredBodies(objects, encryption, { remembers: cached });
  }

  /**
   * What whoever reads should know of where it came from: that the store cannot be reached, and what was kept here was
   * taken.
   */
  get notice(): string | undefined {
    if (this.#staleSince === undefined) return undefined;
    return `${this.url} cannot be reached; this is what it had at ${this.#staleSince.toISOString()}`;
  }

  /**
   * Does `work`, in which each operation waits for a while for a store that has answered before and is away now, where
   * the store is one that may be.
   */
  throughOutages<T>(wait: OutageWait, work: () => Promise<T>): Promise<T> {
    return this.#retries === undefined ? work() : this.#retries.throughOutages(wait, work);
  }

  /** The branches besides the main one that have recordings. */
  async *branches(): AsyncGenerator<string, void, undefined> {
    for await (const segment of this.#folders('branches/')) {
      const branch = unescapeSegment(segment);
      if (branch !== undefined) yield branch;
    }
  }

  /** All test ids of a branch (left out: the main one), in the order of their escaped names. */
  async *testIds({
    prefix = '',
    branch,
  }: { prefix?: string | undefined; branch?: string | undefined } = {}): AsyncGenerator<string, void, undefined> {
    const folder = testsFolder(branch);
    for await (const segment of this.#folders(`${folder}/`, literalPrefix(prefix))) {
      const testId = isCutSegment(segment) ? await this.#testIdOf(folder, segment) : unescapeSegment(segment);
      if (testId?.startsWith(prefix)) yield testId;
    }
  }

  /**
   * The published recording of each app version of a test, on one branch. A cache remembers it. Those that cannot be
   * read are in `skipped`.
   */
  async published(testId: string, branch?: string): Promise<CurrentPointer[]> {
    checkKey({ testId, appVersion: '-', branch });
    return publishedOf(await this.#pointersIn(testFolder(testId, branch)), { testId, branch });
  }

  /**
   * The same of all tests that begin with `prefix`, in the order of `testIds`, for less than asking for each where the
   * store can.
   */
  async *publishedOn(branch: string | undefined, prefix: string): AsyncGenerator<CurrentPointer, void, undefined> {
    if (!this.#objects.flatListing) {
      const ids = this.testIds({ prefix, branch });
      for await (const found of mapAhead(ids, lookedUpAtOnce, (testId) => this.published(testId, branch))) yield* found;
      return;
    }
    const folder = testsFolder(branch);
    const read = async ({ segment, pointers }: ListedTest): Promise<CurrentPointer[]> => {
      const found = await Promise.all(pointers.map(({ key }) => this.#readable(this.#pointerAt(key))));
      const own = found.flatMap((one) =>
        escapeSegment(one?.pointer.testId ?? '') === segment ? (one?.pointer ?? []) : [],
      );
      return publishedOf(own, { branch }).filter(({ testId }) => testId.startsWith(prefix));
    };
    const tests = listedTests(this.#objects.list(`${folder}/${literalPrefix(prefix)}`), folder);
    for await (const published of mapAhead(tests, readAtOnce, read)) yield* published;
  }

  /** The recordings kept under a key, newest first, published or not. */
  async history(key: RecordingKey): Promise<RecordingRef[]> {
    const folder = keyFolder(key);
    const refs: RecordingRef[] = [];
    for await (const { key: found } of this.#objects.list(`${folder}/`)) {
      const [recordingId = '', name, ...more] = found.slice(folder.length + 1).split('/');
      if (name === harName && more.length === 0) refs.push({ ...key, recordingId });
    }
    return refs.reverse();
  }

  async readPointer(key: RecordingKey): Promise<VersionedPointer | undefined> {
    const at = pointerKey(key);
    const found = await this.#pointerAt(at);
    if (found !== undefined && !belongsTo(found.pointer, key))
      throw misplacedPointer(found.pointer, this.#objects.url(at));
    return found;
  }

  /**
   * Writes the pointer if the stored one is still `expected` (undefined: there is none), and reads it back. False:
   * someone else was first.
   */
  async writePointer(key: RecordingKey, next: CurrentPointer, expected: string | undefined): Promise<boolean> {
    const at = pointerKey(key);
    const condition = expected === undefined ? 'absent' : { version: expected };
    const outcome = await this.#objects.put(at, Buffer.from(serializePointer(next)), { condition });
    if (outcome === 'lost') return false;
    if (outcome === 'unsupported') {
      if ((await this.#pointerAt(at))?.version !== expected) return false;
      await writeWithMarkers(this.#objects, next);
    }
    await this.#confirmPointer(at, next, expected);
    return true;
  }

  hasBody(sha256: string): Promise<boolean> {
    return this.#bodies.has(sha256);
  }

  /**
   * Keeps a body under its hash; one that is there is only made young again, so that `pruneStore` leaves it. `size` in
   * bytes.
   */
  putBody(sha256: string, size: number, open: () => Readable): Promise<void> {
    return this.#bodies.put(sha256, size, open);
  }

  /** The body, its hash checked as it is read. Throws `PROXYCTL_RECORDING_CORRUPT` when it is missing or altered. */
  readBody(sha256: string): Promise<Buffer> {
    return this.#bodies.read(sha256);
  }

  openBody(sha256: string): Promise<Readable> {
    return this.#bodies.open(sha256);
  }

  /** Brings a body into the store's cache: its size there, or undefined when it was there. */
  keepBody(sha256: string): Promise<number | undefined> {
    return this.#bodies.keep(sha256);
  }

  /** Path or URL of a key's pointer, for messages. */
  pointerPlace(key: RecordingKey): string {
    return this.#objects.url(pointerKey(key));
  }

  /** Path or URL of a recording's HAR, for messages. */
  harPlace(ref: RecordingRef): string {
    return this.#objects.url(harKey(ref));
  }

  async putHar(ref: RecordingRef, content: Readable): Promise<void> {
    const key = harKey(ref);
    this.#listedHars.delete(key);
    await putConfirmed(this.#objects, key, this.encryption.encrypt(content));
  }

  /**
   * The version of a HAR that `published` has just seen: opened with that, the store is not asked again for what its
   * cache has.
   */
  async harVersion(ref: RecordingRef): Promise<string | undefined> {
    const key = harKey(ref);
    if (this.#staleSince !== undefined) return (await this.#objects.stat(key, { cache: 'checked' }))?.version;
    return this.#listedHars.get(key);
  }

  /**
   * `asOf`: the version that it is known to have, by `harVersion`. Throws `PROXYCTL_RECORDING_CORRUPT` when it is
   * missing.
   */
  async openHar(ref: RecordingRef, asOf?: string): Promise<Readable> {
    const key = harKey(ref);
    const where = this.#objects.url(key);
    const found = await this.#objects.get(key, { cache: 'checked', asOf: asOf ?? this.#listedHars.get(key) });
    this.#listedHars.delete(key);
    if (typeof found === 'object') {
      return Readable.from(this.encryption.decrypt(found.body as AsyncIterable<Buffer>, where), { objectMode: false });
    }
    throw corruptError(
      `The recording ${ref.recordingId} of test "${ref.testId}" has no ${harName} in the store: ${where}`,
      where,
    );
  }

  /** Removes one recording's HAR (its bodies stay until pruned), and the pointer when it named it. */
  async remove(ref: RecordingRef): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#objects.list(`${recordingFolder(ref)}/`)) keys.push(key);
    if (keys.length === 0) {
      throw new RecordingNotFoundError(ref, await this.published(ref.testId), { recordingId: ref.recordingId });
    }
    await this.#removePointerTo(ref);
    for (const key of keys) await this.#objects.remove(key);
  }

  /** All files under a prefix (`tests/`, `bodies/`), whatever they are: for what looks after the store as a whole. */
  objects(prefix: string): AsyncIterable<ListedObject> {
    return this.#objects.list(prefix);
  }

  /** As it lies there, past the cache: what reads whole stores must not fill it. Undefined when it is not there. */
  async openObject(key: string): Promise<Readable | undefined> {
    const found = await this.#objects.get(key);
    return typeof found === 'object' ? found.body : undefined;
  }

  /** False: it was written (or put once more) after `unmodifiedSince`, and stays. */
  removeObject(key: string, unmodifiedSince?: Date): Promise<boolean> {
    this.#bodies.forget(key);
    return this.#objects.remove(key, { unmodifiedSince });
  }

  close(): Promise<void> {
    return this.#objects.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Another writer may have written it since; but it is not what it was before. */
  async #confirmPointer(at: string, next: CurrentPointer, before: string | undefined): Promise<void> {
    const found = await this.#pointerAt(at);
    const where = this.#objects.url(at);
    if (found === undefined) throw notKept(where, 'it is not there');
    if (found.version === before && found.pointer.recordingId !== next.recordingId)
      throw notKept(where, `it still leads to recording ${found.pointer.recordingId}`);
  }

  /** Another recording may be published meanwhile: its pointer stays. */
  async #removePointerTo(ref: RecordingRef): Promise<void> {
    const key = pointerKey(ref);
    for (;;) {
      const current = await this.#pointerAt(key);
      if (current?.pointer.recordingId !== ref.recordingId) return;
      if (await this.#objects.remove(key, { version: current.version })) return;
    }
  }

  async #pointerAt(key: string, options?: Parameters<ObjectStore['get']>[1]): Promise<VersionedPointer | undefined> {
    const found = await this.#objects.get(key, options);
    if (typeof found !== 'object') return undefined;
    return { pointer: parsePointer(await wholeOf(found), this.#objects.url(key)), version: found.version };
  }

  /** One that cannot be read costs a list nothing else. */
  async #readable<T>(reading: Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      if (!this.skipped.some(({ message }) => message === error.message)) this.skipped.push(error);
      return undefined;
    }
  }

  /** What a cache has in the version that is listed is not read again. */
  async #pointersIn(folder: string): Promise<CurrentPointer[]> {
    const onStale = (keptAt: Date): void => void (this.#staleSince ??= keptAt);
    const pointers: CurrentPointer[] = [];
    const tasks = new BoundedTasks(lookedUpAtOnce);
    for await (const { key, version: asOf } of this.#pointerKeys(folder, onStale)) {
      await tasks.run(async () => {
        const found = await this.#readable(this.#pointerAt(key, { cache: 'checked', asOf, onStale }));
        if (found !== undefined) pointers.push(found.pointer);
      });
    }
    await tasks.done();
    return pointers;
  }

  /** Where the pointers of a test are, or may be. */
  async *#pointerKeys(
    folder: string,
    onStale: (keptAt: Date) => void,
  ): AsyncGenerator<Pick<ListedObject, 'key' | 'version'>, void, undefined> {
    if (!this.#objects.flatListing) {
      for await (const version of this.#folders(`${folder}/`)) yield { key: `${folder}/${version}/${pointerName}` };
      return;
    }
    const listed = this.#objects.list(`${folder}/`, { cache: 'checked', onStale });
    for await (const { pointers, hars } of listedTests(listed, folder.slice(0, folder.lastIndexOf('/')))) {
      for (const { key, version } of hars) if (version !== undefined) this.#listedHars.set(key, version);
      yield* pointers;
    }
  }

  /** The id behind a name that was cut, as its recordings tell it. */
  async #testIdOf(folder: string, segment: string): Promise<string | undefined> {
    const pointers = await this.#pointersIn(`${folder}/${segment}`);
    return pointers.find(({ testId }) => escapeSegment(testId) === segment)?.testId;
  }

  /** The names of the folders in `folder` that begin with `begin`. */
  async *#folders(folder: string, begin = ''): AsyncGenerator<string, void, undefined> {
    for await (const { key } of this.#objects.list(folder + begin, { folders: true }))
      yield key.slice(folder.length, -1);
  }
}
