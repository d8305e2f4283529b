import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishJournal } from '../../src/record/publish.js';
import { folderStore } from '../../src/store/folder-store.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { promoteRecording } from '../../src/recordings/promote-recording.js';
import type { HarRecordingInfo } from '../../src/har/har.js';
import { journalFolder, journalOf } from '../helpers/publishing.js';
import { recordingInfo } from '../helpers/recording.js';
import { tempFolder } from '../helpers/temp-folder.js';

const main = { testId: 'checkout', appVersion: '4.2.0' };
const day = (number: number): number => Date.UTC(2026, 10, number);

async function published(
  store: RecordingStore,
  change: Partial<HarRecordingInfo>,
  at: number,
): Promise<HarRecordingInfo> {
  const root = await tempFolder();
  const info = await journalOf(root, recordingInfo(change, at), 3);
  await publishJournal(journalFolder(root, info), store);
  return info;
}

test('a branch’s recording becomes the one of main, bodies shared, and says where it came from', async () => {
  const store = folderStore(join(await tempFolder(), 'store'));
  const before = await published(store, {}, day(20));
  const { recordingId } = await published(store, { branch: 'feature/basket' }, day(19));
  const from = { ...main, branch: 'feature/basket', recordingId };
  expect((await store.readPointer(main))?.pointer.recordingId).toBe(before.recordingId);

  const { replaced } = await promoteRecording(store, from, main, new Date(day(21)));

  expect(replaced?.recordingId).toBe(before.recordingId);
  const pointer = (await store.readPointer(main))?.pointer;
  expect(pointer).toMatchObject({ recordingId, entries: 3, recordedAt: new Date(day(19)).toISOString() });
  const recording = await openRecording(store, { ...main, recordingId });
  expect(recording.harSha256).toBe(pointer?.harSha256);
  expect(recording.info).toMatchObject({ ...main, promotedFrom: from });
  expect(recording.info.branch).toBeUndefined();
  const original = await openRecording(store, from);
  expect(recording.entries).toEqual(original.entries);
  expect(original.info.branch).toBe('feature/basket');
});

test('an older recording comes back, until a later one is recorded', async () => {
  const store = folderStore(join(await tempFolder(), 'store'));
  const old = await published(store, {}, day(18));
  await published(store, {}, day(19));
  await promoteRecording(store, { ...main, recordingId: old.recordingId }, main, new Date(day(20)));
  expect((await store.readPointer(main))?.pointer.recordingId).toBe(old.recordingId);
  await published(store, {}, day(19) + 1000); // recorded before the promotion
  expect((await store.readPointer(main))?.pointer.recordingId).toBe(old.recordingId);
  const later = await published(store, {}, day(21));
  expect((await store.readPointer(main))?.pointer.recordingId).toBe(later.recordingId);
  expect(await store.history(main)).toHaveLength(4);
});
