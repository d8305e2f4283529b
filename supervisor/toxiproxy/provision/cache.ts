import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../../../src/core/make-folder.js';
import { z } from 'zod';
import { isRunning, processIdentity, thisProcess } from '../../../src/core/process-identity.js';
import { systemCode } from '../../../src/errors/index.js';

const manifestSchema = z.object({
  version: z.string(),
  /** How it was made. */
  origin: z.enum(['release', 'go']),
  sha256: z.string(),
  installedAt: z.string(),
});
export type CacheManifest = z.infer<typeof manifestSchema>;

export const serverFileName = process.platform === 'win32' ? 'toxiproxy-server.exe' : 'toxiproxy-server';
const manifestFileName = 'manifest.json';
/** In a work folder: whose it is. */
const ownerFileName = 'owner.json';
const temporaryPrefix = '.tmp-';
const forgottenAfterMs = 3_600_000;

/**
 * Toxiproxy servers by version and platform: `<root>/2.12.0-linux-x64/{toxiproxy-server,manifest.json}`. An entry
 * appears by one rename of its whole folder, so that it is complete or not there.
 */
export class ToxiproxyCache {
  constructor(readonly root: string) {}

  get lockPath(): string {
    return join(this.root, 'install.lock');
  }

  entryPath(version: string): string {
    return join(this.root, `${version}-${process.platform}-${process.arch}`);
  }

  /** The entry, `undefined` if there is none. Throws when there is one but it is damaged. */
  async find(version: string): Promise<{ path: string; manifest: CacheManifest } | undefined> {
    const entry = this.entryPath(version);
    const text = await readFile(join(entry, manifestFileName), 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const manifest = manifestSchema.parse(JSON.parse(text));
    const path = join(entry, serverFileName);
    const actual = await sha256Of(path);
    if (actual !== manifest.sha256) {
      throw new Error(`${path} has SHA-256 ${actual}, but ${manifest.sha256} when it was installed`);
    }
    return { path, manifest };
  }

  /** A new empty folder to work in, on the same disk. Also clears what processes that were killed left behind. */
  async workFolder(): Promise<string> {
    await makeFolder(this.root);
    await this.#sweep();
    const folder = join(this.root, `${temporaryPrefix}${randomUUID()}`);
    await mkdir(folder);
    await writeFile(join(folder, ownerFileName), JSON.stringify(thisProcess()));
    return folder;
  }

  /**
   * Turns a work folder that holds the server into the entry. Keeps a sound entry that another process made meanwhile.
   */
  async commit(folder: string, manifest: CacheManifest): Promise<string> {
    await chmod(join(folder, serverFileName), 0o755);
    await writeFile(join(folder, manifestFileName), JSON.stringify(manifest, null, 2), { flush: true });
    await rm(join(folder, ownerFileName));
    const entry = this.entryPath(manifest.version);
    for (;;) {
      try {
        await rename(folder, entry);
        return join(entry, serverFileName);
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
        const existing = await this.find(manifest.version).catch(() => undefined);
        if (existing !== undefined) return existing.path;
        if (!(await this.discard(manifest.version))) throw error;
      }
    }
  }

  /** Moves an entry out of the way, then deletes it. False if there was none. */
  async discard(version: string): Promise<boolean> {
    const aside = join(this.root, `${temporaryPrefix}${randomUUID()}`);
    try {
      await rename(this.entryPath(version), aside);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    await rm(aside, { recursive: true, force: true });
    return true;
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.root)) {
      if (!name.startsWith(temporaryPrefix)) continue;
      const folder = join(this.root, name);
      const ageMs = await stat(folder).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if ((await ownerIsGone(folder)) || ageMs > forgottenAfterMs) await rm(folder, { recursive: true, force: true });
    }
  }
}

async function ownerIsGone(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, ownerFileName), 'utf8').catch(() => undefined);
  if (text === undefined) return false; // its maker is about to write it, or it waits to be deleted
  try {
    return isRunning(processIdentity.parse(JSON.parse(text))) === false;
  } catch {
    return false;
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
