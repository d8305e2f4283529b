import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors/index.js';

/**
 * Makes a folder with all above it that are not there; one that is there already is left as it is. Throws the system's
 * error. In place of `mkdir(path, { recursive: true })`, which never ends where the system says that nothing is there
 * and nothing can be made either, as below `/proc` (seen with Node 20).
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && (await isFolder(path))) return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path) throw error;
    await makeFolder(above, mode);
    await mkdir(path, mode).catch(async (again: unknown) => {
      if (systemCode(again) !== 'EEXIST' || !(await isFolder(path))) throw again; // another was faster
    });
  }
}

/** The same at once. */
export function makeFolderSync(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path) throw error;
    makeFolderSync(above, mode);
    try {
      mkdirSync(path, mode);
    } catch (again) {
      if (systemCode(again) !== 'EEXIST' || !statSync(path).isDirectory()) throw again;
    }
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
