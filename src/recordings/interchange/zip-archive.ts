import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { pipeline, Readable, Transform } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { deflated, most, mostFiles, signature } from './zip.js';

/** A body that is larger than this is not unpacked: a small archive can hold anything. */
const maxUnpackedBytes = 1024 ** 3;

interface Place {
  method: number;
  crc: number;
  packed: number;
  size: number;
  local: number;
}

/** An archive on disk: its directory in memory, each file read when it is asked for. Throws `SyntaxError` when it is damaged or none. */
export class ZipArchive implements Disposable {
  readonly #file: number;
  readonly #places = new Map<string, Place>();

  constructor(private readonly path: string) {
    this.#file = openSync(path, 'r');
    try {
      this.#readDirectory();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  names(): string[] {
    return [...this.#places.keys()];
  }

  /** A file as a whole; undefined: not there. */
  read(name: string): Buffer | undefined {
    const place = this.#places.get(name);
    if (place === undefined) return undefined;
    checkMethod(place, name);
    const packed = this.#bytes(this.#start(place, name), place.packed);
    const data = place.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: maxUnpackedBytes });
    if (crc32(data) !== place.crc) throw damaged(name);
    return data;
  }

  /** A file of any size, piece by piece; its checksum is looked at in the end. */
  stream(name: string): Readable | undefined {
    const place = this.#places.get(name);
    if (place === undefined) return undefined;
    checkMethod(place, name);
    const start = this.#start(place, name);
    if (place.packed === 0) return Readable.from([]);
    const packed = createReadStream(this.path, { start, end: start + place.packed - 1 });
    let crc = 0;
    const check = new Transform({
      transform: (chunk: Buffer, _encoding, callback) => {
        crc = crc32(chunk, crc);
        callback(null, chunk);
      },
      flush: (callback) => callback(crc === place.crc ? null : damaged(name)),
    });
    const done = (): void => undefined; // a failure comes out of the last one
    return place.method === 0 ? pipeline(packed, check, done) : pipeline(packed, createInflateRaw(), check, done);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #readDirectory(): void {
    const { size } = fstatSync(this.#file);
    // The end of the directory, and a comment of up to 64 KiB behind it.
    const tailBytes = Math.min(size, 22 + 0xffff);
    const tail = this.#bytes(size - tailBytes, tailBytes);
    const end = tail.lastIndexOf(signature(0x06054b50));
    if (end < 0 || end + 20 > tail.length) throw new SyntaxError('it is no ZIP archive, or was cut off');
    const [files, bytes, offset] = [
      tail.readUInt16LE(end + 10),
      tail.readUInt32LE(end + 12),
      tail.readUInt32LE(end + 16),
    ];
    if (files === mostFiles || offset === most) {
      throw new SyntaxError(
        'it is a ZIP archive with the 64-bit extension (over 4 GiB, or over 65,535 files); unpack it, and import the HAR in it',
      );
    }
    if (offset + bytes > size) throw new SyntaxError('its directory is not where its end says');
    const directory = this.#bytes(offset, bytes);
    let at = 0;
    for (let count = files; count > 0; count -= 1) {
      if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
        throw new SyntaxError(`its directory is damaged at byte ${offset + at}`);
      }
      const nameBytes = directory.readUInt16LE(at + 28);
      const name = directory.subarray(at + 46, at + 46 + nameBytes).toString('utf8');
      this.#places.set(name, {
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        packed: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        local: directory.readUInt32LE(at + 42),
      });
      at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
  }

  /** Where the content of a file begins. */
  #start({ local }: Place, name: string): number {
    const head = this.#bytes(local, 30);
    if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50) {
      throw new SyntaxError(`${name} is not where its directory says`);
    }
    return local + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  }

  /** Fewer at the end of the file. */
  #bytes(position: number, length: number): Buffer {
    const data = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const count = readSync(this.#file, data, read, length - read, position + read);
      if (count === 0) break;
      read += count;
    }
    return data.subarray(0, read);
  }
}

function checkMethod({ method }: Place, name: string): void {
  if (method !== 0 && method !== deflated) {
    throw new SyntaxError(`${name} is packed by method ${method}, which is not known`);
  }
}

function damaged(name: string): SyntaxError {
  return new SyntaxError(`${name} is damaged: its checksum is another`);
}
