import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, systemCode } from '../../errors/index.js';
import type { Check } from '../check.js';

/**
 * The folders for state, cache and logs can be written; of those that are not there yet, the nearest one above that is.
 */
export const homeFolders: Check = {
  name: 'home',
  async run({ home }) {
    const folders = [...new Set([home.stateDir, home.caDir, home.journalDir, home.cacheDir, home.logDir])];
    const refused: string[] = [];
    for (const folder of folders) {
      const fault = await faultOf(folder);
      if (fault !== undefined) refused.push(fault);
    }
    if (refused.length === 0) return { status: 'ok', detail: `${home.home}, cache in ${home.cacheDir}` };
    return {
      status: 'fail',
      detail: [...new Set(refused)].join('; '),
      hint: 'Make it writable for you, or set PROXYCTL_HOME to a folder that is.',
    };
  },
};

async function faultOf(folder: string): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is not a folder`;
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    const notThere = code === 'ENOENT' || code === 'ENOTDIR';
    if (notThere && dirname(folder) !== folder) return faultOf(dirname(folder));
    return `${folder} cannot be written (${code ?? messageOf(error)})`;
  }
}
