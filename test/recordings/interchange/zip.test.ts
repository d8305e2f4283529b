import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { ZipFile as Writer } from 'yazl';
import { writeZip, type ZipFile } from '../../../src/recordings/interchange/zip.js';
import { ZipArchive } from '../../../src/recordings/interchange/zip-archive.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function archiveOf(...files: ZipFile[]): Promise<string> {
  const path = join(await tempFolder('zip'), 'a.zip');
  await writeFile(path, writeZip(files));
  return path;
}

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test('what was written is read: whole buffers, pieces, nothing at all, names beyond ASCII', async () => {
  const path = await archiveOf(
    { name: 'a.txt', data: Buffer.from('alpha '.repeat(10_000)) },
    { name: 'Größe/中文.har', data: pieces('{"a":', '1}') },
    { name: 'empty', data: Buffer.alloc(0) },
  );
  await using archive = await ZipArchive.open(path);
  expect(archive.names()).toEqual(['a.txt', 'Größe/中文.har', 'empty']);
  expect((await archive.read('a.txt'))?.toString()).toBe('alpha '.repeat(10_000));
  expect((await buffer((await archive.stream('Größe/中文.har')) as Readable)).toString()).toBe('{"a":1}');
  expect(await archive.read('empty')).toEqual(Buffer.alloc(0));
  expect(await archive.read('b.txt')).toBeUndefined();
});

test('the same content gives the same bytes', async () => {
  const read = async (): Promise<Buffer> => readFile(await archiveOf({ name: 'a', data: Buffer.from('a') }));
  expect(await read()).toEqual(await read());
});

test('an archive with the 64-bit extension is read', async () => {
  const writer = new Writer();
  writer.addBuffer(Buffer.from('large'), 'a.har', { forceZip64Format: true });
  writer.end({ forceZip64Format: true, comment: '' });
  const path = join(await tempFolder('zip'), 'a.zip');
  await writeFile(path, writer.outputStream as Readable);
  await using archive = await ZipArchive.open(path);
  expect((await archive.read('a.har'))?.toString()).toBe('large');
});

test('a content that fails ends the archive with its error, and no further file is begun', async () => {
  let begun = false;
  const failing = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('x');
    throw new Error('the store is away');
  };
  const files = async function* (): AsyncGenerator<ZipFile> {
    yield { name: 'a', data: failing() };
    begun = true;
    yield { name: 'b', data: Buffer.from('b') };
  };
  await expect(buffer(Readable.from(writeZip(files())))).rejects.toThrow('the store is away');
  expect(begun).toBe(false);
});

describe('an archive is refused by name', () => {
  test('that is none, or was cut off', async () => {
    const path = await archiveOf({ name: 'a', data: Buffer.from('abc'.repeat(1000)) });
    const whole = await readFile(path);
    for (const bytes of [Buffer.alloc(0), Buffer.from('{"log":{}}'), whole.subarray(0, whole.length - 30)]) {
      await writeFile(path, bytes);
      await expect(ZipArchive.open(path)).rejects.toThrow(SyntaxError);
      await expect(ZipArchive.open(path)).rejects.toThrow('it is no ZIP archive, or was cut off');
    }
  });

  test('whose content was changed', async () => {
    const path = await archiveOf({ name: 'a', data: Buffer.from('abc'.repeat(1000)) });
    const bytes = await readFile(path);
    // The checksum, as the central directory has it.
    bytes.writeUInt32LE(1, bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 16);
    await writeFile(path, bytes);
    await using archive = await ZipArchive.open(path);
    await expect(archive.read('a')).rejects.toThrow('a is damaged: its checksum is another');
  });
});
