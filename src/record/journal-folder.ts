import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../core/make-folder.js';
import { replaceFile, syncFolder } from '../core/atomic-file.js';
import { diskFailure } from '../core/disk-failure.js';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { journalFiles, journalMeta, type JournalMeta } from './journal-meta.js';

/** `meta.json`, or undefined when the folder has none (yet). Throws `PROXYCTL_JOURNAL` when it cannot be read. */
export async function readJournalMeta(folder: string): Promise<JournalMeta | undefined> {
  const path = join(folder, journalFiles.meta);
  try {
    return journalMeta.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (systemCode(error) !== undefined) throw journalError('read', folder, error);
    throw new ProxyctlError('PROXYCTL_JOURNAL', `${path} is damaged: ${messageOf(error)}`, {
      hint: `Remove the folder ${folder}, or restore that file.`,
      cause: error,
      data: { journal: folder },
    });
  }
}

export async function writeJournalMeta(folder: string, meta: JournalMeta): Promise<void> {
  const text = `${JSON.stringify(meta, null, 2)}\n`;
  await replaceFile(join(folder, journalFiles.meta), (file) => file.writeFile(text), { mode: 0o600 });
  await syncFolder(folder);
}

/** Readable by this user alone: a journal holds secrets in the clear. */
export async function makeJournalFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    throw journalError('made', folder, error);
  }
}

export function journalError(action: 'made' | 'read' | 'written', folder: string, cause: unknown): ProxyctlError {
  const { reason, hint, code } = diskFailure(cause);
  return new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} cannot be ${action}: ${reason}`, {
    hint: code === undefined ? hint : `${hint} PROXYCTL_HOME moves the journals (this one: ${basename(folder)}).`,
    cause,
    data: { journal: folder, ...(code === undefined ? {} : { systemCode: code }) },
  });
}
