import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { encryptionWith } from '../../src/store/encryption/with-keys.js';
import { keysFromEnvironment } from '../../src/store/encryption/store-keys.js';
import { ObjectCache } from '../../src/store/objects/object-cache.js';
import { openStore } from '../../src/store/open-store.js';
import { publishedIn } from '../../src/store/published-keys.js';
import { newRecordingId } from '../../src/store/recording-key.js';
import type { CurrentPointer, RecordingStore } from '../../src/store/recording-store.js';
import { s3Store } from '../../src/store/s3/s3-store.js';
import type { Encryption } from '../../src/store/encryption/encryption.js';
import { startFaultyFront } from '../helpers/faulty-s3-front.js';
import { type S3Server, startS3Server } from '../helpers/s3-server.js';
import { splitPlace } from '../../src/store/store-place.js';
import { withStoreKey } from '../helpers/store-key.js';
import { storeContract } from '../helpers/store-contract.js';
import { tempFolder } from '../helpers/temp-folder.js';

const key = { testId: 'checkout', appVersion: '4.2.0' };
let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(() => server.close());

describe('a bucket as a store', () => {
  storeContract({ open: () => open(), reopen: ({ url }) => open({ url }), rootOf });
});

describe('an encrypted bucket as a store', () => {
  beforeEach(() => withStoreKey());
  const encrypted = (url?: string) => open({ url, encryption: encryptionWith(keysFromEnvironment('s3')) });
  storeContract({ open: () => encrypted(), reopen: ({ url }) => encrypted(splitPlace(url).rest), rootOf });
});

function rootOf({ url }: RecordingStore): string {
  return server.folder(new URL(splitPlace(url).rest).pathname.slice(1));
}

test('a body of several parts goes up and comes down as it was', async () => {
  const store = await open();
  const data = randomBytes(20 * 1024 * 1024);
  const sha256 = hashOf(data);
  await store.putBody(sha256, data.length, () => Readable.from([data.subarray(0, 9e6), data.subarray(9e6)]));
  expect((await buffer(await store.openBody(sha256))).equals(data)).toBe(true);
  expect((await store.readBody(sha256)).equals(data)).toBe(true);
});

test('a large body that is not what its hash says is not there, in no part', async () => {
  const store = await open();
  const data = randomBytes(9 * 1024 * 1024);
  const sha256 = hashOf('something else');
  await expect(store.putBody(sha256, data.length, () => Readable.from([data]))).rejects.toMatchObject({
    code: 'PROXYCTL_RECORDING_CORRUPT',
  });
  expect(await store.hasBody(sha256)).toBe(false);
});

test('what was read once is read without the server, and the finder says so', async () => {
  const cache = new ObjectCache(await tempFolder());
  const own = await startS3Server();
  onTestFinished(() => own.close());
  const store = s3Store(`${own.place('a')}&retry-delay=10ms`, { cache });
  const pointer = pointerOf(1);
  const ref = { ...key, recordingId: pointer.recordingId };
  await store.putBody(hashOf('tea'), 3, () => Readable.from([Buffer.from('tea')]));
  await store.putHar(ref, Readable.from([Buffer.from('{"log":{}}')]));
  await store.writePointer(key, pointer, undefined);
  const read = async () => {
    await using reader = s3Store(`${own.place('a')}&retry-delay=10ms`, { cache });
    const published = await reader.published('checkout');
    const har = await text(await reader.openHar(ref));
    return { published, har, body: (await reader.readBody(hashOf('tea'))).toString(), notice: reader.notice };
  };
  const online = await read();
  expect(online).toEqual({ published: [pointer], har: '{"log":{}}', body: 'tea', notice: undefined });
  await own.stop();
  expect(await read()).toEqual({ ...online, notice: expect.stringContaining('cannot be reached') as string });
  await expect(store.writePointer(key, pointerOf(2), undefined)).rejects.toMatchObject({
    code: 'PROXYCTL_STORE',
    message: expect.stringContaining('nothing listens there (ECONNREFUSED)') as string,
  });
});

test('a HAR that was changed in the store is read anew, and one that was damaged in the cache is fetched again', async () => {
  const root = await tempFolder();
  const cache = new ObjectCache(root);
  const name = randomUUID();
  const store = s3Store(server.place(name), { cache });
  const ref = { ...key, recordingId: newRecordingId(0) };
  await store.putHar(ref, Readable.from([Buffer.from('first')]));
  expect(await text(await store.openHar(ref))).toBe('first');
  await store.putHar(ref, Readable.from([Buffer.from('second')]));
  expect(await text(await store.openHar(ref))).toBe('second');
  await store.putBody(hashOf('tea'), 3, () => Readable.from([Buffer.from('tea')]));
  await store.readBody(hashOf('tea'));
  await writeFile(join(root, 'bodies', hashOf('tea').slice(0, 2), hashOf('tea')), 'tee');
  expect((await store.readBody(hashOf('tea'))).toString()).toBe('tea');
});

test('from a warm cache the server is asked once, and what has changed meanwhile is seen', async () => {
  const cache = new ObjectCache(await tempFolder());
  const asked: string[] = [];
  const front = await startFaultyFront(server.port, ({ method = '', url = '' }) => {
    asked.push(`${method} ${url.includes('list-type') ? 'listing' : (url.split('?')[0] ?? '').replace(/.*\//, '')}`);
    return undefined;
  });
  const name = randomUUID();
  const writer = s3Store(server.place(name), { cache: new ObjectCache(await tempFolder()) });
  const publish = async (at: number, har: string): Promise<CurrentPointer> => {
    const pointer = pointerOf(at);
    await writer.putHar({ ...key, recordingId: pointer.recordingId }, Readable.from([Buffer.from(har)]));
    const before = await writer.readPointer(key);
    expect(await writer.writePointer(key, pointer, before?.version)).toBe(true);
    return pointer;
  };
  /** As a replay does: found by one store, opened by another. */
  const read = async () => {
    asked.length = 0;
    await using finder = s3Store(server.place(name, front), { cache });
    const [pointer] = await finder.published(key.testId);
    const ref = { ...key, recordingId: pointer?.recordingId ?? '' };
    const version = await finder.harVersion(ref);
    await using reader = s3Store(server.place(name, front), { cache });
    return { pointer, har: await text(await reader.openHar(ref, version)), asked: [...asked] };
  };
  const first = await publish(1, 'first');
  const cold = ['GET listing', 'GET current.json', 'GET recording.har'];
  expect(await read()).toEqual({ pointer: first, har: 'first', asked: cold });
  expect(await read()).toEqual({ pointer: first, har: 'first', asked: ['GET listing'] });
  const second = await publish(2, 'second');
  expect(await read()).toEqual({ pointer: second, har: 'second', asked: cold });
  await writer.putHar({ ...key, recordingId: second.recordingId }, Readable.from([Buffer.from('edited')]));
  expect(await read()).toEqual({ pointer: second, har: 'edited', asked: ['GET listing', 'GET recording.har'] });
});

test('the server is asked once for a body that it has, and once more for each object that it is sent, and once for each that is listed', async () => {
  const asked: string[] = [];
  const front = await startFaultyFront(server.port, ({ method = '', url = '' }) => {
    const name = url.includes('list-type') ? 'listing' : (url.split('?')[0] ?? '').replace(/.*\//, '');
    asked.push(`${method} ${/^[0-9a-f]{64}$/.test(name) ? 'body' : name.replace(/^probe-.*/, 'probe')}`);
    return undefined;
  });
  const name = randomUUID();
  const store = await open({ url: server.place(name, front) });
  const pointer = pointerOf(1);
  const publish = async (): Promise<void> => {
    await store.putBody(hashOf('tea'), 3, () => Readable.from([Buffer.from('tea')]));
    await store.putHar({ ...key, recordingId: pointer.recordingId }, Readable.from([Buffer.from('{"log":{}}')]));
    const before = await store.readPointer(key);
    await store.writePointer(key, pointer, before?.version);
  };
  await publish();
  const pointerAsked = ['GET current.json', 'PUT current.json', 'GET current.json'];
  const harAsked = ['PUT recording.har', 'HEAD recording.har'];
  const probes = ['PUT probe', 'PUT probe', 'PUT probe', 'DELETE probe'];
  const bodyAsked = ['HEAD body', 'PUT body', 'HEAD body'];
  const first = [...bodyAsked, ...harAsked, 'GET current.json', ...probes, 'PUT current.json', 'GET current.json'];
  expect(asked).toEqual(first);
  asked.length = 0;
  await publish();
  expect(asked).toEqual([...harAsked, ...pointerAsked]);
  asked.length = 0;
  await using later = await open({ url: server.place(name, front) });
  await later.putBody(hashOf('tea'), 3, () => Readable.from([Buffer.from('tea')]));
  expect(await listAll(publishedIn(later))).toEqual([pointer]);
  expect(await later.history(key)).toHaveLength(1);
  // The third is that of the branches.
  expect(asked).toEqual(['HEAD body', 'GET listing', 'GET current.json', 'GET listing', 'GET listing']);
});

test('all that is published is listed as it is test by test, whatever the tests are called', async () => {
  const store = await open();
  const long = `${'x'.repeat(300)} 1`;
  const testIds = ['a', 'a-b', 'a/b', 'A', 'con', long, 'b'];
  for (const [index, testId] of testIds.entries())
    for (const appVersion of ['1', '2']) {
      const pointer = { ...pointerOf(index * 2 + Number(appVersion)), testId, appVersion };
      await store.writePointer({ testId, appVersion }, pointer, undefined);
    }
  for (const prefix of ['', 'a', 'xxx', 'nothing']) {
    const listed = await listAll(publishedIn(store, { prefix }));
    expect(listed).toEqual(await listAll(publishedIn(store, { prefix, remembered: true })));
    expect(listed).toHaveLength(2 * testIds.filter((testId) => testId.startsWith(prefix)).length);
  }
});

test('the cache is kept within its size: what was used longest ago goes', async () => {
  const root = await tempFolder();
  const cache = new ObjectCache(root, 250_000);
  const bodies = Array.from({ length: 5 }, () => randomBytes(100_000));
  for (const body of bodies) await cache.keepBody(hashOf(body), body);
  await cache.trim();
  expect((await readdir(join(root, 'bodies'), { recursive: true })).filter((name) => name.length > 60)).toHaveLength(2);
});

describe('what is wrong is said with what to do', () => {
  test('a bucket that is not there', async () => {
    const store = s3Store(server.place('x').replace('recordings', 'no-such-bucket'));
    await expect(store.readPointer(key)).rejects.toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringContaining(
        's3://no-such-bucket/x/tests/checkout/4.2.0/current.json: there is no such bucket',
      ) as string,
    });
  });

  test.each([
    ['AWS_SECRET_ACCESS_KEY', 'the secret key is not the right one (SignatureDoesNotMatch)'],
    ['AWS_ACCESS_KEY_ID', 'the server does not know the access key'],
  ])('a wrong %s', async (name, reason) => {
    const before = process.env[name];
    process.env[name] = 'wrong';
    onTestFinished(() => void (process.env[name] = before));
    await expect((await open()).readPointer(key)).rejects.toMatchObject({
      code: 'PROXYCTL_STORE',
      message: expect.stringContaining(reason) as string,
      hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY') as string,
    });
  });

  test.each([
    ['s3://', 'no valid name'],
    ['s3://UP_PER/x', 'no valid name'],
    ['s3://bucket/x?endpoint=ftp://a', 'endpoint'],
    ['s3://bucket/x?regoin=a', 'regoin'],
    ['s3://bucket/../x#y', '#'],
    ['s3://key:secret@bucket/x', 'must not hold credentials'],
  ])('%s as a place', async (place, said) => {
    await expect(openStore(place)).rejects.toMatchObject({
      code: 'PROXYCTL_USAGE',
      message: expect.stringContaining(said) as string,
    });
  });
});

async function open({
  url,
  encryption,
}: { url?: string | undefined; encryption?: Encryption } = {}): Promise<RecordingStore> {
  const cache = new ObjectCache(await tempFolder());
  const store = s3Store(url ?? server.place(randomUUID()), { cache, ...(encryption && { encryption }) });
  onTestFinished(() => store.close());
  return store;
}

async function listAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function hashOf(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function pointerOf(at: number): CurrentPointer {
  const time = new Date(at).toISOString();
  const counts = { entries: 1, bodyBytes: 3, harSha256: hashOf('{"log":{}}') };
  return { formatVersion: 1, ...key, recordingId: newRecordingId(at), recordedAt: time, publishedAt: time, ...counts };
}
