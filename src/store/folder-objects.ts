import { link, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { removeFile, temporaryPrefix } from '../core/atomic-file.js';
import { systemCode } from '../errors/index.js';
import type { StoredObject } from './recording-store.js';
import { storeError } from './store-error.js';

/** All files of a folder under a prefix that ends with `/`, folder by folder. What goes meanwhile is left out. */
export async function* objectsIn(root: string, prefix: string): AsyncGenerator<StoredObject, void, undefined> {
  const folder = join(root, ...prefix.split('/'));
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw storeError('read', folder, error);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* objectsIn(root, `${prefix}${entry.name}/`);
    if (!entry.isFile()) continue;
    const found = await stat(join(folder, entry.name)).catch(() => undefined);
    if (found !== undefined) yield { key: prefix + entry.name, size: found.size, modifiedAt: found.mtime };
  }
}

/**
 * Removes a file unless somebody has written (or touched) it since. It is taken aside before it is looked at, so that whoever comes later
 * finds none and writes a new one; whoever came before has touched the one that is looked at.
 */
export async function removeUnmodified(path: string, since: Date | undefined): Promise<boolean> {
  if (since === undefined) {
    await removeFile(path);
    return true;
  }
  const aside = join(dirname(path), `${temporaryPrefix}removed-${randomBytes(6).toString('hex')}`);
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  const young = (await stat(aside)).mtimeMs > since.getTime();
  // A link, as it does not replace one that was written meanwhile.
  if (young) await link(aside, path).catch(() => undefined);
  await removeFile(aside);
  return !young;
}
