import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { removeFile, temporaryPrefix } from '../core/atomic-file.js';
import { systemCode } from '../errors/index.js';
import { fromStored, fromStoredWhole } from './body-form.js';
import { inTheClear, type Encryption } from './encryption/encryption.js';
import { hashOf } from './sha256.js';
import { storeError } from './store-error.js';

/** More than this is not kept from one process to the next: what was used longest ago goes first. */
const defaultMaxBytes = 10 * 1024 ** 3;
/** A temporary file of this age was left by a program that was killed. */
const forgottenAfterMs = 24 * 3_600_000;

/**
 * What was fetched from a store, kept on this machine: bodies by their hash, other things by name with the version (ETag) that
 * they were read at. Encrypted where the store is: `encryption` is the store's. It can be thrown away at any time, so nothing is flushed; what is
 * read from it is checked.
 */
export class ObjectCache {
  readonly #bodies: string;
  readonly #objects: string;
  #added = 0;

  constructor(
    readonly root: string,
    readonly maxBytes = defaultMaxBytes,
    private readonly encryption: Encryption = inTheClear,
  ) {
    this.#bodies = join(root, 'bodies');
    this.#objects = join(root, 'objects');
  }

  /** Whether a body is here, as far as its name tells. */
  async hasBody(sha256: string): Promise<boolean> {
    return (await this.bodySize(sha256)) !== undefined;
  }

  /** The bytes that a body takes here. */
  async bodySize(sha256: string): Promise<number | undefined> {
    return stat(this.#bodyPath(sha256)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  /** Undefined when it is not here, or is not what its name says. */
  async readBody(sha256: string): Promise<Buffer | undefined> {
    const path = this.#bodyPath(sha256);
    const stored = await readFile(path).catch(() => undefined);
    if (stored === undefined) return undefined;
    const data = await fromStoredWhole(this.encryption, stored, path).catch(() => undefined);
    if (data !== undefined && createHash('sha256').update(data).digest('hex') === sha256) {
      touch(path);
      return data;
    }
    await rm(path, { force: true });
    return undefined;
  }

  /** A body as a stream, checked before its first byte is handed on. */
  async openBody(sha256: string): Promise<Readable | undefined> {
    const path = this.#bodyPath(sha256);
    if (!(await this.hasBody(sha256))) return undefined;
    const actual = await this.#hashOf(path).catch(() => 'unreadable');
    if (actual === 'unreadable') return undefined;
    if (actual === sha256) {
      touch(path);
      return Readable.from(fromStored(this.encryption, createReadStream(path), path), { objectMode: false });
    }
    await rm(path, { force: true });
    return undefined;
  }

  /** Keeps a body as it came from the store. One that is not what its hash says is not kept: false. */
  async keepBody(sha256: string, source: Readable | Buffer): Promise<boolean> {
    return this.#write(this.#bodyPath(sha256), source, sha256);
  }

  /** The version that a thing of this name was kept at. */
  async version(name: string): Promise<string | undefined> {
    const version = await readFile(this.#versionPath(name), 'utf8').catch(() => undefined);
    if (version === undefined) return undefined;
    const there = await stat(this.#objectPath(name, version)).catch(() => undefined);
    return there && version;
  }

  /** As it was kept. */
  open(name: string, version: string): Readable {
    const path = this.#objectPath(name, version);
    touch(path);
    return createReadStream(path);
  }

  async keep(name: string, version: string, source: Readable | Buffer): Promise<void> {
    const old = await this.version(name);
    await this.#write(this.#objectPath(name, version), source);
    await this.#write(this.#versionPath(name), Buffer.from(version));
    if (old !== undefined && old !== version) await rm(this.#objectPath(name, old), { force: true });
  }

  /** Keeps the cache within its size, when this process has added to it. */
  async trim(): Promise<void> {
    if (this.#added === 0) return;
    const files = await filesIn(this.root);
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size, usedAt, temporary } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (temporary ? Date.now() - usedAt < forgottenAfterMs : total <= this.maxBytes) continue;
      await rm(path, { force: true });
      total -= size;
    }
  }

  async #write(path: string, source: Readable | Buffer, sha256?: string): Promise<boolean> {
    const temporary = join(dirname(path), `${temporaryPrefix}${process.pid}-${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (Buffer.isBuffer(source)) await writeFile(temporary, source, { mode: 0o600, flag: 'wx' });
      else await pipeline(source, createWriteStream(temporary, { mode: 0o600, flags: 'wx' }));
      const whole = sha256 === undefined || (await this.#hashOf(temporary)) === sha256;
      if (whole) await rename(temporary, path);
      else await removeFile(temporary);
      this.#added += 1;
      return whole;
    } catch (error) {
      await removeFile(temporary).catch(() => undefined);
      // What the source says is the source's matter: only what the disk says is ours.
      throw diskCodes.has(systemCode(error) ?? '') ? storeError('cache', path, error) : error;
    }
  }

  /** Undefined for what cannot be opened. */
  async #hashOf(path: string): Promise<string | undefined> {
    try {
      return await hashOf(fromStored(this.encryption, createReadStream(path), path));
    } catch (error) {
      if (diskCodes.has(systemCode(error) ?? '')) throw error;
      return undefined;
    }
  }

  #bodyPath(sha256: string): string {
    const [name] = this.encryption.names(sha256);
    return join(this.#bodies, name.slice(0, 2), name);
  }

  #versionPath(name: string): string {
    return join(this.#objects, `${digest(name)}.version`);
  }

  #objectPath(name: string, version: string): string {
    return join(this.#objects, `${digest(name)}-${digest(version).slice(0, 12)}`);
  }
}

const diskCodes = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'EFBIG',
  'EMFILE',
  'ENFILE',
  'ENOTDIR',
]);

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/** Says that a file was used, for `trim`. */
function touch(path: string): void {
  const now = new Date();
  utimes(path, now, now).catch(() => undefined); // gone meanwhile, or a cache that can only be read
}

async function filesIn(root: string) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        const found = await stat(path).catch(() => undefined);
        const temporary = name.startsWith(temporaryPrefix);
        return found === undefined ? [] : [{ path, size: found.size, usedAt: found.mtimeMs, temporary }];
      }),
  );
  return files.flat();
}
