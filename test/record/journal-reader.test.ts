import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';
import { JournalReader, listJournals } from '../../src/record/journal-reader.js';
import { recordExchange, recordingInfo, startRecording } from '../helpers/recording.js';
import { between, seeded } from '../helpers/seeded.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('a journal that was cut anywhere tells its whole records, and where and why it stops', async () => {
  const { folder, ends, path } = await journalWith(20);
  const whole = await readFile(path);
  const random = seeded(11);
  for (let i = 0; i < 100; i++) {
    const length = between(random, 0, whole.length);
    await writeFile(path, whole.subarray(0, length));
    const { indexes, damage } = await readAll(folder);
    const complete = ends.filter((end) => end <= length);
    expect(indexes).toHaveLength(complete.length);
    const last = complete.at(-1) ?? 0;
    if (last === length) expect(damage).toBeUndefined();
    else
      expect(damage).toEqual({ offset: last, bytes: length - last, reason: expect.any(String) as string, torn: true });
  }
});

test('bytes that a power cut left as zeros are no records, and altered bodies are noticed', async () => {
  const { folder, ends, path } = await journalWith(3);
  const whole = await readFile(path);
  await writeFile(path, Buffer.concat([whole, Buffer.alloc(5000)]));
  expect(await readAll(folder)).toMatchObject({ indexes: [0, 1, 2], damage: { offset: whole.length, bytes: 5000 } });
  const altered = Buffer.from(whole);
  altered[(ends[1] ?? 0) - 1] = 0;
  await writeFile(path, altered);
  expect(await readAll(folder)).toMatchObject({
    indexes: [0],
    damage: { offset: ends[0], reason: 'a record or its bodies are altered' },
  });
  await writeFile(path, '{"id":1}\n');
  expect((await readAll(folder)).damage?.reason).toMatch(/^a record is not one/);
  await writeFile(
    path,
    whole.toString('latin1').replace('"at":"inline"', '"at":{"file":"../../etc/passwd"}'),
    'latin1',
  );
  expect((await readAll(folder)).damage?.reason).toMatch(/^a record is not one/);
});

test('a journal can be read while it is written', async () => {
  const root = await tempFolder();
  const { recorder, folder } = await startRecording(root);
  await recordExchange(recorder, 0);
  expect(await readAll(folder)).toEqual({ indexes: [0], damage: undefined });
  expect(await listJournals(root)).toMatchObject([{ folder, situation: 'in-progress' }]);
  await recordExchange(recorder, 1);
  expect((await readAll(folder)).indexes).toEqual([0, 1]);
  await recorder.close();
  expect(await listJournals(root)).toMatchObject([{ situation: 'finished', meta: { entries: 2, cut: 0 } }]);
});

test('journals are listed with what became of them', async () => {
  const root = await tempFolder();
  const ids = [
    '20260101T000000.000Z-1',
    '20260102T000000.000Z-2',
    '20260103T000000.000Z-3',
    '20260104T000000.000Z-4',
  ] as const;
  const finished = await startRecording(root, recordingInfo({ recordingId: ids[0] }));
  await finished.recorder.close();
  const closed = await startRecording(root, recordingInfo({ recordingId: ids[1] }));
  await closed.journal.close();
  await mkdir(join(root, ids[2]));
  await mkdir(join(root, ids[3]));
  await writeFile(join(root, ids[3], 'meta.json'), '{"formatVersion":1,');
  expect(await listJournals(root)).toMatchObject([
    { folder: join(root, ids[0]), situation: 'finished', meta: { info: finished.info } },
    { folder: join(root, ids[1]), situation: 'unfinished' },
    { folder: join(root, ids[2]), situation: 'unreadable', reason: 'it has no meta.json' },
    { folder: join(root, ids[3]), situation: 'unreadable', reason: expect.stringContaining('is damaged') as string },
  ]);
  expect(await listJournals(join(root, 'none'))).toEqual([]);
});

test('a writer whose number another process has by now does not count as living', async () => {
  const root = await tempFolder();
  const { journal, folder } = await startRecording(root);
  const lock = await readFile(join(folder, 'writer.json'), 'utf8');
  await journal.close();
  const other = execa('sleep', ['60']);
  const stale = lock.replace(/"pid":\d+/, `"pid":${other.pid ?? 0}`);
  expect(stale).not.toBe(lock);
  await writeFile(join(folder, 'writer.json'), stale);
  expect(await listJournals(root)).toMatchObject([{ situation: 'unfinished' }]);
  other.kill('SIGKILL');
  await other.catch(() => undefined);
});

test('a folder without a journal is refused', async () => {
  await expect(JournalReader.open(await tempFolder())).rejects.toMatchObject({ code: 'PROXYCTL_JOURNAL' });
});

test('records far larger than what is read at once come whole', async () => {
  const root = await tempFolder();
  const { recorder, folder } = await startRecording(root);
  const long = 'x'.repeat(600_000);
  await recordExchange(recorder, 0, { request: { headers: ['X-Long', long] } });
  await recordExchange(recorder, 1, { request: { method: 'PUT', body: Body.of(Buffer.alloc(60_000, 1)) } });
  await recorder.close();
  expect(await readAll(folder)).toEqual({ indexes: [0, 1], damage: undefined });
  await truncate(join(folder, 'exchanges.bin'), 300_000);
  expect(await readAll(folder)).toMatchObject({ indexes: [], damage: { offset: 0 } });
});

async function journalWith(exchanges: number): Promise<{ folder: string; path: string; ends: number[] }> {
  const { recorder, folder } = await startRecording(await tempFolder());
  for (let index = 0; index < exchanges; index++) {
    await recordExchange(recorder, index, { request: { method: 'POST', body: Body.of('q'.repeat(index)) } });
  }
  await recorder.close();
  const ends: number[] = [];
  await using reader = await JournalReader.open(folder);
  for await (const { offset, length } of reader.entries()) ends.push(offset + length);
  return { folder, path: join(folder, 'exchanges.bin'), ends };
}

async function readAll(folder: string) {
  const indexes: number[] = [];
  await using reader = await JournalReader.open(folder);
  for await (const { record } of reader.entries()) indexes.push(record.index);
  return { indexes, damage: reader.damage };
}
