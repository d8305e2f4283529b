import { cp, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { storedFormats } from '../../src/core/stored-formats.js';
import { incompleteOf } from '../../src/har/recording-info.js';
import { JournalReader, listJournals } from '../../src/record/journal-reader.js';
import { publishJournal } from '../../src/record/publish.js';
import { pruneStore } from '../../src/recordings/prune-store.js';
import { findRecording } from '../../src/store/find-recording.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { publishedIn } from '../../src/store/published-keys.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

const fixtures = join(import.meta.dirname, '../fixtures/stores');
const releases = await readdir(fixtures);
const key = { testId: 'checkout', appVersion: '4.2.0' };
const recordingId = '20261121T000000.000Z-0a0b0c0d';

/** A copy of what a release has stored. */
async function storedBy(release: string) {
  const root = await tempFolder('formats');
  await cp(join(fixtures, release), root, { recursive: true });
  return { root, store: folderStore(join(root, 'store')), journal: join(root, 'journal', recordingId) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function change(path: string, from: string | RegExp, to: string): Promise<void> {
  const before = await readFile(path, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

const pointerOf = (root: string): string => join(root, 'store/tests/checkout/4.2.0/current.json');
const harOf = (root: string): string => join(root, 'store/tests/checkout/4.2.0', recordingId, 'recording.har');

describe.each(releases)('what %s has stored', (release) => {
  test('its recordings are listed, opened with all their bodies, and taken by a later program', async () => {
    const { store } = await storedBy(release);
    expect((await all(publishedIn(store))).map(({ appVersion, branch }) => [appVersion, branch])).toEqual([
      ['4.2.0', undefined],
      ['4.3.0', 'feature/basket'],
    ]);
    const { ref, pointer } = await findRecording(store, key);
    const recording = await openRecording(store, ref);
    expect(recording.harSha256).toBe(pointer.harSha256);
    expect(recording.entries).toHaveLength(pointer.entries);
    expect(incompleteOf(recording.info)).toBeUndefined();
    const [first, second] = recording.entries;
    expect((await recording.body(first?.request.postData)).toString()).toBe('{"item":"tea"}');
    expect(await recording.body(second?.response.content)).toHaveLength(85_000);
    expect(store.skipped).toEqual([]);
  });

  test('its journal is published, and is the published recording beside older ones', async () => {
    const { store, journal } = await storedBy(release);
    await using reader = await JournalReader.open(journal);
    expect(reader.meta).toMatchObject({ formatVersion: 1, state: 'finished', entries: 3 });
    expect(await publishJournal(journal, store)).toMatchObject({ entries: 3, bodies: 4 });
    const { entries } = await openRecording(store, { ...key, recordingId });
    expect(entries[1]?._proxyctl?.faults).toMatchObject([{ toxic: 'slow', settings: { latency: 12 } }]);
  });

  test('a later recording of the same test takes the place of its own, and its bodies are shared', async () => {
    const { store } = await storedBy(release);
    const before = await store.readPointer(key);
    const bodies = (await all(store.objects('bodies/'))).length;
    const next = { ...key, recordingId: '20261201T000000.000Z-0a0b0c0d' };
    const newer = { ...before?.pointer, ...next, recordedAt: '2026-12-01T00:00:00.000Z' } as never;
    expect(await store.writePointer(key, newer, before?.version)).toBe(true);
    const body = await store.readBody('90611e9b012bb53a643a7b025458d3e9bd17f1631d15791a00e7c7d81923a5b1');
    await store.putBody('90611e9b012bb53a643a7b025458d3e9bd17f1631d15791a00e7c7d81923a5b1', body.length, () =>
      throwing(),
    );
    expect((await all(store.objects('bodies/'))).length).toBe(bodies);
  });
});

function throwing(): never {
  throw new Error('It is there, and is not sent again');
}

const newer = {
  code: 'PROXYCTL_NEWER_FORMAT',
  message: expect.stringMatching(
    /was made by a newer proxyctl.*\(format \d+; this one, .*, reads up to \d+\): upgrade/,
  ) as string,
};

describe('what a newer program has stored', () => {
  test('a pointer: it is named with the program that wrote it, and lists go on with the rest', async () => {
    const { root, store } = await storedBy('0.1.0');
    await change(pointerOf(root), '"formatVersion": 1', '"formatVersion": 9,\n  "program": "7.1.0"');
    await expect(store.readPointer(key)).rejects.toMatchObject({
      ...newer,
      message: expect.stringContaining('a newer proxyctl, 7.1.0 (format 9;') as string,
      data: { program: '7.1.0', formatVersion: 9, reads: storedFormats.pointer },
    });
    expect((await all(publishedIn(store))).map(({ appVersion }) => appVersion)).toEqual(['4.3.0']);
    expect(store.skipped).toMatchObject([newer]);
    await expect(findRecording(folderStore(join(root, 'store')), key)).rejects.toMatchObject(newer);
  });

  test('a pointer of one app version does not keep another from being found', async () => {
    const { root, store } = await storedBy('0.1.0');
    const other = { testId: 'checkout', appVersion: '5.0.0' };
    await cp(join(root, 'store/tests/checkout/4.2.0'), join(root, 'store/tests/checkout/5.0.0'), { recursive: true });
    const copy = join(root, 'store/tests/checkout/5.0.0/current.json');
    await change(copy, '"4.2.0"', '"5.0.0"');
    await change(pointerOf(root), '"formatVersion": 1', '"formatVersion": 2');
    expect((await findRecording(store, other)).ref.appVersion).toBe('5.0.0');
    // What is asked for and cannot be read is not answered by the one beside it.
    await expect(findRecording(folderStore(join(root, 'store')), key)).rejects.toMatchObject(newer);
  });

  test.each([
    ['by its version', '"formatVersion":1', '"formatVersion":9'],
    ['whose entries have another form', /"formatVersion":1([^]*)"request":\{/, '"formatVersion":9$1"asked":{'],
    ['whose entries are no objects', /"formatVersion":1([^]*"entries":\[\n)\{/, '"formatVersion":9$1"packed",{'],
    ['of a newer HAR', '"version":"1.2"', '"version":"9.0"'],
    ['redacted in a newer way', '"command":["npm"]', '"redaction":{"formatVersion":3}'],
  ])('a HAR %s is refused by name', async (_, from, to) => {
    const { root, store } = await storedBy('0.1.0');
    await change(harOf(root), from, to);
    const opening = openRecording(store, { ...key, recordingId });
    await expect(opening).rejects.toMatchObject(newer);
    await expect(opening).rejects.toThrow('a newer proxyctl, 0.1.0 (format');
  });

  test.each([
    ['no version', '"formatVersion": 1,', ''],
    ['a text as its version', '"formatVersion": 1', '"formatVersion": "2"'],
    ['a version below the first', '"formatVersion": 1', '"formatVersion": 0'],
    ['half a version', '"formatVersion": 1', '"formatVersion": 1.5'],
  ])('a pointer with %s is damaged, and not of a newer program', async (_, from, to) => {
    const { root, store } = await storedBy('0.1.0');
    await change(pointerOf(root), from, to);
    await expect(store.readPointer(key)).rejects.toMatchObject({ code: 'PROXYCTL_RECORDING_CORRUPT' });
  });

  test('encrypted content is refused by name, with the key and without', async () => {
    const { root, store } = await storedBy('0.1.0');
    await writeFile(harOf(root), 'proxyctl-sealed-2\nand something that nobody here can know');
    await expect(store.openHar({ ...key, recordingId }).then(text)).rejects.toMatchObject(newer);
  });

  test('a journal is listed with the reason, is neither published nor taken for damaged, and others are', async () => {
    const { root, store, journal } = await storedBy('0.1.0');
    await cp(journal, join(root, 'journal', 'newer'), { recursive: true });
    await change(join(root, 'journal', 'newer', 'meta.json'), '"formatVersion": 1', '"formatVersion": 3');
    expect(await listJournals(join(root, 'journal'))).toMatchObject([
      { situation: 'finished' },
      { situation: 'unreadable', reason: newer.message },
    ]);
    await expect(publishJournal(join(root, 'journal', 'newer'), store)).rejects.toMatchObject(newer);
    expect(await publishJournal(journal, store)).toMatchObject({ entries: 3 });
  });

  test('pruning keeps all that it cannot know: recordings of such a pointer, bodies where such a HAR is', async () => {
    const day = 86_400_000;
    const prune = (store: RecordingStore) =>
      pruneStore(store, { keep: 1, graceMs: day, now: Date.now() + 40 * day, dryRun: false });
    const { root, store } = await storedBy('0.1.0');
    const orphan = join(root, 'store/bodies/sha256/00', '0'.repeat(64));
    await mkdir(dirname(orphan), { recursive: true });
    await writeFile(orphan, 'nothing refers to this');
    await change(pointerOf(root), '"formatVersion": 1', '"formatVersion": 9');
    const pointerOnly = await prune(store);
    expect(pointerOnly).toMatchObject({ recordings: [], kept: 2, skipped: [newer] });
    expect(pointerOnly.bodies).toBeGreaterThan(0);

    await mkdir(dirname(orphan), { recursive: true });
    await writeFile(orphan, 'nothing refers to this');
    await utimes(orphan, 0, 0);
    await change(harOf(root), '"formatVersion":1', '"formatVersion":9');
    expect(await prune(store)).toMatchObject({ bodies: 0, kept: 2, skipped: [newer, newer] });
  });

  test('commands do the rest, name what they passed over, and say so by their exit code', async () => {
    const { root } = await storedBy('0.1.0');
    const [home, cwd] = [await tempFolder('home'), await tempFolder('cwd')];
    const run = (...words: string[]) =>
      proxyctl(['recordings', ...words, '--store', join(root, 'store')], { home, cwd });
    await change(pointerOf(root), '"formatVersion": 1', '"formatVersion": 9');
    const listed = await run('ls', '--json');
    expect(listed.exitCode, listed.stderr).toBe(16);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      published: [{ appVersion: '4.3.0' }],
      skipped: [{ code: 'PROXYCTL_NEWER_FORMAT' }],
    });
    expect(listed.stderr).toContain('upgrade proxyctl');
    for (const words of [['ls'], ['scan'], ['prune', '--keep', '1']]) {
      const { exitCode, stderr } = await run(...words);
      expect([words, exitCode, /passed over.*newer proxyctl/i.test(stderr)]).toEqual([words, 16, true]);
    }
    const exported = await run('export', 'checkout', '--app-version', '4.2.0');
    expect(exported.exitCode, exported.stderr).toBe(16);
    const replayed = await proxyctl(
      ['replay', '--test-id', 'checkout', '--app-version', '4.2.0', '--store', join(root, 'store'), '--', 'true'],
      { home, cwd },
    );
    expect(replayed.exitCode, replayed.stderr).toBe(16);
    expect(replayed.stderr).toContain('upgrade proxyctl');
  }, 120_000);
});
