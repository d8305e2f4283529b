import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bulk } from '../helpers/bulk.js';
import { publishJournal } from '../../src/record/publish.js';
import { promoteRecording } from '../../src/recordings/promote-recording.js';
import { pruneStore } from '../../src/recordings/prune-store.js';
import { encryptionWith } from '../../src/store/encryption/with-keys.js';
import { encryptedSize } from '../../src/store/encryption/encrypted-format.js';
import { keysFromEnvironment } from '../../src/store/encryption/store-keys.js';
import { ObjectCache } from '../../src/store/objects/object-cache.js';
import { openRecording } from '../../src/store/open-recording.js';
import { openStore } from '../../src/store/open-store.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { s3Store } from '../../src/store/s3/s3-store.js';
import { decryptWhole } from '../../src/store/encryption/encryption.js';
import { journalFolder, journalOf } from '../helpers/publishing.js';
import { recordingInfo } from '../helpers/recording.js';
import { type S3Server, startS3Server } from '../helpers/s3-server.js';
import { setStoreKey, withStoreKey } from '../helpers/store-key.js';
import { tempFolder } from '../helpers/temp-folder.js';

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const encryption = () => encryptionWith(keysFromEnvironment('store'));
const pruning = { graceMs: 0, keep: 1, dryRun: false, now: Date.now() + 1000 };

describe('encrypted content', () => {
  const piece = 64 * 1024;
  test.each([0, 1, piece - 1, piece, piece + 1, 3 * piece, 200_000])(
    'of %i bytes comes back, and is as long as was said',
    async (size) => {
      withStoreKey();
      const data = randomBytes(size);
      const encrypted = await buffer(encryption().encrypt(inChunks(data, 7919)));
      expect(encrypted).toHaveLength(encryptedSize(size));
      expect((await buffer(encryption().decrypt(inChunks(encrypted, 5003), 'x'))).equals(data)).toBe(true);
    },
  );

  test('that was altered, cut off, put in another order or made longer is refused', async () => {
    withStoreKey();
    const encrypted = await buffer(encryption().encrypt(inChunks(randomBytes(3 * piece), piece)));
    const head = encrypted.length - 3 * (piece + 16);
    const at = (n: number): Buffer => encrypted.subarray(head + n * (piece + 16), head + (n + 1) * (piece + 16));
    const damaged = {
      altered: encrypted.with(head + 100, (encrypted[head + 100] ?? 0) ^ 1),
      'another salt': encrypted.with(head - 1, (encrypted[head - 1] ?? 0) ^ 1),
      'cut between pieces': encrypted.subarray(0, -(piece + 16)),
      'cut within one': encrypted.subarray(0, -5),
      'cut to its head': encrypted.subarray(0, head),
      'another order': Buffer.concat([encrypted.subarray(0, head), at(1), at(0), at(2)]),
      longer: Buffer.concat([encrypted, at(2)]),
    };
    for (const [how, data] of Object.entries(damaged)) {
      await expect(decryptWhole(encryption(), Buffer.from(data), 'the file'), how).rejects.toMatchObject({
        code: 'PROXYCTL_RECORDING_CORRUPT',
        message: 'the file was altered or cut off since it was encrypted',
      });
    }
  });

  test('is never the same twice, under a name that is always the same', async () => {
    withStoreKey();
    const data = Buffer.from('tea');
    const [one, two] = await Promise.all([0, 1].map(() => buffer(encryption().encrypt(inChunks(data, 3)))));
    expect(one?.equals(two ?? data)).toBe(false);
    expect(encryption().names(sha256(data))).toEqual(encryption().names(sha256(data)));
    expect(encryption().names(sha256(data))).not.toContain(sha256(data));
  });
});

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(() => server.close());

interface Place {
  root: string;
  cache: string;
  open: (encrypted?: boolean) => Promise<RecordingStore>;
}

describe.each(['folder', 's3'])('recordings in an encrypted %s', (kind) => {
  test('lie there, and in the cache, without a word in the clear; bodies once; and are read as they were', async () => {
    const { root, cache, open } = await place(kind);
    const key = withStoreKey();
    const folder = await tempFolder();
    const infos = await Promise.all(
      [1, 2].map((day) => journalOf(folder, recordingInfo({}, Date.UTC(2026, 10, day)), 3, 300_000)),
    );
    for (const info of infos) {
      await using store = await open();
      expect(store.url).toMatch(/^encrypted:/); // what a journal that waits is told
      await publishJournal(journalFolder(folder, info), store);
      const recording = await openRecording(store, info);
      const [first] = recording.entries;
      expect(recording.harSha256).toBe((await store.readPointer(info))?.pointer.harSha256);
      expect((await recording.body(first?.response.content)).toString()).toContain(`${info.recordingId} 0 `);
      const body = first?.response.content._sha256 ?? '';
      expect(sha256(await buffer(await store.openBody(body)))).toBe(body);
      expect(await filesWith([root, cache], [body, `${info.recordingId} 0`, 'host.example', key])).toEqual([]);
    }
    expect(await readdir(cache).catch(() => [])).toHaveLength(kind === 's3' ? 2 : 0);
    await using store = await open();
    const same = Buffer.from('the same in both');
    for (let i = 0; i < 2; i++) await store.putBody(sha256(same), same.length, () => Readable.from([same]));
    expect((await filesIn(join(root, 'bodies'))).length).toBe(3 + 3 + 1);
  });

  test('another key, no key and what is no key: one error each that says what to do, and not what was set', async () => {
    const { open } = await place(kind);
    const old = withStoreKey();
    const { info } = await publishedIn(open);
    const refused = async (code: string, message: RegExp, hint: string) => {
      const failure = await open()
        .then((store) => openRecording(store, info))
        .then(
          () => undefined,
          (error: unknown) => error as Error & { code: string; hint: string },
        );
      expect(failure).toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.stringContaining(hint) as string,
      });
      return JSON.stringify([failure?.message, failure?.hint, failure]);
    };
    const other = withStoreKey();
    const said = await refused(
      'PROXYCTL_STORE_KEY',
      /recording\.har was encrypted with another key than PROXYCTL_STORE_KEY holds \(its id is [0-9a-f]{16}, not [0-9a-f]{16}\)/,
      'NEW,OLD',
    );
    expect(said).not.toContain(other);
    setStoreKey('hunter22');
    expect(
      await refused('PROXYCTL_STORE_KEY', /does not hold a key: that is 32 bytes/, 'openssl rand -base64 32'),
    ).not.toContain('hunter22');
    setStoreKey(undefined);
    await refused('PROXYCTL_STORE_KEY', /is encrypted, and PROXYCTL_STORE_KEY is not set/, 'openssl rand -base64 32');
    setStoreKey(Buffer.from(old, 'base64').toString('hex'));
    await using store = await open();
    expect((await openRecording(store, info)).entries).toHaveLength(2);
  });

  test('are read with an old key behind a new one, promoted with the new one, and their bodies are not pruned', async () => {
    const { open } = await place(kind);
    const old = withStoreKey();
    const { info } = await publishedIn(open);
    const key = withStoreKey(old);
    await using store = await open();
    const { ref } = await promoteRecording(store, info, { testId: 'elsewhere', appVersion: '1' }, new Date());
    expect((await openRecording(store, info)).entries).toHaveLength(2);
    expect(await pruneStore(store, pruning)).toMatchObject({ kept: 2, bodies: 0 });
    setStoreKey(key);
    await using later = await open();
    await expect(openRecording(later, info)).rejects.toMatchObject({ code: 'PROXYCTL_STORE_KEY' });
    await expect(openRecording(later, ref)).rejects.toThrow('has lost the body'); // they are under the old key
    await expect(pruneStore(later, pruning)).rejects.toMatchObject({ code: 'PROXYCTL_STORE_KEY' });
  });

  test('are refused by a store that was opened without the prefix, which does not prune them either; and the other way round', async () => {
    const { open, root } = await place(kind);
    withStoreKey();
    const { info } = await publishedIn(open);
    const before = await filesIn(root);
    await using plain = await open(false);
    await expect(openRecording(plain, info)).rejects.toMatchObject({
      code: 'PROXYCTL_STORE_KEY',
      message: expect.stringMatching(/recording\.har is encrypted$/) as string,
      hint: expect.stringContaining('encrypted:') as string,
    });
    await expect(pruneStore(plain, pruning)).rejects.toMatchObject({ code: 'PROXYCTL_STORE_KEY' });
    expect(await filesIn(root)).toEqual(before);
    const inTheClear = await publishedIn(() => open(false), 'in the clear');
    await using store = await open();
    await expect(openRecording(store, inTheClear.info)).rejects.toMatchObject({
      code: 'PROXYCTL_STORE_KEY',
      message: expect.stringContaining('is not encrypted') as string,
    });
  });
});

test('a large body is encrypted and read as a stream, not in memory', async () => {
  const { open } = await place('folder');
  withStoreKey();
  await using store = await open();
  const chunk = randomBytes(1024 * 1024);
  const times = bulk(400);
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  };
  const hash = createHash('sha256');
  for (let i = 0; i < times; i++) hash.update(chunk);
  const name = hash.digest('hex');
  function* chunks(): Generator<Buffer> {
    for (let i = 0; i < times; i++) {
      look();
      yield chunk;
    }
  }
  const before = process.memoryUsage().arrayBuffers;
  await store.putBody(name, times * chunk.length, () => Readable.from(chunks()));
  let length = 0;
  for await (const read of (await store.openBody(name)) as AsyncIterable<Buffer>) {
    length += read.length;
    if (length % chunk.length === 0) look();
  }
  expect(length).toBe(times * chunk.length);
  // Says something where all of it is moved.
  expect(peak - before).toBeLessThan(200 * 1024 * 1024);
});

test('what a cache was damaged to is fetched anew', async () => {
  const { open, cache } = await place('s3');
  withStoreKey();
  const { info } = await publishedIn(open);
  const read = async (): Promise<string> => {
    await using store = await open();
    const recording = await openRecording(store, info);
    return sha256(await buffer(await store.openBody(recording.entries[0]?.response.content._sha256 ?? '')));
  };
  const first = await read();
  for (const path of await filesIn(join(cache, 'bodies'))) await writeFile(path, 'nonsense');
  expect(await read()).toBe(first);
});

async function place(kind: string): Promise<Place> {
  const folder = await tempFolder();
  const cache = join(folder, 'cache');
  if (kind === 'folder') {
    const root = join(folder, 'store');
    return { root, cache, open: (encrypted = true) => openStore(`${encrypted ? 'encrypted:' : ''}${root}`) };
  }
  const name = sha256(folder).slice(0, 20);
  const url = server.place(name);
  const open = async (encrypted = true): Promise<RecordingStore> => {
    const checked = await openStore(`${encrypted ? 'encrypted:' : ''}${url}`);
    await checked.close();
    return s3Store(url, {
      cache: new ObjectCache(encrypted ? cache : join(folder, 'plain')),
      encryption: checked.encryption,
    });
  };
  return { root: server.folder(name), cache, open };
}

async function publishedIn(open: () => Promise<RecordingStore>, testId = 'checkout') {
  const folder = await tempFolder();
  const info = await journalOf(folder, recordingInfo({ testId }), 2, 300_000);
  await using store = await open();
  await publishJournal(journalFolder(folder, info), store);
  return { info };
}

async function* inChunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield await Promise.resolve(data.subarray(at, at + size));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** The files that hold one of these words, or are named so. */
async function filesWith(folders: readonly string[], words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of (await Promise.all(folders.map(filesIn))).flat()) {
    const content = await readFile(path);
    // The pointer names the recording, and its test, on purpose.
    const shown = words.filter((word) => path.includes(word) || content.includes(word));
    if (shown.length > 0) found.push(`${path}: ${shown.join(', ')}`);
  }
  return found;
}
