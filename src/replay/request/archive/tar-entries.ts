import { archiveLimits, modeOf, type ArchiveEntry } from './archive-entry.js';

const blockBytes = 512;

/**
 * The entries of a tar archive in their order: of POSIX (ustar and pax), GNU's and older ones. Undefined when it is
 * none.
 */
export function tarEntries(data: Buffer): ArchiveEntry[] | undefined {
  if (!isHeader(data, 0)) return undefined;
  const entries: ArchiveEntry[] = [];
  let next: Partial<Record<string, string>> = {};
  for (let at = 0; isHeader(data, at);) {
    const head = data.subarray(at, at + blockBytes);
    const size = numberAt(head, 124, 12);
    const content = data.subarray(at + blockBytes, at + blockBytes + size);
    if (content.length < size || entries.length === archiveLimits.entries) return undefined;
    at += blockBytes * (1 + Math.ceil(size / blockBytes));
    const kind = kinds[head.toString('latin1', 156, 157)];
    if (kind === 'names') next = { ...next, ...paxRecords(content) };
    else if (kind === 'name' || kind === 'link name') next[kind === 'name' ? 'path' : 'linkpath'] = textIn(content);
    else if (kind !== 'names for all') {
      entries.push(entryOf(head, kind, content, next));
      next = {};
    }
  }
  return entries;
}

/** Those of a plain file are left out. */
const kinds: Readonly<Record<string, string>> = {
  ...{ 1: 'same file', 2: 'link', 3: 'device', 4: 'device', 5: 'directory', 6: 'pipe' },
  ...{ L: 'name', K: 'link name', x: 'names', g: 'names for all' },
};

function entryOf(
  head: Buffer,
  kind: string | undefined,
  content: Buffer,
  { path, linkpath }: Partial<Record<string, string>>,
): ArchiveEntry {
  const isPosix = head.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textIn(head.subarray(345, 500)) : '';
  const name = textIn(head.subarray(0, 100));
  const link = linkpath ?? textIn(head.subarray(157, 257));
  const attributes: [string, string][] = [['mode', modeOf(numberAt(head, 100, 8))]];
  if (kind !== undefined) attributes.push(['kind', kind]);
  if (link !== '') attributes.push(['link', link]);
  return { name: path ?? (prefix === '' ? name : `${prefix}/${name}`), attributes, content };
}

/** A block whose checksum is that of its bytes, the checksum itself taken for spaces. */
function isHeader(data: Buffer, at: number): boolean {
  if (at + blockBytes > data.length || data[at] === 0) return false;
  let sum = 0;
  for (let i = 0; i < blockBytes; i++) sum += i >= 148 && i < 156 ? 0x20 : (data[at + i] as number);
  return sum === numberAt(data.subarray(at, at + blockBytes), 148, 8);
}

/** Octal digits, or GNU's binary form for large ones. */
function numberAt(head: Buffer, at: number, length: number): number {
  if (((head[at] as number) & 0x80) !== 0) return head.readUIntBE(at + length - 6, 6);
  return parseInt(
    head
      .toString('latin1', at, at + length)
      .replace(/[\0 ]+$/, '')
      .trim() || '0',
    8,
  );
}

function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

/** Records of pax: `30 path=some/long/name\n`, each with its own length before it. */
function paxRecords(content: Buffer): Partial<Record<string, string>> {
  const records: Partial<Record<string, string>> = {};
  for (let at = 0; at < content.length;) {
    const length = parseInt(content.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const [, name, value] = /^\d+ ([^=]+)=([^]*)\n$/.exec(content.toString('utf8', at, at + length)) ?? [];
    if (name !== undefined && value !== undefined) records[name] = value;
    at += length;
  }
  return records;
}
