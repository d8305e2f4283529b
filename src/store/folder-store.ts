import { mkdir, open, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fileSize, removeFile, replaceFile, syncFolder } from '../core/atomic-file.js';
import { acquireLock } from '../core/file-lock.js';
import { systemCode } from '../errors/index.js';
import { BodyFolder, copyInto } from './body-folder.js';
import { belongsTo, misplacedPointer, parsePointer, publishedOf, serializePointer } from './pointer.js';
import { checkKey, checkRef, type RecordingKey, type RecordingRef } from './recording-key.js';
import { RecordingNotFoundError } from './recording-not-found.js';
import { objectsIn, removeUnmodified } from './folder-objects.js';
import type { CurrentPointer, RecordingStore, StoredObject, VersionedPointer } from './recording-store.js';
import { escapeSegment, isCutSegment, testsFolder, unescapeSegment } from './segment.js';
import { inTheClear, type Encryption } from './encryption/encryption.js';
import { corruptError, storeError } from './store-error.js';
import { UnflushedFolders } from './unflushed-folders.js';

const pointerName = 'current.json';
const harName = 'recording.har';

/**
 * Recordings in a folder, on a local or a network disk:
 *
 *     tests/<test id>/<app version>/<recording id>/recording.har
 *     tests/<test id>/<app version>/current.json
 *     branches/<branch>/tests/…                      as above, for other branches than the main one
 *     bodies/sha256/ab/abcdef…
 *
 * Every file appears whole or not at all, and is on the disk before the pointer that leads to it is. Any number of
 * processes may write at once. Nothing is made before something is written.
 */
export class FolderStore implements RecordingStore {
  readonly url: string;
  readonly #root: string;
  readonly #unflushed: UnflushedFolders;
  readonly #bodies: BodyFolder;

  constructor(
    root: string,
    readonly encryption: Encryption = inTheClear,
  ) {
    this.#root = resolve(root);
    this.url = encryption.prefix + this.#root;
    this.#unflushed = new UnflushedFolders(this.#root);
    this.#bodies = new BodyFolder(join(this.#root, 'bodies', 'sha256'), this.#unflushed, encryption);
  }

  async *branches(): AsyncGenerator<string, void, undefined> {
    for (const segment of await this.#names(join(this.#root, 'branches'))) {
      const branch = unescapeSegment(segment);
      if (branch !== undefined) yield branch;
    }
  }

  async *testIds({
    prefix = '',
    branch,
  }: { prefix?: string | undefined; branch?: string | undefined } = {}): AsyncGenerator<string, void, undefined> {
    const folder = this.#testsOf(branch);
    for (const segment of await this.#names(folder)) {
      const testId = isCutSegment(segment) ? await this.#testIdOf(folder, segment) : unescapeSegment(segment);
      if (testId?.startsWith(prefix)) yield testId;
    }
  }

  async published(testId: string, branch?: string): Promise<CurrentPointer[]> {
    checkKey({ testId, appVersion: '-', branch });
    const pointers = await this.#pointersIn(join(this.#testsOf(branch), escapeSegment(testId)));
    return publishedOf(pointers, { testId, branch });
  }

  async history(key: RecordingKey): Promise<RecordingRef[]> {
    const folder = this.#keyFolder(key);
    const refs: RecordingRef[] = [];
    for (const recordingId of (await this.#names(folder)).reverse()) {
      if ((await fileSize(join(folder, recordingId, harName))) !== undefined) refs.push({ ...key, recordingId });
    }
    return refs;
  }

  async readPointer(key: RecordingKey): Promise<VersionedPointer | undefined> {
    const path = join(this.#keyFolder(key), pointerName);
    const found = await this.#readPointerAt(path);
    if (found !== undefined && !belongsTo(found.pointer, key)) throw misplacedPointer(found.pointer, path);
    return found;
  }

  async writePointer(key: RecordingKey, next: CurrentPointer, expected: string | undefined): Promise<boolean> {
    const folder = this.#keyFolder(key);
    const path = join(folder, pointerName);
    return this.#do('write', path, async () => {
      await mkdir(folder, { recursive: true });
      await this.#unflushed.flush();
      await using _lock = await acquireLock(`${path}.lock`);
      if ((await this.#readPointerAt(path))?.version !== expected) return false;
      await replaceFile(path, (file) => file.writeFile(serializePointer(next)));
      await syncFolder(folder);
      return true;
    });
  }

  hasBody(sha256: string): Promise<boolean> {
    return this.#bodies.has(sha256);
  }

  putBody(sha256: string, size: number, open: () => Readable): Promise<void> {
    return this.#bodies.put(sha256, size, open);
  }

  readBody(sha256: string): Promise<Buffer> {
    return this.#bodies.read(sha256);
  }

  openBody(sha256: string): Promise<Readable> {
    return this.#bodies.open(sha256);
  }

  harPlace(ref: RecordingRef): string {
    return join(this.#recordingFolder(ref), harName);
  }

  async putHar(ref: RecordingRef, content: Readable): Promise<void> {
    const folder = this.#recordingFolder(ref);
    const path = join(folder, harName);
    await this.#do('write', path, async () => {
      await mkdir(folder, { recursive: true });
      await replaceFile(path, (file) => copyInto(file, this.encryption.encrypt(content)));
      this.#unflushed.add(folder);
    });
  }

  async openHar(ref: RecordingRef): Promise<Readable> {
    const path = join(this.#recordingFolder(ref), harName);
    try {
      const file = await open(path, 'r');
      return Readable.from(this.encryption.decrypt(file.createReadStream(), path), { objectMode: false });
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw storeError('read', path, error);
      throw corruptError(
        `The recording ${ref.recordingId} of test "${ref.testId}" has no ${harName} in the store: ${path}`,
        path,
      );
    }
  }

  async remove(ref: RecordingRef): Promise<void> {
    const folder = this.#recordingFolder(ref);
    const keyFolder = this.#keyFolder(ref);
    const pointerPath = join(keyFolder, pointerName);
    if ((await this.#do('read', folder, () => fileSize(folder))) === undefined) {
      throw new RecordingNotFoundError(ref, await this.published(ref.testId), { recordingId: ref.recordingId });
    }
    await this.#do('remove', folder, async () => {
      {
        await using _lock = await acquireLock(`${pointerPath}.lock`);
        const current = await this.#readPointerAt(pointerPath);
        if (current?.pointer.recordingId === ref.recordingId) await removeFile(pointerPath);
        await rm(folder, { recursive: true });
      }
      await removeEmpty(keyFolder);
      for (let each = dirname(keyFolder); each !== this.#root; each = dirname(each)) await removeEmpty(each);
    });
  }

  objects(prefix: string): AsyncGenerator<StoredObject, void, undefined> {
    return objectsIn(this.#root, prefix);
  }

  async openObject(key: string): Promise<Readable | undefined> {
    const path = join(this.#root, ...key.split('/'));
    try {
      return (await open(path, 'r')).createReadStream();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw storeError('read', path, error);
    }
  }

  async removeObject(key: string, unmodifiedSince?: Date): Promise<boolean> {
    const path = join(this.#root, ...key.split('/'));
    return this.#do('remove', path, async () => {
      const removed = await removeUnmodified(path, unmodifiedSince);
      if (removed) for (let each = dirname(path); each !== this.#root; each = dirname(each)) await removeEmpty(each);
      return removed;
    });
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #keyFolder(key: RecordingKey): string {
    checkKey(key);
    return join(this.#testsOf(key.branch), escapeSegment(key.testId), escapeSegment(key.appVersion));
  }

  #testsOf(branch: string | undefined): string {
    return join(this.#root, testsFolder(branch));
  }

  #recordingFolder(ref: RecordingRef): string {
    checkRef(ref);
    return join(this.#keyFolder(ref), ref.recordingId);
  }

  async #readPointerAt(path: string): Promise<VersionedPointer | undefined> {
    try {
      return parsePointer(await readFile(path), path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw storeError('read', path, error);
    }
  }

  async #pointersIn(testFolder: string): Promise<CurrentPointer[]> {
    const pointers: CurrentPointer[] = [];
    for (const version of await this.#names(testFolder)) {
      const found = await this.#readPointerAt(join(testFolder, version, pointerName));
      if (found !== undefined) pointers.push(found.pointer);
    }
    return pointers;
  }

  /** The id behind a name that was cut, as its recordings tell it. */
  async #testIdOf(folder: string, segment: string): Promise<string | undefined> {
    const pointers = await this.#pointersIn(join(folder, segment));
    return pointers.find(({ testId }) => escapeSegment(testId) === segment)?.testId;
  }

  /** The folders in `folder` by name; none when it is not there. */
  async #names(folder: string): Promise<string[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries
        .filter((entry) => !entry.isFile())
        .map(({ name }) => name)
        .sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw storeError('read', folder, error);
    }
  }

  async #do<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(action, path, error);
    }
  }
}

/** Not empty, or gone already: both are fine. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) throw error;
  }
}
