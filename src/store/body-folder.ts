import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileSize, replaceFile } from '../core/atomic-file.js';
import { systemCode } from '../errors/index.js';
import { fromStored, fromStoredWhole, toStored } from './body-form.js';
import { mayBePacked } from './packing.js';
import type { Encryption } from './encryption/encryption.js';
import { checked, checkSha256, hashOf } from './sha256.js';
import { alteredBody, changedBody, corruptError, storeError } from './store-error.js';
import type { UnflushedFolders } from './unflushed-folders.js';

/** Bodies by their hash: `bodies/sha256/ab/abcdef…`. Each is checked against it whenever it is written or read. */
export class BodyFolder {
  readonly #root: string;
  readonly #unflushed: UnflushedFolders;
  readonly #made = new Set<string>();

  constructor(
    root: string,
    unflushed: UnflushedFolders,
    private readonly encryption: Encryption,
  ) {
    this.#root = root;
    this.#unflushed = unflushed;
  }

  async has(sha256: string): Promise<boolean> {
    const path = await this.#find(sha256);
    if (path !== undefined) this.#unflushed.add(dirname(path)); // its writer may not have flushed the folder yet
    return path !== undefined;
  }

  /** One that is there but damaged is put there anew. */
  async put(sha256: string, size: number, openBody: () => Readable): Promise<void> {
    const [path] = this.#pathsOf(sha256);
    try {
      if (!(await this.#isThere(path, sha256, size)) || !(await makeYoung(path))) {
        await this.#makeFolder(dirname(path));
        const source = toStored(this.encryption, checked(openBody(), sha256, changedBody(path)));
        await replaceFile(path, (file) => copyInto(file, source));
      }
      this.#unflushed.add(dirname(path));
    } catch (error) {
      throw storeError('write', path, error);
    }
  }

  async read(sha256: string): Promise<Buffer> {
    const path = await this.#found(sha256);
    const stored = await readFile(path).catch((error: unknown) => {
      throw bodyError(path, error);
    });
    const data = await fromStoredWhole(this.encryption, stored, path);
    if (createHash('sha256').update(data).digest('hex') !== sha256) throw alteredBody(path);
    return data;
  }

  async open(sha256: string): Promise<Readable> {
    const path = await this.#found(sha256);
    const file = await open(path, 'r').catch((error: unknown) => {
      throw bodyError(path, error);
    });
    const content = fromStored(this.encryption, file.createReadStream(), path);
    return Readable.from(checked(content, sha256, alteredBody(path)), { objectMode: false });
  }

  /** By its size; of one that may be packed that says nothing, so it is read. */
  async #isThere(path: string, sha256: string, size: number): Promise<boolean> {
    const stored = await fileSize(path);
    if (stored === undefined || stored === this.encryption.sizeOf(size)) return stored !== undefined;
    if (stored > this.encryption.sizeOf(size) || !mayBePacked(size)) return false;
    try {
      return (await hashOf(fromStored(this.encryption, createReadStream(path), path))) === sha256;
    } catch {
      return false; // what is wrong with it is mended now, or fails once more
    }
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#made.add(folder);
  }

  /** Where a body lies by any of its names. */
  async #find(sha256: string): Promise<string | undefined> {
    for (const path of this.#pathsOf(sha256)) {
      try {
        if ((await fileSize(path)) !== undefined) return path;
      } catch (error) {
        throw storeError('read', path, error);
      }
    }
    return undefined;
  }

  /** Where it lies, or should. */
  async #found(sha256: string): Promise<string> {
    const [path, ...others] = this.#pathsOf(sha256);
    return others.length === 0 ? path : ((await this.#find(sha256)) ?? path);
  }

  #pathsOf(sha256: string): [string, ...string[]] {
    checkSha256(sha256, this.#root);
    const [name, ...others] = this.encryption.names(sha256);
    const pathOf = (each: string): string => join(this.#root, each.slice(0, 2), each);
    return [pathOf(name), ...others.map(pathOf)];
  }
}

/** Says that a body is wanted, to whoever removes old ones. False: it is gone by now. */
async function makeYoung(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    if (systemCode(error) === 'EPERM' || systemCode(error) === 'EACCES') return true; // another user's: theirs to keep
    throw error;
  }
}

/** Writes all of `source`. */
export async function copyInto(file: FileHandle, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source) await file.writeFile(chunk);
}

function bodyError(path: string, error: unknown) {
  if (systemCode(error) !== 'ENOENT') return storeError('read', path, error);
  return corruptError(`The body ${path} is missing from the store`, path);
}
