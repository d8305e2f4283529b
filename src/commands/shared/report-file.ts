import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../core/make-folder.js';
import { messageOf, ProxyctlError } from '../../errors/index.js';

/** Writes `--report FILE`, making its folder. Throws `PROXYCTL_USAGE` with the path when it cannot. */
export async function writeReport(file: string | undefined, report: unknown): Promise<void> {
  if (file === undefined) return;
  try {
    await makeFolder(dirname(file));
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw new ProxyctlError('PROXYCTL_USAGE', `The report ${file} cannot be written: ${messageOf(error)}`, {
      cause: error,
      hint: 'Give --report a path that you can write to.',
    });
  }
}
