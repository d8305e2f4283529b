import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { formatBytes } from '../../core/units.js';
import { systemCode } from '../../errors/index.js';
import type { Check } from '../check.js';

const littleBytes = 1_000_000_000;
const tooLittleBytes = 100_000_000;

/** Recordings under way and the cache need room. */
export const diskSpace: Check = {
  name: 'disk space',
  async run({ home }) {
    const folders = [...new Set([home.stateDir, home.cacheDir, tmpdir()])];
    const free = await Promise.all(folders.map(async (folder) => ({ folder, bytes: await freeBytes(folder) })));
    const detail = free.map(({ folder, bytes }) => `${formatBytes(bytes)} free for ${folder}`).join(', ');
    const least = Math.min(...free.map(({ bytes }) => bytes));
    if (least >= littleBytes) return { status: 'ok', detail };
    const hint = 'Recordings are written there as they are made. Make room, or move the home with PROXYCTL_HOME.';
    return { status: least < tooLittleBytes ? 'fail' : 'warn', detail, hint };
  },
};

/** Of the file system that holds `folder`, or would. */
async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const notThere = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
    if (notThere && dirname(folder) !== folder) return freeBytes(dirname(folder));
    throw error;
  }
}
