import { randomUUID } from 'node:crypto';
import { ProxyctlError } from '../../errors/index.js';
import type { S3Bucket } from './s3-bucket.js';

/** What was found out in this process, by endpoint and bucket. */
const known = new Map<string, Promise<boolean>>();

/**
 * Whether a server honours `If-None-Match` and `If-Match` of PUT. Some refuse them, and some ignore them, which nobody
 * would notice: so it is tried with an object of our own, once per process and bucket.
 */
export function honoursConditions(bucket: S3Bucket): Promise<boolean> {
  const { endpoint = '', bucket: name } = bucket.place;
  const key = `${endpoint} ${name}`;
  const found = known.get(key) ?? probe(bucket);
  known.set(key, found);
  found.catch(() => known.delete(key)); // a failed connection says nothing
  return found;
}

async function probe(bucket: S3Bucket): Promise<boolean> {
  const key = `.proxyctl/probe-${randomUUID()}`;
  const data = Buffer.from('Does this server honour conditional writes?\n');
  try {
    if ((await bucket.put(key, data, { condition: { ifAbsent: true } })) === undefined) return false;
    if ((await bucket.put(key, data, { condition: { ifAbsent: true } })) !== undefined) return false;
    return (
      (await bucket.put(key, data, { condition: { ifMatch: '"00000000000000000000000000000000"' } })) === undefined
    );
  } catch (error) {
    const status = error instanceof ProxyctlError ? error.data.httpStatus : undefined;
    if (status === 501 || status === 400) return false;
    throw error;
  } finally {
    await bucket.remove(key).catch(() => undefined); // some bytes stay: they disturb nothing
  }
}
