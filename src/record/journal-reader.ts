import { createReadStream, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { isStale, readLock } from '../core/file-lock.js';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import type { BodyRef, ExchangeRecord } from './exchange-record.js';
import { journalError, readJournalMeta } from './journal-folder.js';
import { type JournalDamage, type JournalFrame, readFrames } from './journal-frames.js';
import { foreignWriterStaleMs, journalFiles, type JournalMeta } from './journal-meta.js';

/** One exchange of a journal with its bodies. */
export interface JournalEntry {
  record: ExchangeRecord;
  /** Where it stands, for `read`. */
  offset: number;
  length: number;
  request: JournalBody | undefined;
  response: JournalBody | undefined;
}

/** The wire bytes of a body. */
export interface JournalBody {
  ref: BodyRef;
  /** The bytes, when they stand with the record (64 KiB at most); else only `open` has them. */
  bytes: Buffer | undefined;
  open(): Readable;
}

/** Reads a journal, be it finished, torn by a crash, or still being written (then as far as it is whole). */
export class JournalReader implements AsyncDisposable {
  readonly folder: string;
  readonly meta: JournalMeta;
  readonly #file: FileHandle | undefined;
  #damage: JournalDamage | undefined;

  /** Throws `PROXYCTL_JOURNAL` when there is no journal or it cannot be read. */
  static async open(folder: string): Promise<JournalReader> {
    const meta = await readJournalMeta(folder);
    if (meta === undefined) {
      throw new ProxyctlError('PROXYCTL_JOURNAL', `There is no journal in ${folder}`, {
        hint: 'See what there is with: proxyctl recordings ls',
        data: { journal: folder },
      });
    }
    return new JournalReader(folder, meta, await openExchanges(folder));
  }

  private constructor(folder: string, meta: JournalMeta, file: FileHandle | undefined) {
    this.folder = folder;
    this.meta = meta;
    this.#file = file;
  }

  /**
   * Where reading stopped short of the end, once `entries` has run to its end. A torn last frame is an exchange that
   * nobody saw end.
   */
  get damage(): JournalDamage | undefined {
    return this.#damage;
  }

  /** All whole entries, in the order in which the exchanges ended. */
  async *entries(): AsyncGenerator<JournalEntry, void, undefined> {
    if (this.#file === undefined) return;
    const frames = readFrames(this.#file, { format: this.meta.formatVersion });
    for (;;) {
      const { done, value } = await frames.next();
      if (done === true) {
        this.#damage = value;
        return;
      }
      yield this.#entry(value);
    }
  }

  /** One entry again, by where it stands. */
  async read({ offset, length }: Pick<JournalEntry, 'offset' | 'length'>): Promise<JournalEntry> {
    const range = { start: offset, until: offset + length, format: this.meta.formatVersion };
    const { value } = await readFrames(this.#file as FileHandle, range).next();
    if (value === undefined || !('record' in value)) throw damaged(this.folder, value?.reason ?? 'a record is gone');
    return this.#entry(value);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #entry({ record, offset, length, request, response }: JournalFrame): JournalEntry {
    return {
      record,
      offset,
      length,
      request: this.#body(record.request.body, request),
      response: this.#body(record.response?.body, response),
    };
  }

  #body(ref: BodyRef | undefined, bytes: Buffer | undefined): JournalBody | undefined {
    if (ref === undefined || ref.size === 0) return undefined;
    if (ref.at === 'inline') return { ref, bytes, open: () => Readable.from([bytes as Buffer]) };
    const file = bodyFile(this.folder, ref.at.file, ref);
    return { ref, bytes: undefined, open: () => Readable.from(file, { objectMode: false }) };
  }
}

/** A large body. Throws `PROXYCTL_JOURNAL` when its file is gone, not of its size, or altered. */
function bodyFile(folder: string, name: string, { size, crc }: BodyRef): AsyncIterable<Buffer> {
  return {
    async *[Symbol.asyncIterator]() {
      let read = 0;
      let sum = 0;
      try {
        for await (const chunk of createReadStream(join(folder, name)) as AsyncIterable<Buffer>) {
          read += chunk.length;
          if (crc !== undefined) sum = crc32(chunk, sum);
          yield chunk;
        }
      } catch (error) {
        if (systemCode(error) === undefined) throw error;
        throw damaged(folder, `the body ${name} cannot be read (${systemCode(error) ?? ''})`);
      }
      if (read !== size) throw damaged(folder, `the body ${name} has ${read} bytes instead of ${size}`);
      if (crc !== undefined && sum !== crc) throw damaged(folder, `the body ${name} is altered`);
    },
  };
}

/** `in-progress`: a living process writes it. `unfinished`: its writer was killed. The rest as in `JournalState`. */
type JournalSituation = 'in-progress' | 'unfinished' | 'finished' | 'broken' | 'rejected';

/** A journal as lists show it. */
export interface JournalSummary {
  folder: string;
  /** `unreadable`: `reason` says why. */
  situation: JournalSituation | 'unreadable';
  meta?: JournalMeta;
  reason?: string;
  /** Bytes on disk, large bodies included. */
  bytes: number;
}

/** All journals under `journalDir`, oldest first (by recording id, which begins with the time). */
export async function listJournals(journalDir: string): Promise<JournalSummary[]> {
  let names: Dirent[];
  try {
    names = await readdir(journalDir, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw journalError('read', journalDir, error);
  }
  const folders = names.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  const summaries: JournalSummary[] = [];
  for (const name of folders.sort()) summaries.push(await summarize(join(journalDir, name)));
  return summaries;
}

async function summarize(folder: string): Promise<JournalSummary> {
  const bytes = await sizeOf(folder);
  try {
    const meta = await readJournalMeta(folder);
    if (meta === undefined) return { folder, situation: 'unreadable', reason: 'it has no meta.json', bytes };
    const reason = meta.reason === undefined ? {} : { reason: meta.reason };
    return { folder, situation: await situationOf(folder, meta), meta, ...reason, bytes };
  } catch (error) {
    return { folder, situation: 'unreadable', reason: messageOf(error), bytes };
  }
}

export async function situationOf(folder: string, { state }: JournalMeta): Promise<JournalSituation> {
  if (state !== 'recording') return state;
  const holder = await readLock(join(folder, journalFiles.writer));
  return holder === undefined || isStale(holder, foreignWriterStaleMs) ? 'unfinished' : 'in-progress';
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(
    files.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function openExchanges(folder: string): Promise<FileHandle | undefined> {
  try {
    return await open(join(folder, journalFiles.exchanges), 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw journalError('read', folder, error);
  }
}

function damaged(folder: string, reason: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} is damaged: ${reason}`, {
    hint: 'Record again.',
    data: { journal: folder },
  });
}
