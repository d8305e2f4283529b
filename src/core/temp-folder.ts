import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, processIdentity, thisProcess } from './process-identity.js';

const prefix = 'proxyctl-';
/** Says whose folder it is, so that one which a killed process has left is known. */
const ownerFile = 'owner.json';
/** Of more, the rest has its turn later. */
const maxSwept = 200;

/** A folder of this process among the temporary ones. `purpose`: a word for people. */
export async function makeTempFolder(purpose: string, within = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(within, `${prefix}${purpose}-`));
  await writeFile(join(folder, ownerFile), JSON.stringify(thisProcess()), { mode: 0o600 });
  return folder;
}

/**
 * Removes the folders that processes have left which run no more, and tells which. What has no owner, or one of another
 * machine or container, is nobody's to remove.
 */
export async function sweepTempFolders(within = tmpdir()): Promise<string[]> {
  const names = await readdir(within).catch(() => []);
  const swept: string[] = [];
  for (const name of names.filter((each) => each.startsWith(prefix)).slice(0, maxSwept)) {
    const folder = join(within, name);
    if (!(await isLeft(folder))) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).then(
      () => swept.push(folder),
      () => undefined, // another user's
    );
  }
  return swept;
}

async function isLeft(folder: string): Promise<boolean> {
  try {
    const owner = processIdentity.parse(JSON.parse(await readFile(join(folder, ownerFile), 'utf8')));
    return isRunning(owner) === false;
  } catch {
    return false; // no folder of ours, or one that is being made
  }
}
