import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { pruneStore, type PruneOptions } from '../../src/recordings/prune-store.js';
import { branchOf, newRecordingId, type RecordingKey, type RecordingRef } from '../../src/store/recording-key.js';
import type { CurrentPointer, RecordingStore } from '../../src/store/recording-store.js';
import { decryptWhole } from '../../src/store/encryption/encryption.js';

const key: RecordingKey = { testId: 'checkout', appVersion: '4.2.0' };
const hostileIds = [
  '../../etc',
  '/etc/passwd',
  '.',
  '..',
  'a\0b',
  'CON',
  'Größe 中文 🎉',
  'x'.repeat(300),
  'X'.repeat(300),
];

/** A store of some kind for one test, and the folder that its files can be seen in. */
export interface StoreUnderTest {
  open: () => Promise<RecordingStore>;
  /** Once more, as another process would. */
  reopen: (store: RecordingStore) => Promise<RecordingStore>;
  rootOf: (store: RecordingStore) => string;
}

/** What every store has to do. Its files are looked at, and damaged, behind its back. */
export function storeContract({ open, reopen, rootOf }: StoreUnderTest): void {
  test('a recording stands where the layout says', async () => {
    const store = await open();
    const ref = await publish(store, key);
    const folder = join(rootOf(store), 'tests', 'checkout', '4.2.0');
    expect(JSON.parse(await readFile(join(folder, 'current.json'), 'utf8'))).toMatchObject({
      recordingId: ref.recordingId,
    });
    const opened = async (path: string) =>
      (await decryptWhole(store.encryption, await readFile(path), path)).toString();
    expect(await opened(join(folder, ref.recordingId, 'recording.har'))).toBe('{"log":{}}');
    expect(await opened(join(rootOf(store), bodyKey(store, 'tea')))).toBe('tea');
  });

  describe('hostile ids', () => {
    test.each(hostileIds)('%j stays inside the store and is listed as it is', async (testId) => {
      const store = await open();
      const hostileKey = { testId, appVersion: testId };
      const ref = await publish(store, hostileKey);
      expect(await collect(store.testIds())).toEqual([testId]);
      expect((await store.published(testId)).map(({ appVersion }) => appVersion)).toEqual([testId]);
      expect(await store.history(hostileKey)).toEqual([ref]);
      expect(await text(await store.openHar(ref))).toBe('{"log":{}}');
      expect((await readdir(rootOf(store))).sort()).toEqual(['bodies', 'tests']);
      await store.remove(ref);
      expect(await collect(store.testIds())).toEqual([]);
    });

    test('an empty id is refused with what to do', async () => {
      const store = await open();
      await expect(store.readPointer({ testId: '', appVersion: '1' })).rejects.toMatchObject({
        code: 'PROXYCTL_USAGE',
      });
      await expect(store.published('')).rejects.toMatchObject({ message: 'The test id is empty' });
      await expect(store.history({ testId: 'a', appVersion: '' })).rejects.toMatchObject({
        message: 'The app version is empty',
      });
    });

    test.each(['../up', '..', '', 'current.json', 'a/b', 'a\0b', 'x'.repeat(101)])(
      'the recording id %j is refused',
      async (recordingId) => {
        const store = await open();
        await expect(store.openHar({ ...key, recordingId })).rejects.toMatchObject({ code: 'PROXYCTL_USAGE' });
      },
    );

    test('ids that differ in case alone do not meet', async () => {
      const store = await open();
      for (const testId of ['checkout', 'Checkout', 'CHECKOUT']) await publish(store, { testId, appVersion: '1' });
      expect((await collect(store.testIds())).sort()).toEqual(['CHECKOUT', 'Checkout', 'checkout']);
      const names = await readdir(join(rootOf(store), 'tests'));
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(3);
    });
  });

  describe('pruning', () => {
    const day = 86_400_000;
    const prune = (store: RecordingStore, now: number, options: Partial<PruneOptions> = {}) =>
      pruneStore(store, { graceMs: day, dryRun: false, now, ...options });

    test('takes old recordings that are not the published one, then bodies that nothing refers to', async () => {
      const store = await open();
      const refs: RecordingRef[] = [];
      for (const day of [1, 2, 3, 4]) refs.push(await withBody(store, `only ${day}`, day));
      await put(store, 'shared by none');
      await withBody(store, 'on a branch', 1, 'feature/x');
      const later = Date.now() + 40 * day;
      const dry = await prune(store, later, { keep: 2, dryRun: true });
      expect([dry.recordings.length, dry.kept]).toEqual([2, 3]);
      expect(await store.hasBody(hashOf('shared by none'))).toBe(true);

      const done = await prune(store, later, { keep: 2 });

      const bodyBytes = store.encryption.sizeOf(6) * 2 + store.encryption.sizeOf(14);
      expect(done).toMatchObject({ kept: 3, bodies: 3, bodyBytes, young: 0 });
      expect(await store.history(key)).toEqual(refs.slice(2).reverse());
      for (const text of ['only 3', 'only 4', 'on a branch']) expect(await store.openBody(hashOf(text))).toBeDefined();
      await expect(store.openObject(bodyKey(store, 'only 1'))).resolves.toBeUndefined();
      expect(await prune(store, later, { keep: 1, olderThanMs: 1000 * day })).toMatchObject({
        recordings: [],
        bodies: 0,
      });
    });

    test('leaves what is young, and a body that somebody puts once more', async () => {
      const store = await open();
      await put(store, 'young');
      expect(await prune(store, Date.now() + day / 2)).toMatchObject({ bodies: 0, young: 1 });
      const path = join(rootOf(store), ...bodyKey(store, 'young').split('/'));
      const old = new Date(Date.now() - 3 * day);
      await utimes(path, old, old);
      await using another = await reopen(store);
      await put(another, 'young');
      expect(await prune(store, Date.now())).toMatchObject({ bodies: 0, young: 1 });
      await utimes(path, old, old);
      expect(await prune(store, Date.now())).toMatchObject({ bodies: 1, young: 0 });
    });

    test('keeps the bodies of a recording that is damaged', async () => {
      const store = await open();
      const ref = await withBody(store, 'precious', 1);
      await store.putHar(ref, Readable.from([Buffer.from(`{"log": torn "_sha256": "${hashOf('precious')}"`)]));
      expect(await prune(store, Date.now() + 40 * day, { keep: 1 })).toMatchObject({ recordings: [], bodies: 0 });
    });
  });

  describe('the pointer', () => {
    test('is written only over the one that was read', async () => {
      const store = await open();
      const [first, second, third] = [pointerOf(key, 1), pointerOf(key, 2), pointerOf(key, 3)];
      expect(await store.writePointer(key, first, undefined)).toBe(true);
      expect(await store.writePointer(key, second, undefined)).toBe(false);
      const found = await store.readPointer(key);
      expect(found?.pointer).toEqual(first);
      expect(await store.writePointer(key, second, found?.version)).toBe(true);
      expect(await store.writePointer(key, third, found?.version)).toBe(false);
      expect((await store.readPointer(key))?.pointer).toEqual(second);
    });

    test('of another key that was copied there does not answer', async () => {
      const store = await open();
      await publish(store, key);
      const path = join(rootOf(store), 'tests', 'checkout', '4.2.0', 'current.json');
      await writeFile(path, JSON.stringify({ ...pointerOf(key, 1), testId: 'other' }));
      await expect(store.readPointer(key)).rejects.toMatchObject({ code: 'PROXYCTL_RECORDING_CORRUPT' });
    });

    test('that is damaged is named with its path', async () => {
      const store = await open();
      await publish(store, key);
      const path = join(rootOf(store), 'tests', 'checkout', '4.2.0', 'current.json');
      await writeFile(path, '{"formatVersion":1,');
      await expect(store.readPointer(key)).rejects.toMatchObject({
        code: 'PROXYCTL_RECORDING_CORRUPT',
        message: expect.stringContaining('current.json is damaged') as string,
      });
    });

    test('goes with the recording that it names, and stays when another is removed', async () => {
      const store = await open();
      const old = await publish(store, key, 1_000);
      const current = await publish(store, key, 2_000);
      await store.remove(old);
      expect((await store.readPointer(key))?.pointer.recordingId).toBe(current.recordingId);
      await store.remove(current);
      expect(await store.readPointer(key)).toBeUndefined();
      await expect(store.remove(current)).rejects.toMatchObject({ code: 'PROXYCTL_RECORDING_NOT_FOUND' });
    });
  });

  describe('bodies', () => {
    test('are kept once, and checked when they are read', async () => {
      const store = await open();
      const data = randomBytes(300_000);
      const sha256 = hashOf(data);
      let opened = 0;
      const openBody = () => {
        opened += 1;
        return Readable.from([data.subarray(0, 100_000), data.subarray(100_000)]);
      };
      await store.putBody(sha256, data.length, openBody);
      await store.putBody(sha256, data.length, openBody);
      expect(opened).toBe(1);
      expect(await store.hasBody(sha256)).toBe(true);
      expect((await store.readBody(sha256)).equals(data)).toBe(true);
      expect((await buffer(await store.openBody(sha256))).equals(data)).toBe(true);
    });

    test('that are not what their hash says are not kept', async () => {
      const store = await open();
      const sha256 = hashOf('tea');
      await expect(store.putBody(sha256, 6, () => Readable.from([Buffer.from('coffee')]))).rejects.toMatchObject({
        code: 'PROXYCTL_RECORDING_CORRUPT',
      });
      expect(await store.hasBody(sha256)).toBe(false);
      expect(await filesIn(join(rootOf(store), 'bodies'))).toEqual([]);
    });

    test('that were altered or are missing are named', async () => {
      const store = await open();
      await publish(store, key);
      const sha256 = hashOf('tea');
      const path = join(rootOf(store), bodyKey(store, 'tea'));
      const stored = await readFile(path);
      await writeFile(path, stored.with(-1, (stored.at(-1) ?? 0) ^ 1));
      const altered = { code: 'PROXYCTL_RECORDING_CORRUPT', message: expect.stringContaining('was altered') as string };
      await expect(store.readBody(sha256)).rejects.toMatchObject(altered);
      await expect(store.openBody(sha256).then(buffer)).rejects.toMatchObject(altered);
      await rm(path);
      const missing = {
        code: 'PROXYCTL_RECORDING_CORRUPT',
        message: expect.stringMatching(/[0-9a-f]{64} is missing/) as string,
      };
      await expect(store.readBody(sha256)).rejects.toMatchObject(missing);
      await expect(store.openBody(sha256)).rejects.toMatchObject(missing);
    });

    test('that were cut by a crash of something else are put there anew', async () => {
      const store = await open();
      const sha256 = hashOf('tea');
      const path = join(rootOf(store), bodyKey(store, 'tea'));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 't');
      await store.putBody(sha256, 3, () => Readable.from([Buffer.from('tea')]));
      expect((await store.readBody(sha256)).toString()).toBe('tea');
    });

    test('that can be packed lie packed; what was put there before stays as it is, and is read as well', async () => {
      const store = await open();
      const [data, before] = [textOf(300_000, 'new'), textOf(300_000, 'before')];
      await store.putBody(hashOf(before), before.length, () => Readable.from(inChunks(before, 8000)));
      const path = join(rootOf(store), bodyKey(store, before));
      await writeFile(path, await buffer(store.encryption.encrypt(inChunks(before, before.length))));
      let opened = 0;
      for (const body of [data, before, data]) {
        await using other = await reopen(store);
        await other.putBody(hashOf(body), body.length, () => {
          opened += 1;
          return Readable.from(inChunks(body, 8000));
        });
      }
      expect(opened).toBe(1);
      expect((await stat(join(rootOf(store), bodyKey(store, data)))).size).toBeLessThan(100_000);
      expect((await stat(path)).size).toBe(store.encryption.sizeOf(before.length));
      await using reader = await reopen(store);
      for (const body of [data, before]) {
        expect((await buffer(await reader.openBody(hashOf(body)))).equals(body)).toBe(true);
        expect((await reader.readBody(hashOf(body))).equals(body)).toBe(true);
      }
    });

    test('that gain nothing by it lie as they are', async () => {
      const store = await open();
      for (const body of [randomBytes(200_000), gzipSync(textOf(200_000, 'on the wire')), textOf(500, 'short')]) {
        await store.putBody(hashOf(body), body.length, () => Readable.from(inChunks(body, 8000)));
        expect((await stat(join(rootOf(store), bodyKey(store, body)))).size).toBe(store.encryption.sizeOf(body.length));
        expect((await store.readBody(hashOf(body))).equals(body)).toBe(true);
      }
    });

    test('that were packed and damaged are named, and mended when they are put there again', async () => {
      const store = await open();
      const data = textOf(300_000, 'damaged');
      const put = (to: RecordingStore) => to.putBody(hashOf(data), data.length, () => Readable.from([data]));
      await put(store);
      const path = join(rootOf(store), bodyKey(store, data));
      const stored = await readFile(path);
      await rm(path); // so that a server forgets what it knew of it
      await writeFile(path, stored.subarray(0, stored.length / 2));
      const altered = { code: 'PROXYCTL_RECORDING_CORRUPT', message: expect.stringContaining('altered') as string };
      await expect(store.readBody(hashOf(data))).rejects.toMatchObject(altered);
      await expect(store.openBody(hashOf(data)).then(buffer)).rejects.toMatchObject(altered);
      await using another = await reopen(store);
      await put(another);
      expect((await another.readBody(hashOf(data))).equals(data)).toBe(true);
    });

    test.each(['../../x', 'abc', '', 'A'.repeat(64)])('%j is no hash, and no path', async (sha256) => {
      const store = await open();
      await expect(store.readBody(sha256)).rejects.toMatchObject({ code: 'PROXYCTL_RECORDING_CORRUPT' });
    });
  });

  test('a HAR whose source breaks leaves nothing', async () => {
    const store = await open();
    const ref = { ...key, recordingId: newRecordingId(0) };
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('{"log":');
        throw new Error('the journal is gone');
      })(),
    );
    await expect(store.putHar(ref, broken)).rejects.toThrow('the journal is gone');
    expect(await store.history(key)).toEqual([]);
    await expect(store.openHar(ref)).rejects.toMatchObject({ code: 'PROXYCTL_RECORDING_CORRUPT' });
  });

  test('test ids can be asked for by their beginning', async () => {
    const store = await open();
    for (const testId of ['cart/add', 'cart/Remove', 'login']) await publish(store, { testId, appVersion: '1' });
    expect((await collect(store.testIds({ prefix: 'cart/' }))).sort()).toEqual(['cart/Remove', 'cart/add']);
    expect(await collect(store.testIds({ prefix: 'x' }))).toEqual([]);
  });

  test('the newest recording comes first in the history and among what is published', async () => {
    const store = await open();
    const old = await publish(store, key, Date.UTC(2026, 0, 1));
    const young = await publish(store, key, Date.UTC(2026, 5, 1));
    await publish(store, { ...key, appVersion: '4.1.0' }, Date.UTC(2026, 3, 1));
    expect(await store.history(key)).toEqual([young, old]);
    expect((await store.published('checkout')).map(({ appVersion }) => appVersion)).toEqual(['4.2.0', '4.1.0']);
  });
}

/** Files under a folder, which need not be there. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function hashOf(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function pointerOf({ testId, appVersion }: RecordingKey, at: number, recordingId = newRecordingId(at)): CurrentPointer {
  const time = new Date(at).toISOString();
  const counts = { entries: 1, bodyBytes: 3, harSha256: hashOf('{"log":{}}') };
  return { formatVersion: 1, testId, appVersion, recordingId, recordedAt: time, publishedAt: time, ...counts };
}

async function publish(store: RecordingStore, at: RecordingKey, time = Date.UTC(2026, 10, 21)): Promise<RecordingRef> {
  const pointer = pointerOf(at, time);
  const ref = { ...at, recordingId: pointer.recordingId };
  await store.putBody(hashOf('tea'), 3, () => Readable.from([Buffer.from('tea')]));
  await store.putHar(ref, Readable.from([Buffer.from('{"log":{}}')]));
  const found = await store.readPointer(at);
  expect(await store.writePointer(at, pointer, found?.version)).toBe(true);
  return ref;
}

/** A recording of a day in November 2026 whose only body is `text`, published if it is the latest. */
async function withBody(store: RecordingStore, text: string, day: number, branch?: string): Promise<RecordingRef> {
  const at = { ...key, ...branchOf(branch) };
  const pointer = { ...pointerOf(at, Date.UTC(2026, 9, day)), ...branchOf(branch) };
  const ref = { ...at, recordingId: pointer.recordingId };
  await put(store, text);
  await store.putHar(ref, Readable.from([Buffer.from(`{"log":{"entries":[{"_sha256":"${hashOf(text)}"}]}}`)]));
  await store.writePointer(at, pointer, (await store.readPointer(at))?.version);
  return ref;
}

/** Text that packs well, and is not the same for two words. */
function textOf(size: number, word: string): Buffer {
  let text = '';
  for (let line = 0; text.length < size; line++)
    text += `{"line": ${line}, "word": "${word}", "squared": ${line * line}}\n`;
  return Buffer.from(text.slice(0, size));
}

async function* inChunks(data: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < data.length; at += size) yield await Promise.resolve(data.subarray(at, at + size));
}

function put(store: RecordingStore, text: string): Promise<void> {
  return store.putBody(hashOf(text), text.length, () => Readable.from([Buffer.from(text)]));
}

/** Where the body lies. */
function bodyKey({ encryption }: RecordingStore, text: Buffer | string): string {
  const [name] = encryption.names(hashOf(text));
  return `bodies/sha256/${name.slice(0, 2)}/${name}`;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
