import { isLater, parsePointer, serializePointer } from '../pointer.js';
import type { CurrentPointer } from '../recording-store.js';
import type { S3Bucket } from './s3-bucket.js';

const markerName = 'published.json';

/**
 * Publishing on servers without conditional writes. Each writer first puts a marker beside its recording, then the pointer, then looks at all
 * markers of the key and puts the pointer right if it does not name the latest. Whoever writes the pointer last sees every
 * marker that was put before that, so that the pointer ends at the latest recording whatever the order; in between it may
 * name an older one, never one that is not whole. Wants a server that lists what was just written, as all in the guide do.
 */
export async function writeWithMarkers(
  bucket: S3Bucket,
  keyFolder: string,
  pointerKey: string,
  next: CurrentPointer,
): Promise<void> {
  await bucket.put(`${keyFolder}/${next.recordingId}/${markerName}`, Buffer.from(serializePointer(next)));
  await bucket.put(pointerKey, Buffer.from(serializePointer(next)));
  for (;;) {
    const latest = await latestMarker(bucket, keyFolder);
    const current = await readPointer(bucket, pointerKey);
    if (latest === undefined || (current !== undefined && !isLater(latest, current))) return;
    await bucket.put(pointerKey, Buffer.from(serializePointer(latest)));
  }
}

async function latestMarker(bucket: S3Bucket, keyFolder: string): Promise<CurrentPointer | undefined> {
  let latest: CurrentPointer | undefined;
  for await (const { key } of bucket.list(`${keyFolder}/`)) {
    if (!key.endsWith(`/${markerName}`)) continue;
    const marker = await readPointer(bucket, key);
    if (marker !== undefined && (latest === undefined || isLater(marker, latest))) latest = marker;
  }
  return latest;
}

async function readPointer(bucket: S3Bucket, key: string): Promise<CurrentPointer | undefined> {
  const found = await bucket.read(key);
  return typeof found === 'object' ? parsePointer(found.data, bucket.url(key)).pointer : undefined;
}
