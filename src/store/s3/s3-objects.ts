import { Readable } from 'node:stream';
import type { ListObjectsV2CommandOutput, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { BoundedTasks } from '../../core/bounded-tasks.js';
import {
  chunksOf,
  type Condition,
  type FoundObject,
  type GetOptions,
  type ListedObject,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type PutOutcome,
  type RemoveOptions,
  type Source,
} from '../objects/object-store.js';
import type { RetryPolicy } from '../objects/retry-policy.js';
import { honoursConditions } from './conditional-writes.js';
import { makeS3Client, silenceLimitMs } from './s3-client.js';
import { isMissing, s3Error, statusOf } from './s3-error.js';
import { type S3Place, s3Url } from './s3-place.js';
import { S3Retries } from './s3-retries.js';
import { s3Sdk, s3Uploads } from './s3-sdk.js';

/** Larger objects go up in parts of this size; S3 wants 5 MiB at least, and 10,000 parts at most. */
const partBytes = 8 * 1024 * 1024;
const maxParts = 9_000;
/** Parts of one upload on their way at once: with `partBytes`, what an upload holds in memory. */
const partsAtOnce = 2;
/** Uploads in parts at once. */
const uploadsAtOnce = 2;

/** Metadata of an object: what it represents. */
const representsName = 'proxyctl-bytes';

/**
 * The objects of one bucket of any server that speaks S3, under the place's prefix. Each request is tried again as a
 * policy says.
 */
export class S3Objects implements ObjectStore {
  readonly flatListing = true;
  readonly #retries: S3Retries;
  readonly #uploads = new BoundedTasks(uploadsAtOnce);
  readonly #encryption: Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>;
  #made: S3Client | undefined;

  constructor(
    readonly place: S3Place,
    policy: RetryPolicy,
  ) {
    this.#encryption = { ServerSideEncryption: place.sse, SSEKMSKeyId: place.sseKmsKeyId };
    this.#retries = new S3Retries(policy, () => this.#client.config.maxAttempts());
  }

  async get(key: string, { unless, from }: GetOptions = {}): Promise<FoundObject | 'unchanged' | undefined> {
    const { GetObjectCommand } = s3Sdk();
    const resumed = from && { Range: `bytes=${from.offset}-`, IfMatch: from.version };
    try {
      const { Body, ETag, ContentLength } = await this.#client.send(
        new GetObjectCommand({ ...this.#at(key), ...resumed, IfNoneMatch: unless }),
      );
      const body = this.#audible(key, Body as Readable); // what it is in Node
      return { body, version: ETag ?? '', size: ContentLength };
    } catch (error) {
      const status = statusOf(error);
      if (unless !== undefined && status === 304) return 'unchanged';
      if (isMissing(error) || (from !== undefined && (status === 412 || status === 416))) return undefined;
      throw s3Error('read', this.url(key), error);
    }
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    const { HeadObjectCommand } = s3Sdk();
    try {
      const found = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      const { ContentLength: size = 0, LastModified: modifiedAt = new Date(0), ETag: version, Metadata } = found;
      const represents = Metadata?.[representsName];
      return { size, modifiedAt, version, represents: represents === undefined ? undefined : Number(represents) };
    } catch (error) {
      // HEAD answers without a body, so a bucket that is not there looks like an object that is not.
      if (isMissing(error)) return undefined;
      throw s3Error('read', this.url(key), await this.#explained(key, error));
    }
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<PutOutcome> {
    const { condition, size = 0 } = options;
    if (condition !== undefined && !(await honoursConditions(this.place, this))) return 'unsupported';
    if (size > partBytes && condition === undefined) return this.#putInParts(key, source, options);
    const { head, rest } = await headOf(source);
    if (rest === undefined) return this.putWhole(key, head, options);
    if (condition === undefined) return this.#putInParts(key, joined(head, rest), options);
    await rest.return(undefined);
    throw s3Error('write', this.url(key), new Error('an object of several parts is not written on a condition'));
  }

  /** With one request, whatever is known of the server's conditions. */
  async putWhole(key: string, Body: Buffer, options: PutOptions = {}): Promise<PutOutcome> {
    const { condition, represents, onVersion } = options;
    const { PutObjectCommand } = s3Sdk();
    const params = { ...this.#at(key), ...this.#encryption, ...metadataOf(represents), Body };
    try {
      const { ETag } = await this.#client.send(new PutObjectCommand({ ...params, ...headersOf(condition) }));
      onVersion?.(ETag ?? '');
      return 'done';
    } catch (error) {
      if (condition !== undefined && isUnmet(error, condition)) return 'lost';
      throw s3Error('write', this.url(key), error);
    }
  }

  async remove(key: string, { version, unmodifiedSince }: RemoveOptions = {}): Promise<boolean> {
    const { DeleteObjectCommand } = s3Sdk();
    if (unmodifiedSince !== undefined) {
      const there = await this.stat(key);
      if (there === undefined || there.modifiedAt > unmodifiedSince) return false;
    }
    try {
      await this.#client.send(new DeleteObjectCommand({ ...this.#at(key), IfMatch: version }));
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (version !== undefined && status === 412) return false;
      if (version !== undefined && (status === 501 || status === 400)) return this.remove(key);
      if (isMissing(error)) return version === undefined;
      throw s3Error('remove', this.url(key), error);
    }
  }

  /** A page of 1,000 at a time. */
  async *list(prefix: string, { folders = false }: ListOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    const cut = this.place.prefix.length;
    for await (const { Contents = [], CommonPrefixes = [] } of this.#pages(prefix, folders ? '/' : undefined)) {
      if (folders) {
        for (const { Prefix = '' } of CommonPrefixes)
          yield { key: Prefix.slice(cut), size: 0, modifiedAt: new Date(0) };
        continue;
      }
      for (const { Key = '', Size: size = 0, LastModified: modifiedAt = new Date(0), ETag: version } of Contents)
        yield { key: Key.slice(cut), size, modifiedAt, version };
    }
  }

  url(key: string): string {
    return s3Url(this.place, this.#key(key));
  }

  close(): Promise<void> {
    this.#made?.destroy();
    return Promise.resolve();
  }

  /** Made when it is first needed: what is answered from a cache loads no SDK. */
  get #client(): S3Client {
    return (this.#made ??= makeS3Client(this.place, this.#retries));
  }

  async #putInParts(key: string, source: Source, options: PutOptions): Promise<PutOutcome> {
    let sent: Promise<void> | undefined;
    await this.#uploads.run(() => {
      sent = this.#upload(key, Readable.from(chunksOf(source), { objectMode: false }), options);
      return sent.catch(() => undefined); // thrown below, to the one whom it concerns
    });
    await sent;
    return 'done';
  }

  async #upload(key: string, body: Readable, { size = 0, represents, onVersion }: PutOptions): Promise<void> {
    const upload = new (s3Uploads().Upload)({
      client: this.#client,
      params: { ...this.#at(key), ...this.#encryption, ...metadataOf(represents), Body: body },
      partSize: Math.max(partBytes, Math.ceil(size / maxParts)),
      queueSize: partsAtOnce,
      // Or a server that does not answer that either would hide what went wrong first.
      leavePartsOnError: true,
    });
    try {
      const { ETag } = await upload.done();
      onVersion?.(ETag ?? '');
    } catch (error) {
      body.destroy();
      await this.#dropParts(key, upload.uploadId);
      throw s3Error('write', this.url(key), error);
    }
    // A server that puts parts together for long may say that it has before it does, and be ended meanwhile.
    if (upload.uploadId !== undefined && (await this.stat(key)) === undefined)
      throw s3Error('write', this.url(key), new Error('it took all parts of the upload, and has no such object'));
  }

  /**
   * Of an upload that failed. Those that stay where this fails too are no object, and a bucket's rule for incomplete
   * uploads removes them.
   */
  async #dropParts(key: string, UploadId: string | undefined): Promise<void> {
    if (UploadId === undefined) return;
    const { AbortMultipartUploadCommand } = s3Sdk();
    await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId })).catch(() => undefined);
  }

  /** The next page is asked for before one is handed on. */
  async *#pages(prefix: string, delimiter?: string) {
    const { ListObjectsV2Command } = s3Sdk();
    const where = { Bucket: this.place.bucket, Prefix: this.#key(prefix), Delimiter: delimiter };
    const ask = (token?: string) =>
      this.#client.send(new ListObjectsV2Command({ ...where, ContinuationToken: token })).catch((error: unknown) => {
        throw s3Error('read', this.url(prefix), error);
      });
    let coming: ReturnType<typeof ask> | undefined = ask();
    while (coming !== undefined) {
      const page: ListObjectsV2CommandOutput = await coming;
      coming = page.IsTruncated === true ? ask(page.NextContinuationToken) : undefined;
      coming?.catch(() => undefined); // thrown when its turn comes, if it does
      yield page;
    }
  }

  /** HEAD answers with a status alone; GET says what it means. */
  async #explained(key: string, error: unknown): Promise<unknown> {
    if (statusOf(error) === undefined || (statusOf(error) ?? 0) >= 500) return error;
    try {
      const found = await this.get(key);
      if (typeof found === 'object') found.body.destroy();
      return error;
    } catch (explained) {
      return explained;
    }
  }

  /** The bytes of `source`; one that sends nothing for too long ends with an error, which says where. */
  #audible(key: string, source: Readable): Readable {
    const body = Readable.from(
      heard(source, (error) => s3Error('read', this.url(key), error)),
      { objectMode: false },
    );
    return body.once('close', () => source.destroy());
  }

  #at(key: string) {
    return { Bucket: this.place.bucket, Key: this.#key(key) };
  }

  #key(key: string): string {
    return this.place.prefix + key;
  }
}

function metadataOf(represents: number | undefined): Pick<PutObjectCommandInput, 'Metadata'> {
  return represents === undefined ? {} : { Metadata: { [representsName]: String(represents) } };
}

function headersOf(condition: Condition | undefined): Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> {
  if (condition === undefined) return {};
  return condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.version };
}

/** 409: another conditional write of the same key is under way. 404: the object to be matched is gone. */
function isUnmet(error: unknown, condition: Condition): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || (condition !== 'absent' && isMissing(error));
}

/** All of what fits into one part; else what was read of it, and the rest. */
async function headOf(source: Source): Promise<{ head: Buffer; rest?: AsyncGenerator<Buffer, void, undefined> }> {
  if (Buffer.isBuffer(source) && source.length <= partBytes) return { head: source };
  const chunks: Buffer[] = [];
  let length = 0;
  const rest = chunksOf(source);
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return { head: Buffer.concat(chunks) };
    chunks.push(next.value);
    length += next.value.length;
    if (length > partBytes) return { head: Buffer.concat(chunks), rest };
  }
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield head;
  yield* rest;
}

async function* heard(source: Readable, failure: (error: unknown) => Error): AsyncGenerator<Buffer, void, undefined> {
  const arm = (): NodeJS.Timeout => setTimeout(() => source.destroy(silent()), silenceLimitMs);
  let timer = arm();
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      clearTimeout(timer); // whoever reads may take their time
      yield chunk;
      timer = arm();
    }
  } catch (error) {
    throw failure(error);
  } finally {
    clearTimeout(timer);
  }
}

function silent(): Error {
  return Object.assign(new Error('It sent nothing for too long'), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}
