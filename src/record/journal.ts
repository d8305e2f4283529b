import { randomBytes } from 'node:crypto';
import { close, closeSync, fdatasync, ftruncateSync, openSync, rmSync, writeSync, writev, writevSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeFile, syncFile } from '../core/atomic-file.js';
import { BoundedTasks } from '../core/bounded-tasks.js';
import { acquireLock, type FileLock, LockHeldError } from '../core/file-lock.js';
import { storedFormats, thisProgram } from '../core/stored-formats.js';
import { ProxyctlError } from '../errors/index.js';
import type { HarRecordingInfo } from '../har/har.js';
import { withoutArguments } from '../har/recording-info.js';
import type { FaultReceipt } from '../http/index.js';
import { BodySpool, withoutFirst } from './body-spool.js';
import type { ExchangeLog } from './exchange-log.js';
import type { ExchangeRecord } from './exchange-record.js';
import { FaultLog } from './fault-log.js';
import { journalError, makeJournalFolder, readJournalMeta, writeJournalMeta } from './journal-folder.js';
import { encodeLine } from './journal-frames.js';
import { foreignWriterStaleMs, journalFiles, type JournalMeta } from './journal-meta.js';
import { recoverJournal } from './journal-recovery.js';
import type { LargeBodyPlace } from './large-body.js';
import { RecentBodies } from './recent-bodies.js';

interface JournalOptions {
  /** `<journalDir>/<recordingId>`; made if it is not there. A journal that is there and unfinished is continued. */
  folder: string;
  info: HarRecordingInfo;
  /** Where the recording is to be published. */
  store?: string;
  /** Called once, when the disk fails. */
  onError?: (error: ProxyctlError) => void;
}

/** An exchange that is to be written: whom to tell, and its large bodies' files. */
interface Waiting {
  done: () => void;
  files: readonly string[];
}

/** A batch up to this size is written at once: handing it to a thread costs more than the copy into the kernel. */
const synchronousBytes = 64 * 1024;
/** How much of large bodies may wait in memory, all of them together. */
const heldBytes = 32 * 1024 * 1024;
/** Room for `meta.json` to be written anew on a full disk. */
const reserveBytes = 16 * 1024;

const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/**
 * A recording under way, on local disk: finished exchanges are appended to one file, large bodies lie beside it. What
 * is appended within one turn of the event loop is written by one system call (group commit), and only then are the
 * callers told, so that an exchange whose end a client has seen survives a kill of this process. (Power cuts: what the
 * system had written by then; all of it once the journal is finished.)
 *
 * When the disk fails, the journal is broken: nothing more is written, callers are told at once that they may go on,
 * and what was written before stays readable.
 */
export class Journal implements ExchangeLog, AsyncDisposable {
  readonly folder: string;
  readonly #onError: ((error: ProxyctlError) => void) | undefined;
  readonly #lock: FileLock;
  readonly #fd: number;
  readonly #faults: FaultLog;
  #meta: JournalMeta;
  #offset: number;
  #entries: number;
  #nextIndex: number;
  #failure: ProxyctlError | undefined;
  /** Files of large bodies, to be flushed to the disk at the end. */
  readonly #bodies: string[] = [];
  readonly #spools = new Set<BodySpool>();
  /** Files of large bodies that no record refers to yet. */
  readonly #loose = new Set<string>();
  readonly #recent = new RecentBodies();
  /** What is in files whose records are not written yet. */
  readonly #unwritten = new Map<string, { chunks: readonly Buffer[]; size: number }>();
  #heldBytes = 0;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #writing = false;
  #drained: (() => void)[] = [];
  #reported: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /**
   * Opens a journal for writing. Throws `PROXYCTL_JOURNAL` when the disk does not let it, when another process writes
   * it, or when it is finished.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const { folder } = options;
    await makeJournalFolder(folder);
    const lock = await lockJournal(folder);
    try {
      const found = await readJournalMeta(folder);
      if (found !== undefined && found.state !== 'recording') throw notOpen(folder, found.state);
      const interruptions = (found?.interruptions ?? 0) + (found === undefined || found.paused === true ? 0 : 1);
      const meta: JournalMeta = {
        // What was begun by an older program has records of its form.
        formatVersion: found?.formatVersion ?? storedFormats.journal,
        ...thisProgram(),
        state: 'recording',
        info: found?.info ?? withoutArguments(options.info),
        ...(options.store === undefined ? {} : { store: options.store }),
        ...(interruptions === 0 ? {} : { interruptions }),
        changedAt: new Date().toISOString(),
      };
      const { offset, entries, nextIndex } = await recoverJournal(folder, meta.formatVersion);
      writeReserve(folder);
      await writeJournalMeta(folder, meta);
      const fd = openSync(join(folder, journalFiles.exchanges), 'a', 0o600);
      return new Journal(options, lock, fd, meta, { offset, entries, nextIndex });
    } catch (error) {
      await lock.release();
      throw error instanceof ProxyctlError ? error : journalError('written', folder, error);
    }
  }

  private constructor(
    { folder, onError }: JournalOptions,
    lock: FileLock,
    fd: number,
    meta: JournalMeta,
    start: { offset: number; entries: number; nextIndex: number },
  ) {
    this.folder = folder;
    this.#onError = onError;
    this.#lock = lock;
    this.#fd = fd;
    this.#faults = new FaultLog(this.folder);
    this.#meta = meta;
    this.#offset = start.offset;
    this.#entries = start.entries;
    this.#nextIndex = start.nextIndex;
  }

  /** One more than the highest index in it: where a session that comes back after a crash counts on. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  /** Records in it, those on their way included. */
  get entries(): number {
    return this.#entries;
  }

  /** Why nothing is written any more. */
  get failure(): ProxyctlError | undefined {
    return this.#failure;
  }

  /** Whether it takes anything still. */
  get writable(): boolean {
    return this.#failure === undefined && this.#closing === undefined;
  }

  /**
   * Adds a finished exchange. `done` is called once it is in the kernel, or at once when the journal is broken or
   * closed.
   */
  append(record: ExchangeRecord, inline: readonly Buffer[], done: () => void): void {
    if (!this.writable) return done();
    const line = encodeLine(record, inline);
    this.#parts.push(line, ...inline);
    this.#partBytes += line.length;
    for (const bytes of inline) this.#partBytes += bytes.length;
    this.#waiting.push({ done, files: filesOf(record).filter((file) => this.#loose.has(file)) });
    this.#entries += 1;
    this.#nextIndex = Math.max(this.#nextIndex, record.index + 1);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  /** Adds what an exchange met; its record may be in the journal already or follow. */
  faults(index: number, faults: readonly FaultReceipt[]): void {
    if (!this.writable || faults.length === 0) return;
    try {
      this.#faults.append(index, faults);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The place of the large bodies of this exchange. */
  largeBodies(index: number): LargeBodyPlace {
    return {
      hold: (bytes) => {
        if (this.#heldBytes + bytes > heldBytes) return false;
        this.#heldBytes += bytes;
        return true;
      },
      letGo: (bytes) => (this.#heldBytes -= bytes),
      find: (chunks, size) => this.#recent.find(chunks, size),
      spool: () => this.#spool(index),
      remember: (file, chunks, size) => this.#unwritten.set(file, { chunks, size }),
    };
  }

  #spool(index: number): { file: string; spool: BodySpool } {
    const file = `body-${index}-${randomBytes(4).toString('hex')}.bin`;
    this.#bodies.push(file);
    this.#loose.add(file);
    const spool: BodySpool = new BodySpool(join(this.folder, file), (error) => {
      this.#spools.delete(spool);
      if (error !== undefined) this.#fail(error);
    });
    this.#spools.add(spool);
    return { file, spool };
  }

  /**
   * Ends the recording: all is flushed to the disk and the journal is marked as finished (unless it is broken). May be
   * called twice.
   */
  finish({ cut = 0 }: { cut?: number } = {}): Promise<void> {
    this.#closing ??= this.#close('finished', cut);
    return this.#closing;
  }

  /** Lets go of it and leaves it unfinished, to be continued by `open`. */
  close(): Promise<void> {
    this.#closing ??= this.#close('recording', 0);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#writing || this.#waiting.length === 0) return;
    const parts = this.#parts;
    const bytes = this.#partBytes;
    const batch = this.#waiting;
    this.#parts = [];
    this.#partBytes = 0;
    this.#waiting = [];
    for (const { files } of batch) for (const file of files) this.#loose.delete(file);
    if (bytes > synchronousBytes) {
      this.#writing = true;
      return this.#writeInThread(parts, bytes, (error) => {
        this.#writing = false;
        this.#written(batch, bytes, error);
        this.#flush();
        this.#tellDrained();
      });
    }
    let failure: unknown;
    try {
      writeAllSync(this.#fd, parts, bytes);
    } catch (error) {
      failure = error;
    }
    this.#written(batch, bytes, failure);
    this.#tellDrained();
  };

  #writeInThread(parts: Buffer[], bytes: number, done: (error: Error | null) => void): void {
    writev(this.#fd, parts, (error, written) => {
      if (error !== null || written === bytes) return done(error);
      this.#writeInThread(withoutFirst(parts, written), bytes - written, done);
    });
  }

  #written(batch: readonly Waiting[], bytes: number, error: unknown): void {
    if (error === null || error === undefined) {
      this.#offset += bytes;
      for (const { files } of batch) this.#nowKnown(files);
    } else {
      for (const { files } of batch) for (const file of files) this.#loose.add(file);
      this.#fail(error);
      this.#cutOff();
    }
    release(batch);
  }

  /** Only now may others refer to them: before, they would go with their own record if the disk failed. */
  #nowKnown(files: readonly string[]): void {
    for (const file of files) {
      const body = this.#unwritten.get(file);
      this.#unwritten.delete(file);
      if (body !== undefined) this.#recent.add(file, body.chunks, body.size);
    }
  }

  #tellDrained(): void {
    if (this.#writing || this.#waiting.length > 0) return;
    for (const drained of this.#drained.splice(0)) drained();
  }

  /** Breaks the journal: what no whole record needs is removed, and the reason is written where there is room. */
  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const failure = journalError('written', this.folder, cause);
    this.#failure = failure;
    release(this.#waiting.splice(0));
    this.#parts = [];
    this.#partBytes = 0;
    for (const spool of [...this.#spools]) spool.drop();
    this.#spools.clear();
    this.#unwritten.clear();
    this.#recent.clear();
    if (!this.#writing) this.#cutOff();
    this.#reported = this.#writeFailure(failure);
    this.#onError?.(failure);
  }

  /** Removes what is behind the last whole batch, and the bodies that belong to nothing. */
  #cutOff(): void {
    try {
      ftruncateSync(this.#fd, this.#offset);
    } catch {
      // A torn frame at the end is told by its form anyway.
    }
    for (const file of this.#loose) {
      try {
        rmSync(join(this.folder, file), { force: true });
      } catch {
        // It goes with the journal.
      }
    }
    this.#loose.clear();
  }

  async #writeFailure(failure: ProxyctlError): Promise<void> {
    try {
      await removeFile(join(this.folder, journalFiles.reserve));
      this.#meta = { ...this.#meta, state: 'broken', reason: failure.message, changedAt: new Date().toISOString() };
      await writeJournalMeta(this.folder, this.#meta);
    } catch {
      // The disk takes nothing at all: `onError` has said so, and the journal stays unfinished, so that it is not taken
      // for whole.
    }
  }

  async #close(state: 'finished' | 'recording', cut: number): Promise<void> {
    if (this.#writing || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#drained.push(resolve);
        this.#flush();
      });
    }
    await this.#reported;
    try {
      if (this.#failure === undefined) await (state === 'finished' ? this.#markFinished(cut) : this.#markPaused());
    } catch (error) {
      this.#fail(error);
      await this.#reported;
    } finally {
      await closeFile(this.#fd);
      await this.#lock.release();
    }
  }

  async #markPaused(): Promise<void> {
    this.#meta = { ...this.#meta, paused: true, changedAt: new Date().toISOString() };
    await writeJournalMeta(this.folder, this.#meta);
  }

  async #markFinished(cut: number): Promise<void> {
    await syncData(this.#fd);
    await syncFiles(this.#bodies.map((file) => join(this.folder, file)));
    await removeFile(join(this.folder, journalFiles.reserve));
    const changedAt = new Date().toISOString();
    this.#meta = { ...this.#meta, state: 'finished', changedAt, entries: this.#entries, cut };
    await writeJournalMeta(this.folder, this.#meta);
  }
}

async function lockJournal(folder: string): Promise<FileLock> {
  try {
    return await acquireLock(join(folder, journalFiles.writer), { waitMs: 0, foreignStaleMs: foreignWriterStaleMs });
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw journalError('written', folder, error);
    const pid = error.holder.owner?.pid;
    throw new ProxyctlError(
      'PROXYCTL_JOURNAL',
      `The journal ${folder} is being written by process ${pid ?? 'unknown'}`,
      {
        hint: 'Wait until that recording has ended, or end that process.',
        cause: error,
        data: { journal: folder, pid },
      },
    );
  }
}

async function syncFiles(paths: readonly string[]): Promise<void> {
  const tasks = new BoundedTasks(8);
  for (const path of paths) await tasks.run(() => syncFile(path));
  await tasks.done();
}

function notOpen(folder: string, state: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} is ${state}, so nothing can be added to it`, {
    hint: 'Begin a new recording.',
    data: { journal: folder, state },
  });
}

function writeReserve(folder: string): void {
  const fd = openSync(join(folder, journalFiles.reserve), 'w', 0o600);
  try {
    writeSync(fd, randomBytes(reserveBytes)); // zeros could be stored as a hole
  } finally {
    closeSync(fd);
  }
}

function writeAllSync(fd: number, parts: Buffer[], bytes: number): void {
  let left = bytes;
  let rest = parts;
  while (left > 0) {
    const written = rest.length === 1 ? writeSync(fd, rest[0] as Buffer) : writevSync(fd, rest);
    left -= written;
    if (left > 0) rest = withoutFirst(rest, written);
  }
}

function filesOf({ request, response }: ExchangeRecord): string[] {
  return [request.body, response?.body].flatMap((body) =>
    body === undefined || body.at === 'inline' ? [] : [body.at.file],
  );
}

/** One that throws does not keep the others waiting; its error is a bug and surfaces as an uncaught exception. */
function release(waiting: readonly Waiting[]): void {
  for (const { done } of waiting) {
    try {
      done();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
