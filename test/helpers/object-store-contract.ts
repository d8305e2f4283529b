import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { ListedObject, ObjectStore } from '../../src/store/objects/object-store.js';

const key = 'tests/checkout/4.2.0/current.json';
/** As segments of keys may be, and some that a careless client or server would take for something else. */
const oddNames = [
  'a b',
  'a%2Fb',
  '100%',
  'x~1a2b3c4d',
  '-',
  'a+b',
  'Größe',
  '中文',
  '🎉',
  'a?b#c',
  "it's",
  'a&b=c',
  '...',
];

/** What every `ObjectStore` has to do. */
export function objectStoreContract(open: () => ObjectStore | Promise<ObjectStore>): void {
  const read = async (store: ObjectStore, at = key): Promise<string | undefined> => {
    const found = await store.get(at);
    return typeof found === 'object' ? (await buffer(found.body)).toString() : found;
  };
  const put = (store: ObjectStore, text: string, at = key) => store.put(at, Buffer.from(text));
  const versionOf = async (store: ObjectStore, at = key): Promise<string> => {
    const found = await store.get(at);
    if (typeof found !== 'object') return expect.fail(`${at} is not there`);
    found.body.destroy();
    return found.version;
  };

  test('what is not there is neither found, listed nor an error', async () => {
    const store = await open();
    expect(await store.get(key)).toBeUndefined();
    expect(await store.stat(key)).toBeUndefined();
    expect(await keysOf(store.list('tests/'))).toEqual([]);
    expect(await keysOf(store.list('tests/', { folders: true }))).toEqual([]);
    expect(await store.remove(key)).toBe(true);
    await store.remove(key, { version: '"1"' }); // some servers cannot tell whether it was there
    expect(await store.remove(key, { unmodifiedSince: new Date() })).toBe(false);
  });

  test('what was put is read, told of, listed, replaced and removed', async () => {
    const store = await open();
    const before = Date.now();
    expect(await store.put(key, Readable.from([Buffer.from('te'), Buffer.from('a')]))).toBe('done');
    expect(await read(store)).toBe('tea');
    const info = await store.stat(key);
    expect(info?.size).toBe(3);
    expect(Math.abs((info?.modifiedAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    expect((await all(store.list('tests/'))).map(({ size }) => size)).toEqual([3]);
    await put(store, 'coffee');
    expect(await read(store)).toBe('coffee');
    expect(await store.remove(key)).toBe(true);
    expect(await store.stat(key)).toBeUndefined();
    expect(await keysOf(store.list('tests/'))).toEqual([]);
  });

  test('an empty object is one', async () => {
    const store = await open();
    await put(store, '');
    expect(await read(store)).toBe('');
    expect((await store.stat(key))?.size).toBe(0);
  });

  describe('a version', () => {
    test('is another after each change, told alike by all that tell it, and answers whether there was one', async () => {
      const store = await open();
      await put(store, 'one');
      const one = await versionOf(store);
      expect(await versionOf(store)).toBe(one);
      expect(await store.get(key, { unless: one })).toBe('unchanged');
      for (const told of [await store.stat(key), ...(await all(store.list('tests/')))])
        expect(told?.version ?? one).toBe(one);
      await put(store, 'two');
      expect(await versionOf(store)).not.toBe(one);
      const found = await store.get(key, { unless: one });
      expect(typeof found === 'object' && (await buffer(found.body)).toString()).toBe('two');
    });

    test('lets a read go on where it broke off, and not in another object', async () => {
      const store = await open();
      for (const size of [10, 3_000_000]) {
        const data = randomBytes(size);
        await store.put(key, data);
        const from = { offset: size - 4, version: await versionOf(store) };
        const found = await store.get(key, { from });
        expect(typeof found === 'object' && (await buffer(found.body)).equals(data.subarray(-4))).toBe(true);
        await store.put(key, randomBytes(size));
        expect(await store.get(key, { from })).toBeUndefined();
      }
    });
  });

  describe('a condition', () => {
    test('that there is no object holds once', async () => {
      const store = await open();
      expect(await store.put(key, Buffer.from('one'), { condition: 'absent' })).toBe('done');
      expect(await store.put(key, Buffer.from('two'), { condition: 'absent' })).toBe('lost');
      expect(await read(store)).toBe('one');
      await store.remove(key);
      expect(await store.put(key, Buffer.from('three'), { condition: 'absent' })).toBe('done');
    });

    test('of a version holds until that was replaced or removed', async () => {
      const store = await open();
      await put(store, 'one');
      const one = { version: await versionOf(store) };
      expect(await store.put(key, Buffer.from('two'), { condition: one })).toBe('done');
      expect(await store.put(key, Buffer.from('three'), { condition: one })).toBe('lost');
      expect(await store.remove(key, one)).toBe(false);
      expect(await read(store)).toBe('two');
      expect(await store.remove(key, { version: await versionOf(store) })).toBe(true);
      expect(await store.put(key, Buffer.from('four'), { condition: one })).toBe('lost');
      expect(await store.stat(key)).toBeUndefined();
    });

    test.each(['absent', 'version'] as const)('is kept by one of many writers at once: %s', async (kind) => {
      const store = await open();
      if (kind === 'version') await put(store, 'before');
      const condition = kind === 'absent' ? kind : { version: await versionOf(store) };
      const writers = Array.from({ length: 12 }, (_, index) => `writer ${index}`);
      const outcomes = await Promise.all(writers.map((text) => store.put(key, Buffer.from(text), { condition })));
      const won = writers.filter((_, index) => outcomes[index] === 'done');
      expect(won).toHaveLength(1);
      expect(new Set(outcomes)).toEqual(new Set(['done', 'lost']));
      expect(await read(store)).toBe(won[0]);
    });

    test('loses no change of many writers that read before they write', async () => {
      const store = await open();
      await put(store, '0');
      const add = async (): Promise<void> => {
        for (;;) {
          const found = await store.get(key);
          if (typeof found !== 'object') return expect.fail('it is gone');
          const next = Buffer.from(String(Number(await buffer(found.body)) + 1));
          if ((await store.put(key, next, { condition: { version: found.version } })) === 'done') return;
        }
      };
      await Promise.all(Array.from({ length: 6 }, add));
      expect(await read(store)).toBe('6');
    });
  });

  describe('a removal', () => {
    test('leaves what is younger than was said, and what was put meanwhile', async () => {
      const store = await open();
      await put(store, 'young');
      expect(await store.remove(key, { unmodifiedSince: new Date(Date.now() - 60_000) })).toBe(false);
      expect(await read(store)).toBe('young');
      expect(await store.remove(key, { unmodifiedSince: new Date(Date.now() + 60_000) })).toBe(true);
      expect(await store.stat(key)).toBeUndefined();
    });

    test('leaves the objects beside it', async () => {
      const store = await open();
      for (const at of ['tests/a/1/x', 'tests/a/2/x', 'tests/a-b/1/x']) await put(store, 'tea', at);
      await store.remove('tests/a/1/x');
      expect(await keysOf(store.list('tests/'))).toEqual(['tests/a-b/1/x', 'tests/a/2/x']);
    });
  });

  describe('a listing', () => {
    test.each(oddNames)('has %j as it was put, as an object and as a folder', async (name) => {
      const store = await open();
      await put(store, 'tea', `tests/${name}/${name}`);
      expect(await keysOf(store.list('tests/'))).toEqual([`tests/${name}/${name}`]);
      expect(await keysOf(store.list('tests/', { folders: true }))).toEqual([`tests/${name}/`]);
      expect(await keysOf(store.list(`tests/${name}/`))).toEqual([`tests/${name}/${name}`]);
      expect(await read(store, `tests/${name}/${name}`)).toBe('tea');
      await store.remove(`tests/${name}/${name}`);
      expect(await keysOf(store.list(''))).toEqual([]);
    });

    test('is narrowed by any beginning of a key, and shows each folder once and no object among them', async () => {
      const store = await open();
      const keys = ['tests/ab/1/x', 'tests/ab/2/x', 'tests/abc/1/x', 'tests/b/1/x', 'tests/file', 'bodies/ab'];
      for (const at of keys) await put(store, 'tea', at);
      expect(await keysOf(store.list('tests/ab'))).toEqual(['tests/ab/1/x', 'tests/ab/2/x', 'tests/abc/1/x']);
      expect(await keysOf(store.list('tests/ab', { folders: true }))).toEqual(['tests/ab/', 'tests/abc/']);
      expect(await keysOf(store.list('tests/', { folders: true }))).toEqual(['tests/ab/', 'tests/abc/', 'tests/b/']);
      expect(await keysOf(store.list('tests/ab/'))).toEqual(['tests/ab/1/x', 'tests/ab/2/x']);
      expect(await keysOf(store.list('tests/nothing'))).toEqual([]);
    });

    test('of more than a page is whole, and has what is in one folder together', async () => {
      const store = await open();
      const keys = Array.from({ length: 1_100 }, (_, index) => `tests/${String(index % 11).padStart(2, '0')}/${index}`);
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(keys.slice(at, at + 50).map((each) => put(store, '', each)));
      const listed = (await all(store.list('tests/'))).map((object) => object.key);
      expect([...listed].sort()).toEqual([...keys].sort());
      const folders = listed.map((each) => each.slice(0, 'tests/00'.length));
      expect(folders.filter((folder, index) => folder !== folders[index - 1])).toHaveLength(11);
    }, 60_000);
  });

  describe('a stream', () => {
    test.each([0, 1_000, 20_000_000])(
      'that breaks off after %i bytes leaves nothing, or what was there',
      async (size) => {
        const store = await open();
        const broken = async function* (): AsyncGenerator<Buffer, void, undefined> {
          for (let sent = 0; sent < size; sent += 1_000_000) yield Buffer.alloc(Math.min(size, 1_000_000));
          throw await Promise.resolve(new Error('the journal is gone'));
        };
        await expect(store.put(key, broken())).rejects.toThrow('the journal is gone');
        expect(await store.stat(key)).toBeUndefined();
        expect(await keysOf(store.list(''))).toEqual([]);
        await put(store, 'before');
        await expect(store.put(key, broken())).rejects.toThrow('the journal is gone');
        expect(await read(store)).toBe('before');
        expect(await keysOf(store.list(''))).toEqual([key]);
      },
    );

    test.each([undefined, 20_000_000])(
      'of many megabytes comes back as it was, with its size said: %s',
      async (size) => {
        const store = await open();
        const data = randomBytes(20_000_000);
        const chunks = Array.from({ length: 20 }, (_, at) => data.subarray(at * 1_000_000, (at + 1) * 1_000_000));
        expect(await store.put(key, Readable.from(chunks), size === undefined ? {} : { size })).toBe('done');
        expect((await store.stat(key))?.size).toBe(data.length);
        const found = await store.get(key);
        expect(typeof found === 'object' && (await buffer(found.body)).equals(data)).toBe(true);
      },
    );

    test('that nobody reads to its end disturbs nothing', async () => {
      const store = await open();
      await store.put(key, randomBytes(3_000_000));
      for (let time = 0; time < 40; time++) {
        const found = await store.get(key);
        if (typeof found !== 'object') return expect.fail('it is gone');
        if (time % 2 === 0) for await (const _ of found.body) break;
        found.body.destroy();
      }
      expect((await store.stat(key))?.size).toBe(3_000_000);
    });
  });

  test('what an object represents is told as it was said, or not at all', async () => {
    const store = await open();
    await store.put(key, Buffer.from('tea'), { represents: 300 });
    expect((await store.stat(key))?.represents ?? 300).toBe(300);
  });

  test('an object that is touched is there and young, or as old as it was', async () => {
    const store = await open();
    expect(await store.stat(key, { touch: true })).toBeUndefined();
    await put(store, 'tea');
    expect((await store.stat(key, { touch: true }))?.size).toBe(3);
    expect(await read(store)).toBe('tea');
  });
}

async function all(objects: AsyncIterable<ListedObject>): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  for await (const object of objects) found.push(object);
  return found;
}

async function keysOf(objects: AsyncIterable<ListedObject>): Promise<string[]> {
  return (await all(objects)).map(({ key: each }) => each).sort();
}
