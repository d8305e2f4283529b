import { dirname } from 'node:path';
import { syncFolder } from '../../core/atomic-file.js';
import { systemCode } from '../../errors/index.js';

/** Folders that have new files which a power cut could still take away, up to and with `root`. */
export class UnflushedFolders {
  readonly #folders = new Set<string>();

  constructor(readonly root: string) {}

  /** `folder`, and those above it, may be new. */
  add(folder: string): void {
    for (let each = folder; each.length >= this.root.length && !this.#folders.has(each); each = dirname(each)) {
      this.#folders.add(each);
    }
  }

  async flush(): Promise<void> {
    const folders = [...this.#folders];
    await Promise.all(folders.map(flushed));
    for (const folder of folders) this.#folders.delete(folder);
  }
}

/** One that was removed meanwhile has nothing to lose. */
async function flushed(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
