import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolder } from '../core/make-folder.js';
import { replaceFile, syncFolder } from '../core/atomic-file.js';
import { checkFormat, isNewerFormat } from '../core/stored-formats.js';
import { diskFailure } from '../core/disk-failure.js';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { journalFiles, journalMeta, type JournalMeta } from './journal-meta.js';

/**
 * `meta.json`, or undefined when the folder has none (yet). Throws `PROXYCTL_JOURNAL` when it cannot be read or is
 * damaged, `PROXYCTL_NEWER_FORMAT` for one of a newer program.
 */
export async function readJournalMeta(folder: string): Promise<JournalMeta | undefined> {
  const path = join(folder, journalFiles.meta);
  try {
    const { checksum, ...meta } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    checkFormat('journal', meta, path);
    if (meta.formatVersion !== 1 && checksum !== checksumOf(meta)) throw new Error('its checksum is another');
    return journalMeta.parse(meta);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (isNewerFormat(error)) throw error;
    if (systemCode(error) !== undefined) throw journalError('read', folder, error);
    throw new ProxyctlError('PROXYCTL_JOURNAL', `${path} is damaged: ${messageOf(error)}`, {
      hint: `Remove the folder ${folder}, or restore that file.`,
      cause: error,
      data: { journal: folder },
    });
  }
}

export async function writeJournalMeta(folder: string, meta: JournalMeta): Promise<void> {
  const text = `${JSON.stringify({ ...meta, checksum: checksumOf(meta) }, null, 2)}\n`;
  await replaceFile(join(folder, journalFiles.meta), (file) => file.writeFile(text), { mode: 0o600 });
  await syncFolder(folder);
}

/** Of what stands in `meta.json` besides it. */
function checksumOf(meta: object): number {
  return crc32(JSON.stringify(meta));
}

/** Readable by this user alone: a journal holds secrets in the clear. */
export async function makeJournalFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    throw journalError('made', folder, error);
  }
}

/** What a journal is refused with that was altered in one of its files. */
export function damagedJournal(folder: string, { offset, reason }: { offset: number; reason: string }): ProxyctlError {
  return new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} is damaged at byte ${offset}: ${reason}`, {
    hint: 'Record the test again.',
    data: { journal: folder },
  });
}

export function journalError(action: 'made' | 'read' | 'written', folder: string, cause: unknown): ProxyctlError {
  const { reason, hint, code } = diskFailure(cause);
  return new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} cannot be ${action}: ${reason}`, {
    hint: code === undefined ? hint : `${hint} PROXYCTL_HOME moves the journals (this one: ${basename(folder)}).`,
    cause,
    data: { journal: folder, ...(code === undefined ? {} : { systemCode: code }) },
  });
}
