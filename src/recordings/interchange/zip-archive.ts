import { pipeline, type Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';

/** A body that is larger than this is not unpacked: a small archive can hold anything. */
const maxUnpackedBytes = 1024 ** 3;

/**
 * An archive on disk: its directory in memory, each file read when it is asked for. Throws `SyntaxError` when it is
 * damaged or none.
 */
export class ZipArchive implements AsyncDisposable {
  private constructor(
    private readonly file: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  static async open(path: string): Promise<ZipArchive> {
    const file = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(damaged);
    try {
      const entries = new Map<string, Entry>();
      for await (const entry of file.eachEntry()) entries.set(entry.fileName, entry);
      return new ZipArchive(file, entries);
    } catch (error) {
      file.close();
      return damaged(error);
    }
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  /** A file as a whole; undefined: not there. */
  async read(name: string): Promise<Buffer | undefined> {
    const size = this.entries.get(name)?.uncompressedSize ?? 0;
    if (size > maxUnpackedBytes) throw new SyntaxError(`${name} is over ${maxUnpackedBytes} bytes unpacked`);
    const content = await this.stream(name);
    return content === undefined ? undefined : buffer(content).catch(damaged);
  }

  /** A file of any size, piece by piece; its size and its checksum are looked at in the end. */
  async stream(name: string): Promise<Readable | undefined> {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    const content = await this.file.openReadStreamPromise(entry).catch(damaged);
    let crc = 0;
    const check = new Transform({
      transform: (chunk: Buffer, _encoding, callback) => {
        crc = crc32(chunk, crc);
        callback(null, chunk);
      },
      flush: (callback) =>
        callback(crc === entry.crc32 ? null : new SyntaxError(`${name} is damaged: its checksum is another`)),
    });
    return pipeline(content, check, () => undefined); // a failure comes out of the last one
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.file.close();
  }
}

/**
 * The reader's words for what is wrong with an archive, as an error of its syntax; what the system says stays as it is.
 */
function damaged(error: unknown): never {
  if (!(error instanceof Error) || 'syscall' in error || error instanceof SyntaxError) throw error;
  const none = /end of central directory record signature not found|too short/i.test(error.message);
  throw new SyntaxError(none ? 'it is no ZIP archive, or was cut off' : `it is damaged: ${error.message}`, {
    cause: error,
  });
}
