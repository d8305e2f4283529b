import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished } from 'vitest';
import { encryptionWith } from '../../src/store/encryption/with-keys.js';
import { keysFromEnvironment } from '../../src/store/encryption/store-keys.js';
import { CachedObjects } from '../../src/store/objects/cached-objects.js';
import { FolderObjects } from '../../src/store/objects/folder-objects.js';
import { ObjectCache } from '../../src/store/objects/object-cache.js';
import type { ObjectStore } from '../../src/store/objects/object-store.js';
import { RetryPolicy } from '../../src/store/objects/retry-policy.js';
import { RetryingObjects } from '../../src/store/objects/retrying-objects.js';
import { RecordingStore, type RecordingStoreOptions } from '../../src/store/recording-store.js';
import { S3Objects } from '../../src/store/s3/s3-objects.js';
import { parseS3Place } from '../../src/store/s3/s3-place.js';
import { startHttpObjectServer } from '../helpers/http-object-server.js';
import { HttpObjects } from '../helpers/http-object-store.js';
import { objectStoreContract } from '../helpers/object-store-contract.js';
import { type S3Server, startS3Server } from '../helpers/s3-server.js';
import { storeContract } from '../helpers/store-contract.js';
import { withStoreKey } from '../helpers/store-key.js';
import { tempFolder } from '../helpers/temp-folder.js';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(() => server.close());

const quickly = () => new RetryPolicy({ store: 'the store', delayMs: 1 });

async function folder(): Promise<FolderObjects> {
  return new FolderObjects(join(await tempFolder(), 'store'));
}

function bucket(port?: number): S3Objects {
  const objects = new S3Objects(parseS3Place(server.place(randomUUID(), port)), quickly());
  onTestFinished(() => objects.close());
  return objects;
}

async function http(): Promise<HttpObjects> {
  return new HttpObjects(await startHttpObjectServer(await tempFolder()));
}

async function cached(inner: ObjectStore): Promise<CachedObjects> {
  return new CachedObjects(inner, new ObjectCache(await tempFolder()));
}

describe('a folder', () => objectStoreContract(folder));
describe('a bucket', () => objectStoreContract(() => bucket()));
describe('a plain HTTP server', () => objectStoreContract(http));
describe('a folder behind a cache', () => objectStoreContract(async () => cached(await folder())));
describe('a bucket that is tried again, behind a cache', () =>
  objectStoreContract(() => cached(new RetryingObjects(bucket(), quickly()))));
describe('a plain HTTP server that is tried again', () =>
  objectStoreContract(async () => new RetryingObjects(await http(), quickly())));

describe('recordings on a plain HTTP server', () => {
  recordingsOverHttp((place, objects) => new RecordingStore(objects, { place }));
});

describe('encrypted recordings on a plain HTTP server', () => {
  beforeEach(() => withStoreKey());
  recordingsOverHttp((place, objects) => {
    return new RecordingStore(objects, { place, encryption: encryptionWith(keysFromEnvironment(place)) });
  });
});

describe('recordings on a plain HTTP server that is tried again, behind a cache', () => {
  recordingsOverHttp(async (place, objects) => {
    const retries = quickly();
    const options: RecordingStoreOptions = { place, cached: true, retries };
    return new RecordingStore(await cached(new RetryingObjects(objects, retries)), options);
  });
});

function recordingsOverHttp(over: (place: string, objects: HttpObjects) => RecordingStore | Promise<RecordingStore>) {
  const roots = new Map<string, string>();
  const placeOf = ({ url }: RecordingStore): string => url.replace('encrypted:', '');
  storeContract({
    open: async () => {
      const root = await tempFolder();
      const place = await startHttpObjectServer(root);
      roots.set(place, root);
      return over(place, new HttpObjects(place));
    },
    reopen: async (store) => over(placeOf(store), new HttpObjects(placeOf(store))),
    rootOf: (store) => roots.get(placeOf(store)) ?? expect.fail('another store'),
  });
}
