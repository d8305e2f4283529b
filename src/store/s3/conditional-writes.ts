import { randomUUID } from 'node:crypto';
import { ProxyctlError } from '../../errors/index.js';
import type { ObjectStore, PutOptions, PutOutcome } from '../objects/object-store.js';
import type { S3Place } from './s3-place.js';

interface Bucket extends Pick<ObjectStore, 'remove'> {
  putWhole(key: string, data: Buffer, options: PutOptions): Promise<PutOutcome>;
}

/** What was found out in this process, by endpoint and bucket. */
const known = new Map<string, Promise<boolean>>();

/**
 * Whether a server honours `If-None-Match` and `If-Match` of PUT. Some refuse them, and some ignore them, which nobody
 * would notice: so it is tried with an object of our own, once per process and bucket.
 */
export function honoursConditions({ endpoint = '', bucket: name }: S3Place, bucket: Bucket): Promise<boolean> {
  const key = `${endpoint} ${name}`;
  const found = known.get(key) ?? probe(bucket);
  known.set(key, found);
  found.catch(() => known.delete(key)); // a failed connection says nothing
  return found;
}

async function probe(bucket: Bucket): Promise<boolean> {
  const key = `.proxyctl/probe-${randomUUID()}`;
  const data = Buffer.from('Does this server honour conditional writes?\n');
  const other = { version: '"00000000000000000000000000000000"' };
  try {
    if ((await bucket.putWhole(key, data, { condition: 'absent' })) === 'lost') return false;
    if ((await bucket.putWhole(key, data, { condition: 'absent' })) !== 'lost') return false;
    return (await bucket.putWhole(key, data, { condition: other })) === 'lost';
  } catch (error) {
    const status = error instanceof ProxyctlError ? error.data.httpStatus : undefined;
    if (status === 501 || status === 400) return false;
    throw error;
  } finally {
    await bucket.remove(key).catch(() => undefined); // some bytes stay: they disturb nothing
  }
}
