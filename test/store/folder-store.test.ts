import { createHash, randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderStore } from '../../src/store/folder-store.js';
import { openStore } from '../../src/store/open-store.js';
import { splitPlace } from '../../src/store/store-place.js';
import { withStoreKey } from '../helpers/store-key.js';
import { storeContract } from '../helpers/store-contract.js';
import { tempFolder } from '../helpers/temp-folder.js';

describe('a folder as a store', () => {
  storeContract({
    open: async () => folderStore(join(await tempFolder(), 'store')),
    reopen: ({ url }) => openStore(url),
    rootOf: ({ url }) => url,
  });
});

describe('an encrypted folder as a store', () => {
  beforeEach(() => withStoreKey());
  storeContract({
    open: async () => openStore(`encrypted:${join(await tempFolder(), 'store')}`),
    reopen: ({ url }) => openStore(url),
    rootOf: ({ url }) => splitPlace(url).rest,
  });
});

test('reading makes nothing, and finds nothing in a store that is not there', async () => {
  const root = join(await tempFolder(), 'not', 'there');
  const store = folderStore(root);
  const key = { testId: 'checkout', appVersion: '4.2.0' };
  expect((await store.testIds()[Symbol.asyncIterator]().next()).done).toBe(true);
  expect(await store.published('checkout')).toEqual([]);
  expect(await store.history(key)).toEqual([]);
  expect(await store.readPointer(key)).toBeUndefined();
  expect(await store.hasBody('a'.repeat(64))).toBe(false);
  await expect(stat(root)).rejects.toThrow('ENOENT');
});

test('a body of the right size with a flipped bit is mended when it is put there again', async () => {
  const root = join(await tempFolder(), 'store');
  const data = randomBytes(10_000);
  const sha256 = createHash('sha256').update(data).digest('hex');
  const put = (): Promise<void> => folderStore(root).putBody(sha256, data.length, () => Readable.from([data]));
  await put();
  const path = join(root, 'bodies', 'sha256', sha256.slice(0, 2), sha256);
  await writeFile(path, data.with(5000, (data[5000] ?? 0) ^ 1));
  await expect(folderStore(root).readBody(sha256)).rejects.toThrow('was altered');
  await put();
  expect((await folderStore(root).readBody(sha256)).equals(data)).toBe(true);
});
