import { join } from 'node:path';
import { proxyctlHome } from '../../config/paths.js';
import { type Encryption, inTheClear } from '../encryption/encryption.js';
import { CachedObjects } from '../objects/cached-objects.js';
import { ObjectCache } from '../objects/object-cache.js';
import { RetryPolicy } from '../objects/retry-policy.js';
import { RetryingObjects } from '../objects/retrying-objects.js';
import { RecordingStore } from '../recording-store.js';
import { S3Objects } from './s3-objects.js';
import { parseS3Place } from './s3-place.js';

interface S3StoreOptions {
  /** Default: in the cache folder of this home. */
  cache?: ObjectCache;
  /** Default: in the clear. */
  encryption?: Encryption;
}

/**
 * Recordings in a bucket of any server that speaks S3. What is read is kept in a local cache, so that a replay of what
 * was replayed before works without the server.
 */
export function s3Store(url: string, { cache, encryption = inTheClear }: S3StoreOptions = {}): RecordingStore {
  const place = parseS3Place(url);
  const { retryDelayMs: delayMs, retryForMs: limitMs } = place;
  const retries = new RetryPolicy({ store: encryption.prefix + url, delayMs, limitMs });
  const kept = cache ?? new ObjectCache(join(proxyctlHome().cacheDir, 'store'));
  const objects = new CachedObjects(new RetryingObjects(new S3Objects(place, retries), retries), kept, (work) =>
    retries.hurried(work),
  );
  return new RecordingStore(objects, { place: url, encryption, cached: true, retries });
}
