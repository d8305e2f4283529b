import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../../config/environment.js';
import { notExecutable, notFound } from './run-command.js';

/**
 * Checks that CMD can be found and run, as `execvp` would, before anything is started for it. Throws
 * `PROXYCTL_COMMAND_NOT_FOUND` or `PROXYCTL_COMMAND_NOT_EXECUTABLE`.
 */
export async function checkCommand([file = '']: readonly string[]): Promise<void> {
  if (process.platform === 'win32') return; // PATHEXT and more: left to the start itself
  if (file === '') throw notFound(file);
  const isPath = file.includes('/');
  const candidates = isPath ? [file] : environment.path.map((folder) => join(folder, file));
  const found = await Promise.all(candidates.map(look));
  if (found.includes('executable')) return;
  // A folder of that name on PATH is not what was meant; one that is named by its path is.
  throw found.includes('file') || (isPath && found.includes('folder')) ? notExecutable(file) : notFound(file);
}

async function look(path: string): Promise<'missing' | 'folder' | 'file' | 'executable'> {
  try {
    if ((await stat(path)).isDirectory()) return 'folder';
  } catch {
    return 'missing';
  }
  return access(path, constants.X_OK).then(
    () => 'executable',
    () => 'file',
  );
}
