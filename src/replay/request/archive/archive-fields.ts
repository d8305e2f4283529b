import { decodeContent } from '../../../http/index.js';
import { bodyFields } from '../body/body-fields.js';
import { expandField } from '../expand.js';
import { textField, type Field } from '../field.js';
import { archiveLimits, type ArchiveEntry } from './archive-entry.js';
import { tarEntries } from './tar-entries.js';
import { zipEntries } from './zip-entries.js';

/** Archives in archives, so deep. */
const maxDepth = 3;
const unknownType = { essence: '', parameters: new Map<string, string>() };

/** The bytes of a field that is data: its own, or those that it has in base64. */
export function dataOf({ type, data, value }: Field): Buffer | undefined {
  if (type !== 'bytes') return undefined;
  if (data !== undefined) return data;
  return Buffer.from(value.replace(/^data:[^,]*,/, ''), 'base64');
}

/**
 * What a ZIP, gzip, zstd or tar file holds: the names of its entries in their order, their modes, and their contents
 * taken apart as bodies are. When an archive was made, and by whom, is left out. Undefined when it is no such file.
 */
export function archiveFields(data: Buffer, where: string, depth = 0): Field[] | undefined {
  if (depth === maxDepth) return undefined;
  const packed = unpacked(data);
  if (packed !== undefined) {
    const inner = `${where} ${packed.coding}`;
    const name = packed.name === undefined ? [] : [textField(`${inner} name`, 'name', packed.name)];
    return [...name, ...contentFields(packed.content, inner, depth)];
  }
  const entries = zipEntries(data) ?? tarEntries(data);
  return entries?.flatMap((entry, i) => entryFields(entry, `${where} entry[${i}]`, depth));
}

function entryFields({ name, attributes, content }: ArchiveEntry, where: string, depth: number): Field[] {
  return [
    textField(`${where} name`, 'name', name),
    ...attributes.map(([attribute, value]) => textField(`${where} ${attribute}`, attribute, value)),
    ...contentFields(content, where, depth),
  ];
}

function contentFields(content: Buffer, where: string, depth: number): Field[] {
  const inner = archiveFields(content, where, depth + 1);
  if (inner !== undefined) return inner;
  return bodyFields(content, unknownType)
    .map((field) => ({ ...field, where: `${where} ${field.where === 'body' ? 'content' : field.where}` }))
    .flatMap((field) => expandField(field));
}

interface Unpacked {
  coding: 'gzip' | 'zstd';
  /** What gzip calls it (RFC 1952 §2.3). */
  name?: string;
  content: Buffer;
}

function unpacked(data: Buffer): Unpacked | undefined {
  const coding = isGzip(data) ? 'gzip' : data.length > 8 && data.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
  const content = coding && decodeContent(data, coding, archiveLimits.bytes);
  if (coding === undefined || content === undefined) return undefined;
  const name = coding === 'gzip' ? gzipName(data) : undefined;
  return { coding, content, ...(name === undefined ? {} : { name }) };
}

function isGzip(data: Buffer): boolean {
  return data.length > 18 && data[0] === 0x1f && data[1] === 0x8b && data[2] === 8;
}

function gzipName(data: Buffer): string | undefined {
  const flags = data[3] as number;
  if ((flags & 8) === 0) return undefined;
  const start = 10 + ((flags & 4) === 0 ? 0 : 2 + data.readUInt16LE(10));
  return data.toString('latin1', start, data.indexOf(0, start));
}
