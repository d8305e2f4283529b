import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderStore } from '../../src/store/folder-store.js';
import { pointAt } from '../../src/store/point-at.js';
import type { CurrentPointer } from '../../src/store/pointer.js';
import { newRecordingId } from '../../src/store/recording-key.js';
import { tempFolder } from '../helpers/temp-folder.js';

const key = { testId: 'checkout', appVersion: '4.2.0' };
const day = 86_400_000;

function recordedAt(at: number, more: Partial<CurrentPointer> = {}): CurrentPointer {
  const time = new Date(at).toISOString();
  const facts = { entries: 1, bodyBytes: 1, harSha256: 'a'.repeat(64) };
  return {
    formatVersion: 1,
    ...key,
    recordingId: newRecordingId(at),
    recordedAt: time,
    publishedAt: time,
    ...facts,
    ...more,
  };
}

async function store() {
  return folderStore(join(await tempFolder('pointer-order'), 'store'));
}

test('a recording whose clock was a day ahead does not stand in the way of a later one', async () => {
  const opened = await store();
  const [ahead, later] = [recordedAt(Date.now() + day), recordedAt(Date.now())];
  expect(await pointAt(opened, ahead)).toBeUndefined();
  expect(await pointAt(opened, later)).toBeUndefined();
  expect((await opened.readPointer(key))?.pointer).toMatchObject({ recordingId: later.recordingId, generation: 2 });
});

test.each([
  ['a month behind', -30 * day],
  ['a day behind', -day],
  ['a second behind', -1000],
])('a recording that began after another was published takes its place, though its clock is %s', async (_, offset) => {
  const opened = await store();
  await pointAt(opened, recordedAt(Date.now() - 1));
  const slow = recordedAt(Date.now() + offset);
  expect(await pointAt(opened, slow, { beganAfter: 1 })).toBeUndefined();
  expect((await opened.readPointer(key))?.pointer.recordingId).toBe(slow.recordingId);
});

test('a recording that was made earlier and is pushed later stays history', async () => {
  const opened = await store();
  const [early, late] = [recordedAt(Date.now() - 2 * day), recordedAt(Date.now() - day)];
  await pointAt(opened, late);
  expect(await pointAt(opened, early)).toMatchObject({ recordingId: late.recordingId });
  expect(await pointAt(opened, early, { beganAfter: 0 })).toMatchObject({ recordingId: late.recordingId });
  expect((await opened.readPointer(key))?.pointer).toMatchObject({ recordingId: late.recordingId, generation: 1 });
});

test('of two that were recorded at once the later one is published, whichever comes first', async () => {
  for (const first of [0, 1]) {
    const opened = await store();
    const both = [recordedAt(Date.now() - 2000), recordedAt(Date.now() - 1000)] as const;
    await pointAt(opened, both[first === 0 ? 0 : 1], { beganAfter: 0 });
    await pointAt(opened, both[first === 0 ? 1 : 0], { beganAfter: 0 });
    expect((await opened.readPointer(key))?.pointer.recordingId).toBe(both[1].recordingId);
  }
});

test('a recording that was promoted gives way to one that begins after that', async () => {
  const opened = await store();
  const promoted = recordedAt(Date.now() - day);
  await pointAt(opened, recordedAt(Date.now() - 1000));
  const { pointer, version } = (await opened.readPointer(key)) ?? {};
  const next = {
    ...promoted,
    promotedAt: new Date(Date.now() + day).toISOString(),
    generation: (pointer?.generation ?? 0) + 1,
  };
  await opened.writePointer(key, next, version);
  expect(await pointAt(opened, recordedAt(Date.now()), { beganAfter: 2 })).toBeUndefined();
});

test('an incomplete recording never goes before a complete one, whatever the clocks and generations say', async () => {
  const opened = await store();
  const whole = recordedAt(Date.now() + day);
  await pointAt(opened, whole);
  const part = recordedAt(Date.now(), { incomplete: true });
  expect(await pointAt(opened, part, { beganAfter: 1 })).toMatchObject({ recordingId: whole.recordingId });
});
