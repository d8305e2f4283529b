import { createHash, randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { makeFolder } from '../../core/make-folder.js';
import { removeFile, replaceFile, syncFolder, temporaryPrefix } from '../../core/atomic-file.js';
import { acquireLock } from '../../core/file-lock.js';
import { systemCode } from '../../errors/index.js';
import { storeError } from '../store-error.js';
import {
  chunksOf,
  type Condition,
  type FoundObject,
  type GetOptions,
  type ListedObject,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type PutOutcome,
  type RemoveOptions,
  type Source,
  type StatOptions,
} from './object-store.js';
import { UnflushedFolders } from './unflushed-folders.js';

/** Files up to this size are read at once. */
const wholeBytes = 1024 * 1024;

/**
 * The files of a folder, on a local or a network disk, as objects. Each appears whole or not at all, and is on the disk
 * before an object that was put on a condition is. Any number of processes may write at once. Nothing is made before
 * something is written.
 */
export class FolderObjects implements ObjectStore {
  readonly flatListing = false;
  readonly #root: string;
  readonly #unflushed: UnflushedFolders;

  constructor(root: string) {
    this.#root = resolve(root);
    this.#unflushed = new UnflushedFolders(this.#root);
  }

  async get(key: string, { unless, from }: GetOptions = {}): Promise<FoundObject | 'unchanged' | undefined> {
    const path = this.url(key);
    const found = await orMissing(openFile(path, from?.offset), 'read', path);
    if (found === undefined) return undefined;
    if (unless === undefined && from === undefined) return found;
    const wanted = from === undefined || found.version === from.version;
    if (wanted && found.version !== unless) return found;
    found.body.destroy();
    return wanted ? 'unchanged' : undefined;
  }

  async stat(key: string, { touch = false }: StatOptions = {}): Promise<ObjectInfo | undefined> {
    const path = this.url(key);
    if (touch && !(await makeYoung(path))) return undefined;
    const found = await orMissing(stat(path), 'read', path);
    if (found?.isFile() !== true) return undefined;
    this.#unflushed.add(dirname(path)); // its writer may not have flushed the folder yet
    return { size: found.size, modifiedAt: touch ? new Date() : found.mtime };
  }

  async put(key: string, source: Source, { condition }: PutOptions = {}): Promise<PutOutcome> {
    const path = this.url(key);
    try {
      if (condition !== undefined) return await this.#putIf(path, source, condition);
      await write(path, source);
      this.#unflushed.add(dirname(path));
      return 'done';
    } catch (error) {
      throw storeError('write', path, error);
    }
  }

  async remove(key: string, { version, unmodifiedSince }: RemoveOptions = {}): Promise<boolean> {
    const path = this.url(key);
    try {
      const removed =
        version === undefined ? await removeUnmodified(path, unmodifiedSince) : await removeVersion(path, version);
      if (removed) for (let each = dirname(path); each !== this.#root; each = dirname(each)) await removeEmpty(each);
      return removed;
    } catch (error) {
      throw storeError('remove', path, error);
    }
  }

  async *list(prefix: string, { folders = false }: ListOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const begin = prefix.slice(folder.length);
    for (const entry of await this.#entries(folder)) {
      if (!entry.name.startsWith(begin)) continue;
      const key = folder + entry.name;
      if (folders) {
        if (!entry.isFile()) yield { key: `${key}/`, size: 0, modifiedAt: new Date(0) };
      } else if (entry.isDirectory()) yield* this.list(`${key}/`);
      else if (entry.isFile()) {
        const found = await stat(this.url(key)).catch(() => undefined); // gone meanwhile
        if (found !== undefined) yield { key, size: found.size, modifiedAt: found.mtime };
      }
    }
  }

  url(key: string): string {
    const parts = key.split('/');
    // Keys are made of escaped names; one that is not must not lead out of the folder.
    if (parts.some((part) => part === '.' || part === '..')) throw new Error(`${JSON.stringify(key)} is no key`);
    return join(this.#root, ...parts);
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #putIf(path: string, source: Source, condition: Condition): Promise<PutOutcome> {
    const folder = dirname(path);
    await makeFolder(folder);
    await this.#unflushed.flush();
    await using _lock = await acquireLock(`${path}.lock`);
    const version = await versionAt(path);
    if (version !== (condition === 'absent' ? undefined : condition.version)) return 'lost';
    await write(path, source);
    await syncFolder(folder);
    return 'done';
  }

  async #entries(folder: string) {
    const path = this.url(folder);
    const entries = (await orMissing(readdir(path, { withFileTypes: true }), 'read', path)) ?? [];
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** What comes of `work`; undefined when there is no such file or folder. */
async function orMissing<T>(work: Promise<T>, action: string, path: string): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storeError(action, path, error);
  }
}

async function openFile(path: string, start = 0): Promise<FoundObject | undefined> {
  const file = await open(path, 'r');
  let streamed = false;
  try {
    const info = await file.stat();
    if (!info.isFile()) return undefined;
    if (info.size > wholeBytes) {
      streamed = true;
      return { body: file.createReadStream({ start }), version: largeVersion(info), size: info.size - start };
    }
    const whole = await readAll(file, info.size);
    const data = whole.subarray(start);
    return {
      data,
      size: data.length,
      get body() {
        return Readable.from([data], { objectMode: false });
      },
      get version() {
        return createHash('sha256').update(whole).digest('hex');
      },
    };
  } finally {
    if (!streamed) await file.close();
  }
}

/** In one go: files are never written to once they are in place. */
async function readAll(file: FileHandle, size: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(data, at);
    if (bytesRead === 0) return data.subarray(0, at);
    at += bytesRead;
  }
  return data;
}

/** The version of a large file, which would take long to read; only small ones are written on conditions. */
function largeVersion({ size, mtimeMs, ino }: Stats): string {
  return `${size}-${mtimeMs}-${ino}`;
}

async function versionAt(path: string): Promise<string | undefined> {
  const found = await openFile(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  found?.body.destroy();
  return found?.version;
}

/** Puts a file in place as a whole. Its folder is made when it is not there, and may go while it is empty. */
async function write(path: string, source: Source): Promise<void> {
  let begun = false;
  const fill = async (file: FileHandle): Promise<void> => {
    begun = true;
    for await (const chunk of chunksOf(source)) await file.writeFile(chunk);
  };
  try {
    await replaceFile(path, fill);
  } catch (error) {
    if (begun || !isMissing(error)) throw error;
    await makeFolder(dirname(path));
    await replaceFile(path, fill);
  }
}

/** Says that a file is wanted, to whoever removes old ones. False: it is gone by now. */
async function makeYoung(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (systemCode(error) === 'EPERM' || systemCode(error) === 'EACCES') return true; // another user's: theirs to keep
    throw storeError('write', path, error);
  }
}

/**
 * Removes a file unless somebody has written (or touched) it since. It is taken aside before it is looked at, so that
 * whoever comes later finds none and writes a new one; whoever came before has touched the one that is looked at.
 */
async function removeUnmodified(path: string, since: Date | undefined): Promise<boolean> {
  if (since === undefined) {
    await removeFile(path);
    return true;
  }
  const aside = join(dirname(path), `${temporaryPrefix}removed-${randomBytes(6).toString('hex')}`);
  try {
    await rename(path, aside);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  const young = (await stat(aside)).mtimeMs > since.getTime();
  // A link, as it does not replace one that was written meanwhile.
  if (young) await link(aside, path).catch(() => undefined);
  await removeFile(aside);
  return !young;
}

async function removeVersion(path: string, version: string): Promise<boolean> {
  if ((await versionAt(path)) !== version) return false; // and there may be no folder for a lock
  await using _lock = await acquireLock(`${path}.lock`);
  return (await versionAt(path)) === version && (await removeFile(path));
}

/** Not empty, or gone already: both are fine. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}
