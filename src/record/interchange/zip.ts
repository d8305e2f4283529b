import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/** A file within a ZIP archive. */
export interface ZipFile {
  name: string;
  data: Buffer;
}

/** Larger than this is not unpacked: a small archive can hold anything. */
const maxUnpackedBytes = 1024 ** 3;

/** An archive as PKWARE's APPNOTE has it, without the 64-bit extension (up to 4 GiB and 65,535 files). */
export function* writeZip(files: Iterable<ZipFile>): Generator<Buffer, void, undefined> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const packed = deflateRawSync(data);
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(0x0800, 2); // names in UTF-8
    common.writeUInt16LE(8, 4); // deflate
    common.writeUInt16LE(0x21, 8); // 1 January 1980: the same bytes for the same content
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([signature(0x04034b50), common, path, packed]);
    yield local;
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), common, end, path]));
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  yield Buffer.concat([entries, signature(0x06054b50), end]);
}

/** The files of an archive, each unpacked when it is asked for. Throws `SyntaxError` when it is damaged or none. */
export function readZip(archive: Buffer): Map<string, () => Buffer> {
  const end = archive.lastIndexOf(signature(0x06054b50));
  if (end < 0 || end + 20 > archive.length) throw new SyntaxError('it is no ZIP archive, or was cut off');
  const files = new Map<string, () => Buffer>();
  let place = archive.readUInt32LE(end + 16);
  for (let count = archive.readUInt16LE(end + 10); count > 0; count -= 1) {
    if (place + 46 > archive.length || archive.readUInt32LE(place) !== 0x02014b50) {
      throw new SyntaxError(`its directory is damaged at byte ${place}`);
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => archive.readUInt16LE(place + at)) as [
      number,
      number,
      number,
    ];
    const name = archive.subarray(place + 46, place + 46 + nameLength).toString('utf8');
    const header = place;
    files.set(name, () => unpack(archive, header, name));
    place += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

function unpack(archive: Buffer, header: number, name: string): Buffer {
  const method = archive.readUInt16LE(header + 10);
  const crc = archive.readUInt32LE(header + 16);
  const packedLength = archive.readUInt32LE(header + 20);
  const local = archive.readUInt32LE(header + 42);
  if (local + 30 > archive.length) throw new SyntaxError(`${name} is not where its directory says`);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedLength);
  if (method !== 0 && method !== 8) throw new SyntaxError(`${name} is packed by method ${method}, which is not known`);
  const data = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: maxUnpackedBytes });
  if (crc32(data) !== crc) throw new SyntaxError(`${name} is damaged: its checksum is another`);
  return data;
}

function signature(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value);
  return data;
}
