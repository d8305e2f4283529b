import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../../core/make-folder.js';
import { removeFile, temporaryPrefix } from '../../core/atomic-file.js';
import { systemCode } from '../../errors/index.js';
import { storeError } from '../store-error.js';

/** More than this is not kept from one process to the next: what was used longest ago goes first. */
const defaultMaxBytes = 10 * 1024 ** 3;
/** A temporary file of this age was left by a program that was killed. */
const forgottenAfterMs = 24 * 3_600_000;

/**
 * What was fetched from stores, kept on this machine as it lay there: bodies by the names that say their content, other
 * things by name with the version that they were read at. It can be thrown away at any time, so nothing is flushed;
 * whoever reads bodies from it checks them.
 */
export class ObjectCache {
  readonly #bodies: string;
  readonly #objects: string;
  #added = 0;

  constructor(
    readonly root: string,
    readonly maxBytes = defaultMaxBytes,
  ) {
    this.#bodies = join(root, 'bodies');
    this.#objects = join(root, 'objects');
  }

  /** The bytes that a body takes here. */
  bodySize(name: string): Promise<number | undefined> {
    return sizeOf(this.#bodyPath(name));
  }

  openBody(name: string): Readable {
    return used(this.#bodyPath(name));
  }

  async keepBody(name: string, source: Readable | Buffer): Promise<void> {
    await this.#write(this.#bodyPath(name), source);
  }

  async dropBody(name: string): Promise<void> {
    await rm(this.#bodyPath(name), { force: true }).catch(() => undefined); // a cache that can only be read
  }

  /** The version that a thing of this name was kept at. */
  async version(name: string): Promise<string | undefined> {
    const version = await readFile(this.#versionPath(name), 'utf8').catch(() => undefined);
    if (version === undefined) return undefined;
    return (await sizeOf(this.#objectPath(name, version))) === undefined ? undefined : version;
  }

  /** When it was kept. */
  async keptAt(name: string): Promise<Date> {
    return stat(this.#versionPath(name)).then(
      ({ mtime }) => mtime,
      () => new Date(0),
    );
  }

  open(name: string, version: string): Readable {
    return used(this.#objectPath(name, version));
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

  async #write(path: string, source: Readable | Buffer): Promise<void> {
    const temporary = join(dirname(path), `${temporaryPrefix}${process.pid}-${randomBytes(6).toString('hex')}`);
    try {
      await makeFolder(dirname(path), 0o700);
      if (Buffer.isBuffer(source)) await writeFile(temporary, source, { mode: 0o600, flag: 'wx' });
      else await pipeline(source, createWriteStream(temporary, { mode: 0o600, flags: 'wx' }));
      await rename(temporary, path);
      this.#added += 1;
    } catch (error) {
      await removeFile(temporary).catch(() => undefined);
      // What the source says is the source's matter: only what the disk says is ours.
      throw diskCodes.has(systemCode(error) ?? '') ? storeError('cache', path, error) : error;
    }
  }

  #bodyPath(name: string): string {
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

function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** A file as a stream; says to `trim` that it was used. */
function used(path: string): Readable {
  const now = new Date();
  utimes(path, now, now).catch(() => undefined); // gone meanwhile, or a cache that can only be read
  return createReadStream(path);
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
