import { pipeline } from 'node:stream';
import { crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

/** A file within a ZIP archive. What comes piece by piece is never all in memory. */
export interface ZipFile {
  name: string;
  data: Buffer | AsyncIterable<Buffer>;
}

/** What the fields of an archive without the 64-bit extension hold. */
export const most = 0xffff_ffff;
export const mostFiles = 0xffff;
/** The method of all that is written. */
export const deflated = 8;

/** An archive as PKWARE's APPNOTE has it, without the 64-bit extension: up to 4 GiB and 65,535 files. Throws `RangeError` for more. */
export async function* writeZip(
  files: AsyncIterable<ZipFile> | Iterable<ZipFile>,
): AsyncGenerator<Buffer, void, undefined> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { name, data } of files) {
    const start = offset;
    const path = Buffer.from(name);
    const head = Buffer.isBuffer(data) ? wholeHead(path, data) : streamedHead(path);
    const pieces = Buffer.isBuffer(data) ? [deflateRawSync(data)] : undefined;
    if (pieces?.[0] !== undefined) head.writeUInt32LE(pieces[0].length, 14);
    const local = Buffer.concat([signature(0x04034b50), head, path]);
    yield local;
    offset += local.length;
    const sizes = { crc: head.readUInt32LE(10), packed: 0, size: head.readUInt32LE(18) };
    for await (const piece of pieces ?? deflating(data as AsyncIterable<Buffer>, sizes)) {
      sizes.packed += piece.length;
      offset += piece.length;
      checkRange(offset, directory.length);
      yield piece;
    }
    checkRange(sizes.size, directory.length);
    head.writeUInt32LE(sizes.crc, 10);
    head.writeUInt32LE(sizes.packed, 14);
    head.writeUInt32LE(sizes.size, 18);
    if (pieces === undefined) {
      const descriptor = Buffer.concat([signature(0x08074b50), head.subarray(10, 22)]);
      yield descriptor;
      offset += descriptor.length;
    }
    const end = Buffer.alloc(14);
    end.writeUInt32LE(start, 10);
    directory.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), head, end, path]));
  }
  const entries = Buffer.concat(directory);
  checkRange(offset + entries.length, directory.length);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  yield Buffer.concat([entries, signature(0x06054b50), end]);
}

function wholeHead(path: Buffer, data: Buffer): Buffer {
  const head = streamedHead(path);
  head.writeUInt16LE(0x0800, 2);
  head.writeUInt32LE(crc32(data), 10);
  head.writeUInt32LE(data.length, 18);
  return head;
}

/** Checksum and sizes come behind the content. */
function streamedHead(path: Buffer): Buffer {
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0); // version needed
  head.writeUInt16LE(0x0808, 2); // names in UTF-8, a descriptor behind the content
  head.writeUInt16LE(deflated, 4);
  head.writeUInt16LE(0x21, 8); // 1 January 1980: the same bytes for the same content
  head.writeUInt16LE(path.length, 22);
  return head;
}

function deflating(data: AsyncIterable<Buffer>, sums: { crc: number; size: number }): AsyncIterable<Buffer> {
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of data) {
      sums.crc = crc32(chunk, sums.crc);
      sums.size += chunk.length;
      yield chunk;
    }
  };
  return pipeline(counted(), createDeflateRaw(), () => undefined) as AsyncIterable<Buffer>; // a failure comes out of it
}

function checkRange(bytes: number, files: number): void {
  if (bytes <= most && files <= mostFiles) return;
  throw new RangeError(
    'The archive grows past 4 GiB or 65,535 files, which ZIP without its 64-bit extension cannot hold',
  );
}

/** What the parts of an archive begin with. */
export function signature(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value);
  return data;
}
