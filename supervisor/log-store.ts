import { createWriteStream, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeHomeFolder } from './home-folder.js';
import { formatLogEntry, isFrom, type LogEntry } from '../src/core/logger.js';

const kept = 5000;
/** How large a file becomes, how old, and how many of a source are kept besides the newest one. */
interface Limits {
  bytes: number;
  ageMs: number;
  files: number;
}
const defaultLimits: Limits = { bytes: 10 * 1024 * 1024, ageMs: 7 * 86_400_000, files: 3 };

interface OpenFile {
  path: string;
  stream: WriteStream;
  bytes: number;
  /** Milliseconds since 1970. */
  since: number;
}

/** The logs of the supervisor and its children: the newest lines in memory for the API, all of them in a file each. */
export class LogStore {
  readonly #folder: string | undefined;
  readonly #entries: LogEntry[] = [];
  readonly #files = new Map<string, OpenFile>();
  readonly #limits: Limits;
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  /**
   * `folder`: where `<source>.log` files go; none are written without one. A file over 10 MiB, or of a week, is put
   * aside as `.1`, that one as `.2`, and so on; the fourth goes.
   */
  constructor(folder?: string, limits: Partial<Limits> = {}) {
    this.#folder = folder;
    this.#limits = { ...defaultLimits, ...limits };
    if (folder !== undefined) makeHomeFolder(folder);
  }

  readonly write = (entry: LogEntry): void => {
    this.#entries.push(entry);
    if (this.#entries.length > kept * 1.2) this.#entries.splice(0, this.#entries.length - kept);
    this.#writeToFile(entry);
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
    const streams = [...this.#files.values()].map(({ stream }) => stream).filter((stream) => !stream.destroyed);
    this.#files.clear();
    await Promise.all(streams.map((stream) => once(stream.end(), 'close').catch(() => undefined)));
  }

  #writeToFile(entry: LogEntry): void {
    const file = this.#file(entry.source);
    if (file === undefined || file.stream.destroyed) return;
    const line = `${formatLogEntry(entry)}\n`;
    file.bytes += Buffer.byteLength(line);
    file.stream.write(line);
  }

  #file(source: string): OpenFile | undefined {
    if (this.#folder === undefined) return undefined;
    const known = this.#files.get(source);
    if (known !== undefined && !this.#isFull(known)) return known;
    known?.stream.end();
    const path = known?.path ?? join(this.#folder, `${source.replace(/[^a-z0-9-]/gi, '_')}.log`);
    if (known !== undefined || this.#isFull({ path, ...found(path) })) putAside(path, this.#limits.files);
    const before = found(path);
    const stream = openForAppending(path);
    stream.on('error', () => undefined); // A log that cannot be written must not stop the stack; the lines are still in memory.
    const file = { path, stream, ...before };
    this.#files.set(source, file);
    return file;
  }

  #isFull({ bytes, since }: Pick<OpenFile, 'path' | 'bytes' | 'since'>): boolean {
    return bytes > this.#limits.bytes || (bytes > 0 && Date.now() - since > this.#limits.ageMs);
  }
}

/** Opened at once, so that it can be put aside before a line has come to it. */
function openForAppending(path: string): WriteStream {
  try {
    return createWriteStream(path, { fd: openSync(path, 'a', 0o600) });
  } catch {
    return createWriteStream(path, { flags: 'a', mode: 0o600 }); // whose error is heard
  }
}

/** What is there already. */
function found(path: string): Pick<OpenFile, 'bytes' | 'since'> {
  try {
    const { size, birthtimeMs } = statSync(path);
    return { bytes: size, since: birthtimeMs };
  } catch {
    return { bytes: 0, since: Date.now() };
  }
}

/** `x.log` becomes `x.log.1`, that becomes `x.log.2`, as far as `files`. */
function putAside(path: string, files: number): void {
  for (let number = files; number > 0; number -= 1) {
    try {
      renameSync(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    } catch {
      // There is none yet.
    }
  }
}
