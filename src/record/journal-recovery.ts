import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors/index.js';
import { damagedJournal } from './journal-folder.js';
import { readFrames } from './journal-frames.js';
import { journalFiles } from './journal-meta.js';

/** Where a journal goes on. */
interface JournalPosition {
  /** Bytes of whole frames. */
  offset: number;
  entries: number;
  nextIndex: number;
}

/**
 * Reads a journal whose writer was killed and cuts off the frame that it was writing: no client has seen the end of
 * that exchange. A journal that is not there yet is an empty one. Throws `PROXYCTL_JOURNAL` for one that was altered:
 * what comes behind that place must not be cut off.
 */
export async function recoverJournal(folder: string, format: number): Promise<JournalPosition> {
  const position: JournalPosition = { offset: 0, entries: 0, nextIndex: 0 };
  const file = await openIfThere(join(folder, journalFiles.exchanges));
  if (file === undefined) return position;
  try {
    const frames = readFrames(file, { format });
    for (;;) {
      const { done, value } = await frames.next();
      if (done === true) {
        if (value?.torn === false) throw damagedJournal(folder, value);
        break;
      }
      const { record, offset, length } = value;
      position.offset = offset + length;
      position.entries += 1;
      position.nextIndex = Math.max(position.nextIndex, record.index + 1);
    }
    await file.truncate(position.offset);
    return position;
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
