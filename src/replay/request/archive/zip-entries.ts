import { isUtf8 } from 'node:buffer';
import { inflateRawSync } from 'node:zlib';
import { archiveLimits, modeOf, type ArchiveEntry } from './archive-entry.js';

const [directoryEnd, directoryEntry] = [0x06054b50, 0x02014b50];
const [stored, deflated] = [0, 8];
const maxComment = 0xffff;

/**
 * The entries of a ZIP archive (APPNOTE 6.3.10) in the order of its directory. Undefined when it is none, or is
 * encrypted, in parts, or in the form for more than 4 GiB.
 */
export function zipEntries(data: Buffer): ArchiveEntry[] | undefined {
  if (data.length < 22 || data.readUInt16LE(0) !== 0x4b50) return undefined;
  const end = endOf(data);
  if (end === undefined) return undefined;
  const entries: ArchiveEntry[] = [];
  const count = data.readUInt16LE(end + 10);
  let at = data.readUInt32LE(end + 16);
  let left: number = archiveLimits.bytes;
  if (count > archiveLimits.entries) return undefined;
  for (let i = 0; i < count; i++) {
    if (at + 46 > data.length || data.readUInt32LE(at) !== directoryEntry) return undefined;
    const entry = readEntry(data, at, left);
    if (entry === undefined) return undefined;
    left -= entry.content.length;
    entries.push(entry);
    at += 46 + data.readUInt16LE(at + 28) + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return entries;
}

function endOf(data: Buffer): number | undefined {
  for (let at = data.length - 22; at >= Math.max(0, data.length - 22 - maxComment); at--)
    if (data.readUInt32LE(at) === directoryEnd) return at;
  return undefined;
}

function readEntry(data: Buffer, at: number, maxBytes: number): ArchiveEntry | undefined {
  const flags = data.readUInt16LE(at + 8);
  const method = data.readUInt16LE(at + 10);
  const [size, local] = [data.readUInt32LE(at + 20), data.readUInt32LE(at + 42)];
  if (flags % 2 === 1 || local + 30 > data.length) return undefined;
  const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
  const packed = data.subarray(start, start + size);
  if (packed.length < size) return undefined;
  const content = method === deflated ? inflated(packed, maxBytes) : packed;
  if (content === undefined || content.length > maxBytes) return undefined;
  const name = data.subarray(at + 46, at + 46 + data.readUInt16LE(at + 28));
  const attributes: [string, string][] = [];
  const isUnix = data[at + 5] === 3;
  const mode = isUnix ? data.readUInt32LE(at + 38) >>> 16 : 0;
  if (mode !== 0) attributes.push(['mode', modeOf(mode)]);
  if ((mode & 0o170000) === 0o120000) attributes.push(['kind', 'link']);
  if (method !== stored && method !== deflated) attributes.push(['method', String(method)]);
  return { name: name.toString(isUtf8(name) ? 'utf8' : 'latin1'), attributes, content };
}

function inflated(packed: Buffer, maxOutputLength: number): Buffer | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, maxOutputLength) });
  } catch {
    return undefined;
  }
}
