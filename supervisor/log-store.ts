import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeHomeFolder } from './home-folder.js';
import { formatLogEntry, isFrom, type LogEntry } from '../src/core/logger.js';

const kept = 5000;
const rotateAtBytes = 10 * 1024 * 1024;

/** The logs of the supervisor and its children: the newest lines in memory for the API, all of them in a file each. */
export class LogStore {
  readonly #folder: string | undefined;
  readonly #entries: LogEntry[] = [];
  readonly #files = new Map<string, WriteStream>();
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  /** `folder`: where `<source>.log` files go; none are written without one. A file over 10 MiB is put aside as `.1`. */
  constructor(folder?: string) {
    this.#folder = folder;
    if (folder !== undefined) makeHomeFolder(folder);
  }

  readonly write = (entry: LogEntry): void => {
    this.#entries.push(entry);
    if (this.#entries.length > kept * 1.2) this.#entries.splice(0, this.#entries.length - kept);
    this.#file(entry.source)?.write(`${formatLogEntry(entry)}\n`);
    for (const listener of this.#listeners) listener(entry);
  };

  /** The newest `lines` entries, oldest first. */
  tail({ source, lines = 200 }: { source?: string; lines?: number } = {}): LogEntry[] {
    const matching = source === undefined ? this.#entries : this.#entries.filter((entry) => isFrom(source, entry));
    return lines <= 0 ? [] : matching.slice(-lines);
  }

  listen(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()].filter((file) => !file.destroyed);
    this.#files.clear();
    await Promise.all(files.map((file) => once(file.end(), 'close').catch(() => undefined)));
  }

  #file(source: string): WriteStream | undefined {
    if (this.#folder === undefined) return undefined;
    const open = this.#files.get(source);
    if (open !== undefined) return open.destroyed ? undefined : open;
    const path = join(this.#folder, `${source.replace(/[^a-z0-9-]/gi, '_')}.log`);
    putAside(path);
    const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
    file.on('error', () => undefined); // A log that cannot be written must not stop the stack; the lines are still in memory.
    this.#files.set(source, file);
    return file;
  }
}

function putAside(path: string): void {
  try {
    if (statSync(path).size > rotateAtBytes) renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
}
