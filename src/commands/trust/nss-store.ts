import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../core/make-folder.js';
import { storeProgram } from './store-program.js';

const nickname = 'proxyctl CA';
const missing = 'Install it: apt install libnss3-tools, dnf install nss-tools, brew install nss.';

/** Where Chromium and what is made of it look on Linux. */
export function chromiumNssFolder(): string {
  return join(homedir(), '.pki/nssdb');
}

/**
 * Lets an NSS database trust this CA for servers (and no other CA of ours before it). A folder without a database gets
 * an empty one. Safe to repeat. Throws `PROXYCTL_CA`.
 */
export async function trustInNss(folder: string, pem: string): Promise<void> {
  const database = ['-d', `sql:${folder}`];
  if (await isMissing(folder)) {
    await makeFolder(folder, 0o700);
    await storeProgram('certutil', ['-N', ...database, '--empty-password'], { missing });
  }
  await distrustInNss(folder);
  await storeProgram('certutil', ['-A', ...database, '-n', nickname, '-t', 'C,,', '-a'], { input: pem, missing });
}

/** Takes it back. Returns whether it was there. */
export async function distrustInNss(folder: string): Promise<boolean> {
  if (await isMissing(folder)) return false;
  const database = ['-d', `sql:${folder}`];
  const names = await storeProgram('certutil', ['-L', ...database], { missing });
  if (!names.split('\n').some((line) => line.startsWith(`${nickname} `))) return false;
  await storeProgram('certutil', ['-D', ...database, '-n', nickname], { missing });
  return true;
}

async function isMissing(folder: string): Promise<boolean> {
  return access(join(folder, 'cert9.db')).then(
    () => false,
    () => true,
  );
}
