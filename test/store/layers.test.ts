import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CachedObjects } from '../../src/store/objects/cached-objects.js';
import { ObjectCache } from '../../src/store/objects/object-cache.js';
import type { FoundObject, ObjectStore } from '../../src/store/objects/object-store.js';
import { RetryPolicy } from '../../src/store/objects/retry-policy.js';
import { RetryingObjects } from '../../src/store/objects/retrying-objects.js';
import type { StoreOutage } from '../../src/store/outage.js';
import { RecordingStore } from '../../src/store/recording-store.js';
import { startHttpObjectServer } from '../helpers/http-object-server.js';
import { HttpObjects } from '../helpers/http-object-store.js';
import { tempFolder } from '../helpers/temp-folder.js';

const key = 'tests/checkout/4.2.0/current.json';
const body = `bodies/sha256/${'ab'}/${'ab'.repeat(32)}`;
const unreachable = { code: 'PROXYCTL_STORE', data: { unreachable: true } };

describe('an object store that is tried again', () => {
  test('reads on where a body broke off, however often, as long as it gets on', async () => {
    const { objects, faults, asked } = await behindFaults();
    const data = randomBytes(4_000_000);
    await objects.put(key, data);
    faults.breakAfter = 300_000;
    expect((await contentOf(await objects.get(key))).equals(data)).toBe(true);
    const resumed = asked.filter(({ range }) => range !== undefined);
    expect(resumed.length).toBeGreaterThan(6); // more than the tries for one failure
  });

  test('does not read on in another object', async () => {
    const { objects, faults } = await behindFaults();
    await objects.put(key, randomBytes(4_000_000));
    faults.breakAfter = 300_000;
    const found = await objects.get(key);
    faults.onBreak = () => objects.put(key, randomBytes(4_000_000));
    await expect(contentOf(found)).rejects.toMatchObject(unreachable);
  });

  test.each<[string, (objects: ObjectStore) => Promise<unknown>]>([
    ['get', async (objects) => (await contentOf(await objects.get(key))).toString()],
    ['stat', async (objects) => (await objects.stat(key))?.size],
    ['list', async (objects) => (await objects.list('')[Symbol.asyncIterator]().next()).done],
    ['put', (objects) => objects.put(key, Buffer.from('coffee'))],
    ['put of a stream', (objects) => objects.put(key, Readable.from([Buffer.from('coffee')]))],
    ['remove', (objects) => objects.remove(key)],
  ])('%s goes on after connections that were cut', async (name, work) => {
    const { objects, faults, asked } = await behindFaults();
    await objects.put(key, Buffer.from('tea'));
    faults.refuse = 2;
    asked.length = 0;
    const outcome = work(objects);
    if (name === 'put of a stream')
      await expect(outcome).rejects.toMatchObject(unreachable); // it was taken by then
    else await expect(outcome).resolves.toBeDefined();
    expect(asked).toHaveLength(name === 'put of a stream' ? 1 : 3);
  });

  test('gives up after six tries, or three where something else can answer, and says what went wrong', async () => {
    const { objects, faults, asked, retries } = await behindFaults();
    faults.refuse = Infinity;
    await expect(objects.stat(key)).rejects.toMatchObject(unreachable);
    expect(asked).toHaveLength(6);
    await expect(retries.hurried(() => objects.stat(key))).rejects.toMatchObject(unreachable);
    expect(asked).toHaveLength(9);
  });

  test('what the server refuses is not asked for again', async () => {
    const { objects, faults, asked } = await behindFaults();
    faults.status = 403;
    await expect(objects.stat(key)).rejects.toThrow('it answered 403');
    expect(asked).toHaveLength(1);
  });

  test('waits out an outage of a store that has answered, while somebody writes, and tells of it', async () => {
    const { objects, faults, retries } = await behindFaults();
    await objects.put(key, Buffer.from('tea'));
    faults.refuse = 15;
    const told: StoreOutage[] = [];
    const wait = { onOutage: (outage: StoreOutage) => told.push(outage) };
    expect(await retries.throughOutages(wait, () => objects.put(key, Buffer.from('coffee')))).toBe('done');
    expect(told).toMatchObject([{ store: 'the store', limitMs: 60_000 }]);
  });

  test('does not wait out one of a store that never answered', async () => {
    const { objects, faults, asked, retries } = await behindFaults();
    faults.refuse = Infinity;
    await expect(retries.throughOutages({}, () => objects.stat(key))).rejects.toMatchObject(unreachable);
    expect(asked).toHaveLength(6);
  });

  test('a write whose answer was lost is told as lost, and the pointer is the one that was written', async () => {
    const { objects, faults } = await behindFaults();
    faults.loseAnswer = true;
    expect(await objects.put(key, Buffer.from('ours'), { condition: 'absent' })).toBe('lost');
    expect((await contentOf(await objects.get(key))).toString()).toBe('ours');
  });
});

describe('an object store behind a cache', () => {
  const use = { cache: 'checked' } as const;

  test('answers by content without a question, and otherwise with one that fetches nothing twice', async () => {
    const { cached, objects, asked } = await behindCache();
    for (const at of [key, body]) await objects.put(at, Buffer.from('tea'));
    for (const time of [1, 2]) {
      asked.length = 0;
      expect((await contentOf(await cached.get(body, { cache: 'content' }))).toString()).toBe('tea');
      expect((await contentOf(await cached.get(key, use))).toString()).toBe('tea');
      expect(asked.map(({ status }) => status)).toEqual(time === 1 ? [200, 200] : [304]);
    }
    asked.length = 0;
    const version = (await objects.stat(key))?.version;
    expect((await contentOf(await cached.get(key, { ...use, asOf: version }))).toString()).toBe('tea');
    expect(asked).toHaveLength(1); // that of stat
  });

  test('passes by what is not asked for through it', async () => {
    const { cached, objects, asked } = await behindCache();
    await objects.put(key, Buffer.from('tea'));
    for (let time = 0; time < 2; time++) expect((await contentOf(await cached.get(key))).toString()).toBe('tea');
    expect(asked.map(({ status }) => status)).toEqual([204, 200, 200]);
  });

  test('answers for a store that is away with what was seen last, and since when', async () => {
    const { cached, objects, faults } = await behindCache();
    await objects.put(key, Buffer.from('tea'));
    const stale: Date[] = [];
    const onStale = (keptAt: Date): void => void stale.push(keptAt);
    const read = async () => ({
      keys: (await cached.list('tests/', { ...use, onStale }).next()).value?.key,
      text: (await contentOf(await cached.get(key, { ...use, onStale }))).toString(),
    });
    const before = await read();
    expect(stale).toEqual([]);
    faults.refuse = Infinity;
    expect(await read()).toEqual(before);
    expect(stale.length).toBeGreaterThan(0);
    await expect(cached.get(key)).rejects.toMatchObject(unreachable);
    await expect(cached.get('tests/other', use)).rejects.toMatchObject(unreachable);
  });

  test('reads from the store when the cache cannot be written', async () => {
    const root = join(await tempFolder(), 'cache');
    await writeFile(root, 'a file where a folder should be');
    const { cached, objects } = await behindCache(root);
    for (const at of [key, body]) await objects.put(at, Buffer.from('tea'));
    expect((await contentOf(await cached.get(key, use))).toString()).toBe('tea');
    expect((await contentOf(await cached.get(body, { cache: 'content' }))).toString()).toBe('tea');
    expect((await cached.list('tests/', use).next()).value?.key).toBe(key);
    await cached.close();
  });

  test('a body that was damaged in the cache is fetched anew, as is one that is not there any more', async () => {
    const root = await tempFolder();
    const { cached } = await behindCache(root);
    const store = new RecordingStore(cached, { place: 'x', cached: true });
    const tea = Buffer.from('tea');
    const sha256 = createHash('sha256').update(tea).digest('hex');
    await store.putBody(sha256, 3, () => Readable.from([tea]));
    const kept = join(root, 'bodies', sha256.slice(0, 2), sha256);
    const readings = [() => store.readBody(sha256), async () => buffer(await store.openBody(sha256))];
    for (const damage of [() => writeFile(kept, 'tee'), () => writeFile(kept, ''), () => rm(kept)]) {
      for (const read of readings) {
        expect((await read()).equals(tea)).toBe(true);
        await damage();
        expect((await read()).equals(tea)).toBe(true);
      }
    }
    expect(await store.keepBody(sha256)).toBeUndefined();
    await rm(kept);
    expect(await store.keepBody(sha256)).toBe(3);
  });
});

interface Faults {
  /** Requests that are cut before they are answered. */
  refuse: number;
  /** Answers of GET are cut after so many bytes. */
  breakAfter: number;
  onBreak: (() => Promise<unknown>) | undefined;
  /** The next PUT is done, and its answer cut. */
  loseAnswer: boolean;
  /** Answered to all. */
  status: number | undefined;
}

/** An HTTP store behind a front that has faults. */
async function behindFaults() {
  const faults: Faults = { refuse: 0, breakAfter: Infinity, onBreak: undefined, loseAnswer: false, status: undefined };
  const asked: { range: string | undefined; status: number | undefined }[] = [];
  const { port } = new URL(await startHttpObjectServer(await tempFolder()));
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    const entry: (typeof asked)[number] = { range: incoming.headers.range, status: undefined };
    asked.push(entry);
    if (faults.refuse > 0) {
      faults.refuse -= 1;
      incoming.resume();
      incoming.on('end', () => incoming.socket.destroy());
      return;
    }
    if (faults.status !== undefined) return void response.writeHead(faults.status).end();
    const { method, url: path, headers } = incoming;
    const onward = request({ port, host: '127.0.0.1', method, path, headers }, (said) => {
      entry.status = said.statusCode;
      if (method === 'PUT' && faults.loseAnswer) {
        faults.loseAnswer = false;
        return void incoming.socket.destroy();
      }
      response.writeHead(said.statusCode ?? 500, said.headers);
      let sent = 0;
      said.on('data', (chunk: Buffer) => {
        response.write(chunk);
        sent += chunk.length;
        if (method !== 'GET' || sent < faults.breakAfter) return;
        said.destroy();
        void Promise.resolve(faults.onBreak?.()).then(() => response.destroy());
      });
      said.on('end', () => response.end());
    });
    incoming.pipe(onward);
  };
  const front = createServer(pass);
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  onTestFinished(() => {
    front.closeAllConnections();
    front.close();
  });
  const retries = new RetryPolicy({ store: 'the store', delayMs: 1 });
  const inner = new HttpObjects(`http://127.0.0.1:${(front.address() as AddressInfo).port}`);
  return { objects: new RetryingObjects(inner, retries), faults, asked, retries };
}

async function behindCache(root?: string) {
  const faulty = await behindFaults();
  const cache = new ObjectCache(root ?? (await tempFolder()));
  const hurried = <T>(work: () => Promise<T>): Promise<T> => faulty.retries.hurried(work);
  return { ...faulty, cached: new CachedObjects(faulty.objects, cache, hurried) };
}

async function contentOf(found: FoundObject | 'unchanged' | undefined): Promise<Buffer> {
  return typeof found === 'object' ? buffer(found.body) : expect.fail(`it is ${found}`);
}
