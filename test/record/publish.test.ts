import { createHash, randomBytes } from 'node:crypto';
import { appendFile, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fromHarEntry } from '../../src/har/from-har-entry.js';
import type { Har } from '../../src/har/har.js';
import { Body } from '../../src/http/index.js';
import { Journal } from '../../src/record/journal.js';
import { listJournals } from '../../src/record/journal-reader.js';
import { type PublishProgress, publishJournal, rejectJournal } from '../../src/record/publish.js';
import { folderStore } from '../../src/store/folder-store.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { recordExchange, recordingInfo, startRecording } from '../helpers/recording.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('what was recorded is what a published recording tells', async () => {
  const { store, journals } = await places();
  const { recorder, folder, info } = await startRecording(journals, recordingInfo({ command: ['npm', 'test'] }));
  const image = randomBytes(100_000);
  const page = Buffer.from('<p>größe</p>'.repeat(50_000));
  const zipped = gzipSync('{"name":"tea"}');
  await recordExchange(recorder, 2, {
    request: {
      method: 'POST',
      target: '/a?q=1+2&q=%C3%A9',
      headers: ['hOST', 'a', 'A', '1', 'a', '2'],
      body: Body.of('x=1'),
    },
    response: {
      status: 201,
      reason: '',
      headers: ['X', '', 'x', 'caf\u00e9', 'Set-Cookie', 'a=b'],
      body: Body.of(image),
    },
  });
  await recordExchange(recorder, 0, { response: { body: Body.of(page, ['Grpc-Status', '0']) } });
  await recordExchange(recorder, 1, { response: { headers: ['Content-Encoding', 'gzip'], body: Body.of(zipped) } });
  await recorder.close();

  const published = await publishJournal(folder, store);
  expect(published).toMatchObject({
    entries: 3,
    bodies: 4,
    bodyBytes: image.length + page.length + zipped.length + 3,
  });
  const ref = { testId: 'checkout', appVersion: '4.2.0', recordingId: info.recordingId };
  const recording = await openRecording(store, ref);
  expect(recording.info).toEqual({ ...info, command: ['npm'] });
  const { log } = JSON.parse(await readFile(store.harPlace(ref), 'utf8')) as Har;
  expect(log.entries.map((entry) => entry._proxyctl?.index)).toEqual([0, 1, 2]);
  const [first, second, third] = recording.entries.map((entry) => fromHarEntry(entry));
  expect([first?.index, second?.index, third?.index]).toEqual([0, 1, 2]);
  expect(third).toMatchObject({
    method: 'POST',
    url: 'https://api.example.com/a?q=1+2&q=%C3%A9',
    headers: ['hOST', 'a', 'A', '1', 'a', '2'],
    response: { status: 201, reason: '', headers: ['X', '', 'x', 'caf\u00e9', 'Set-Cookie', 'a=b'], decoded: false },
  });
  expect((await recording.body(third?.body)).toString()).toBe('x=1');
  expect((await recording.body(third?.response?.body)).equals(image)).toBe(true);
  expect((await recording.body(first?.response?.body)).equals(page)).toBe(true);
  expect((await recording.body(second?.response?.body)).equals(zipped)).toBe(true);
  expect(first?.response?.trailers).toEqual(['Grpc-Status', '0']);
  expect(await listJournals(journals)).toEqual([]);
  expect(await readdir(journals)).toEqual([]);
});

test('the HAR can be read by itself: bodies that are not large stand in it, decoded', async () => {
  const { store, journals } = await places();
  const { recorder, folder, info } = await startRecording(journals);
  const large = Buffer.alloc(300_000, 'x');
  await recordExchange(recorder, 0, {
    response: {
      headers: ['Content-Type', 'text/html', 'Content-Encoding', 'gzip'],
      body: Body.of(gzipSync('<p>é</p>')),
    },
  });
  await recordExchange(recorder, 1, { response: { headers: [], body: Body.of(Buffer.from([0xff, 0, 1])) } });
  await recordExchange(recorder, 2, { response: { body: Body.of(large) } });
  await recorder.close();
  await publishJournal(folder, store);
  const path = store.harPlace({ testId: 'checkout', appVersion: '4.2.0', recordingId: info.recordingId });
  const { log } = JSON.parse(await readFile(path, 'utf8')) as Har;
  expect(log).toMatchObject({ version: '1.2', creator: { name: 'proxyctl' }, _proxyctl: info });
  const [zipped, binary, big] = log.entries.map(({ response }) => response.content);
  expect(zipped).toMatchObject({ mimeType: 'text/html', size: 9, text: '<p>é</p>' });
  expect((zipped?.size ?? 0) - (zipped?.compression ?? 0)).toBe(log.entries[0]?.response.bodySize);
  expect(binary).toMatchObject({ size: 3, text: '/wAB', encoding: 'base64' });
  expect(big).toMatchObject({ size: 300_000, _sha256: createHash('sha256').update(large).digest('hex') });
  expect(big).not.toHaveProperty('text');
});

test('publishing twice, or again after it broke off at the end, is the same as once', async () => {
  const { store, journals } = await places();
  const { recorder, folder, info } = await startRecording(journals);
  await recordExchange(recorder, 0);
  await recorder.close();
  const copy = join(journals, 'copy');
  await cp(folder, copy, { recursive: true });
  await publishJournal(folder, store);
  const before = await store.readPointer(info);
  await publishJournal(copy, store);
  expect(await store.readPointer(info)).toEqual(before);
  expect(await store.history(info)).toHaveLength(1);
});

test('a recording that was made earlier does not take the place of a later one', async () => {
  const { store, journals } = await places();
  const early = await startRecording(journals, recordingInfo({}, Date.UTC(2026, 10, 20)));
  const late = await startRecording(journals, recordingInfo({}, Date.UTC(2026, 10, 21)));
  for (const { recorder } of [early, late]) {
    await recordExchange(recorder, 0);
    await recorder.close();
  }
  expect(await publishJournal(late.folder, store)).not.toHaveProperty('superseded');
  const { superseded } = await publishJournal(early.folder, store);
  expect(superseded).toContain(late.info.recordingId);
  expect((await store.readPointer(late.info))?.pointer.recordingId).toBe(late.info.recordingId);
  expect((await store.history(late.info)).map(({ recordingId }) => recordingId)).toEqual([
    late.info.recordingId,
    early.info.recordingId,
  ]);
});

test('a body that several exchanges share is stored once', async () => {
  const { store, journals } = await places();
  const { recorder, folder } = await startRecording(journals);
  for (let index = 0; index < 5; index++)
    await recordExchange(recorder, index, { response: { body: Body.of('same') } });
  await recorder.close();
  expect(await publishJournal(folder, store)).toMatchObject({ entries: 5, bodies: 1, bodyBytes: 4 });
});

test('progress tells the phases in order, and an abort leaves the journal whole', async () => {
  const { store, journals } = await places();
  const { recorder, folder } = await startRecording(journals);
  for (let index = 0; index < 20; index++) await recordExchange(recorder, index);
  await recorder.close();
  const abort = new AbortController();
  await expect(
    publishJournal(folder, store, {
      signal: abort.signal,
      onProgress: ({ phase, entries }) => phase === 'har' && entries === 5 && abort.abort(new Error('enough')),
    }),
  ).rejects.toThrow('enough');
  expect(await store.published('checkout')).toEqual([]);
  const phases = new Set<PublishProgress['phase']>();
  await publishJournal(folder, store, { onProgress: ({ phase }) => phases.add(phase) });
  expect([...phases]).toEqual(['bodies', 'har', 'pointer', 'done']);
  expect(await store.published('checkout')).toHaveLength(1);
});

test('a journal that is being written is neither published nor rejected', async () => {
  const { store, journals } = await places();
  const { recorder, folder } = await startRecording(journals);
  await recordExchange(recorder, 0);
  const inProgress = { code: 'PROXYCTL_JOURNAL', message: expect.stringContaining('still being written') as string };
  await expect(publishJournal(folder, store, { unfinished: true })).rejects.toMatchObject(inProgress);
  await expect(rejectJournal(folder, 'no')).rejects.toMatchObject(inProgress);
  await recorder.close();
  await publishJournal(folder, store);
});

test('an unfinished journal is published only when told so, without its torn end', async () => {
  const { store, journals } = await places();
  const { recorder, journal, folder, info } = await startRecording(journals);
  await recordExchange(recorder, 0);
  await recordExchange(recorder, 1);
  await journal.close();
  await appendFile(join(folder, 'exchanges.bin'), '{"id":"exchange-2","index":2,"requ');
  await expect(publishJournal(folder, store)).rejects.toMatchObject({
    code: 'PROXYCTL_JOURNAL',
    message: expect.stringContaining('was never finished') as string,
  });
  expect(await publishJournal(folder, store, { unfinished: true })).toMatchObject({ entries: 2 });
  const recording = await openRecording(store, { ...keyOf(info), recordingId: info.recordingId });
  expect(recording.info).toMatchObject({
    incomplete: { reason: expect.stringContaining('ended before the recording did') as string, lostBytes: 34 },
  });
});

test('a finished journal that was damaged later is not published', async () => {
  const { store, journals } = await places();
  const { recorder, folder } = await startRecording(journals);
  await recordExchange(recorder, 0);
  await recorder.close();
  const path = join(folder, 'exchanges.bin');
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = 0;
  await writeFile(path, bytes);
  await expect(publishJournal(folder, store)).rejects.toMatchObject({
    code: 'PROXYCTL_JOURNAL',
    message: expect.stringContaining('a record or its bodies are altered') as string,
  });
  expect(await store.published('checkout')).toEqual([]);
});

test('a body file that is gone or cut is noticed before anything is published', async () => {
  const { store, journals } = await places();
  const { recorder, folder } = await startRecording(journals);
  await recordExchange(recorder, 0, { response: { body: Body.of(Buffer.alloc(200_000, 1)) } });
  await recorder.close();
  const [name = ''] = (await readdir(folder)).filter((file) => file.startsWith('body-'));
  await writeFile(join(folder, name), 'short');
  await expect(publishJournal(folder, store)).rejects.toMatchObject({
    code: 'PROXYCTL_JOURNAL',
    message: expect.stringContaining('has 5 bytes instead of 200000') as string,
  });
  await rm(join(folder, name));
  await expect(publishJournal(folder, store)).rejects.toMatchObject({
    code: 'PROXYCTL_JOURNAL',
    message: expect.stringContaining(`${name} cannot be read (ENOENT)`) as string,
  });
  expect(await store.published('checkout')).toEqual([]);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

test('a rejected journal is kept aside with its reason, and is not published', async () => {
  const { store, journals } = await places();
  const { recorder, folder } = await startRecording(journals);
  await recordExchange(recorder, 0);
  await recorder.close();
  expect(await rejectJournal(folder, 'npm test exited with 1')).toEqual({ entries: 1 });
  expect(await listJournals(journals)).toMatchObject([
    { folder, situation: 'rejected', reason: 'npm test exited with 1', meta: { entries: 1 } },
  ]);
  await expect(publishJournal(folder, store)).rejects.toMatchObject({
    message: expect.stringContaining('was rejected: npm test exited with 1') as string,
  });
});

test('a session that comes back continues its journal', async () => {
  const { store, journals } = await places();
  const { recorder, journal, folder, info } = await startRecording(journals);
  await recordExchange(recorder, 0);
  await recordExchange(recorder, 4);
  await journal.close();
  await appendFile(join(folder, 'exchanges.bin'), '{"id":"torn"');
  const again = await startRecording(journals, info);
  expect(again.journal.nextIndex).toBe(5);
  await recordExchange(again.recorder, 5);
  await again.recorder.close();
  expect(await publishJournal(folder, store)).toMatchObject({ entries: 3 });
});

test('two writers do not share a journal, and a finished one takes nothing more', async () => {
  const { journals } = await places();
  const { recorder, folder, info } = await startRecording(journals);
  await expect(Journal.open({ folder, info })).rejects.toMatchObject({
    code: 'PROXYCTL_JOURNAL',
    message: expect.stringContaining(`is being written by process ${process.pid}`) as string,
  });
  await recorder.close();
  await expect(Journal.open({ folder, info })).rejects.toMatchObject({
    message: expect.stringContaining('is finished') as string,
  });
});

test('a lost body is said when the recording is opened, with the request that it belongs to', async () => {
  const { store, journals } = await places();
  const { recorder, folder, info } = await startRecording(journals);
  await recordExchange(recorder, 0, { request: { target: '/lost' } });
  await recorder.close();
  await publishJournal(folder, store);
  await rm(join(store.url, 'bodies'), { recursive: true });
  const ref = { ...keyOf(info), recordingId: info.recordingId };
  await expect(openRecording(store, ref)).rejects.toMatchObject({
    code: 'PROXYCTL_RECORDING_CORRUPT',
    message: expect.stringContaining('of GET https://api.example.com/lost') as string,
  });
  const unchecked = await openRecording(store, ref, { checkBodies: false });
  expect((await unchecked.body(unchecked.entries[0]?.response.content)).toString()).toBe('{"answer":0}');
});

function keyOf({ testId, appVersion }: { testId: string; appVersion: string }) {
  return { testId, appVersion };
}

async function places(): Promise<{ store: RecordingStore; journals: string }> {
  const root = await tempFolder();
  return { store: folderStore(join(root, 'store')), journals: join(root, 'journal') };
}
