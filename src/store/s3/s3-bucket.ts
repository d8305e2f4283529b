import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListObjectsV2CommandOutput, PutObjectCommandInput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { environment } from '../../config/environment.js';
import { PatientRetries } from './patient-retries.js';
import { isMissing, isUnreachable, s3Error, statusOf } from './s3-error.js';
import { type S3Place, s3Url } from './s3-place.js';
import { s3Sdk, s3Uploads } from './s3-sdk.js';

/** Larger objects go up in parts of this size; S3 wants 5 MiB at least, and 10,000 parts at most. */
export const partBytes = 8 * 1024 * 1024;
const maxParts = 9_000;
/** Parts of one upload on their way at once: with `partBytes`, what an upload holds in memory. */
const partsAtOnce = 2;

/** A connection without a byte for so long is given up, and tried again by the SDK. */
const silenceLimitMs = 30_000;
const connectLimitMs = 5_000;
/** Whole reads that break off in the middle are begun anew so often, besides the SDK's own attempts for each request. */
const readAttempts = 3;

export interface Listed {
  key: string;
  size: number;
  modifiedAt: Date;
  /** '' where the server says none. */
  etag: string;
}

/** What a conditional write is bound to: the object's ETag, or that there is none. */
export type Condition = { ifMatch: string } | { ifAbsent: true };

/** Metadata of an object: the bytes that it stands for, where it has fewer. */
const bytesName = 'proxyctl-bytes';

/**
 * The objects of one bucket: the only importer of the AWS SDK. Keys are given without the place's prefix. Throws `PROXYCTL_STORE`, with the URL, the
 * reason and what to do; what is not there is `undefined`.
 */
export class S3Bucket {
  /** Of each request. */
  readonly retries: PatientRetries = new PatientRetries(() => this.#client.config.maxAttempts());
  #made: S3Client | undefined;
  readonly #encryption: Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>;

  constructor(readonly place: S3Place) {
    this.#encryption = { ServerSideEncryption: place.sse, SSEKMSKeyId: place.sseKmsKeyId };
  }

  /** Made when it is first needed: what is answered from a cache loads no SDK. */
  get #client(): S3Client {
    return (this.#made ??= makeClient(this.place, this.retries));
  }

  url(key: string): string {
    return s3Url(this.place, this.#key(key));
  }

  /** A whole object. `knownEtag`: answers `'unchanged'` when the object still has that one. */
  async read(key: string, knownEtag?: string): Promise<{ data: Buffer; etag: string } | 'unchanged' | undefined> {
    return this.#reading(key, async () => {
      const found = await this.#get(key, knownEtag);
      return typeof found === 'object' ? { data: await buffer(found.body), etag: found.etag } : found;
    });
  }

  /** Hands an object's bytes to `take`; again from the start when they break off. */
  async stream<T>(
    key: string,
    knownEtag: string | undefined,
    take: (body: Readable, etag: string) => Promise<T>,
  ): Promise<T | 'unchanged' | undefined> {
    return this.#reading(key, async () => {
      const found = await this.#get(key, knownEtag);
      return typeof found === 'object' ? take(found.body, found.etag) : found;
    });
  }

  /** `bytes`: those that it was written to stand for. */
  async stat(key: string): Promise<(Pick<Listed, 'size' | 'modifiedAt'> & { bytes?: number }) | undefined> {
    const { HeadObjectCommand } = s3Sdk();
    try {
      const { ContentLength, LastModified, Metadata } = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      const bytes = Metadata?.[bytesName];
      return {
        size: ContentLength ?? 0,
        modifiedAt: LastModified ?? new Date(0),
        ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
      };
    } catch (error) {
      // HEAD answers without a body, so a bucket that is not there looks like an object that is not.
      if (isMissing(error)) return undefined;
      throw s3Error('read', this.url(key), await this.#explained(key, error));
    }
  }

  /** The new ETag; undefined when the condition did not hold. */
  async put(
    key: string,
    data: Buffer,
    { condition, bytes }: { condition?: Condition; bytes?: number } = {},
  ): Promise<string | undefined> {
    const { PutObjectCommand } = s3Sdk();
    const conditions =
      condition === undefined ? {} : 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: '*' };
    try {
      const { ETag } = await this.#client.send(
        new PutObjectCommand({
          ...this.#at(key),
          ...this.#encryption,
          ...conditions,
          ...metadataOf(bytes),
          Body: data,
        }),
      );
      return ETag ?? '';
    } catch (error) {
      if (condition !== undefined && isUnmet(error, condition)) return undefined;
      throw s3Error('write', this.url(key), error);
    }
  }

  /** An object of any size, in parts where it is large; nothing is there when `body` fails. `size`: at most, where it is known. */
  async upload(
    key: string,
    body: Readable,
    { size = 0, bytes }: { size?: number; bytes?: number } = {},
  ): Promise<void> {
    const upload = new (s3Uploads().Upload)({
      client: this.#client,
      params: { ...this.#at(key), ...this.#encryption, ...metadataOf(bytes), Body: body },
      partSize: Math.max(partBytes, Math.ceil(size / maxParts)),
      queueSize: partsAtOnce,
      // Or a server that does not answer that either would hide what went wrong first.
      leavePartsOnError: true,
    });
    try {
      await upload.done();
    } catch (error) {
      body.destroy();
      await this.#dropParts(key, upload.uploadId);
      throw s3Error('write', this.url(key), error);
    }
    // A server that puts parts together for long may say that it has before it does, and be ended meanwhile.
    if (upload.uploadId !== undefined && (await this.stat(key)) === undefined)
      throw s3Error('write', this.url(key), new Error('it took all parts of the upload, and has no such object'));
  }

  /** Objects under a prefix, by name, a page at a time. */
  async *list(prefix: string): AsyncGenerator<Listed, void, undefined> {
    for await (const { Contents = [] } of this.#pages(prefix)) {
      for (const { Key = '', Size = 0, LastModified = new Date(0), ETag = '' } of Contents) {
        yield { key: Key.slice(this.place.prefix.length), size: Size, modifiedAt: LastModified, etag: ETag };
      }
    }
  }

  /** The names between a prefix and the next `/`, by name. */
  async *folders(folder: string, begin = ''): AsyncGenerator<string, void, undefined> {
    for await (const { CommonPrefixes = [] } of this.#pages(folder + begin, '/')) {
      for (const { Prefix = '' } of CommonPrefixes) {
        yield Prefix.slice(this.place.prefix.length + folder.length).replace(/\/$/, '');
      }
    }
  }

  /** False: the object is another by now. Servers that do not know the condition remove it all the same. */
  async remove(key: string, ifMatch?: string): Promise<boolean> {
    const { DeleteObjectCommand } = s3Sdk();
    try {
      await this.#client.send(new DeleteObjectCommand({ ...this.#at(key), IfMatch: ifMatch }));
      return true;
    } catch (error) {
      if (ifMatch !== undefined && statusOf(error) === 412) return false;
      if (ifMatch !== undefined && (statusOf(error) === 501 || statusOf(error) === 400)) return this.remove(key);
      if (isMissing(error)) return true;
      throw s3Error('remove', this.url(key), error);
    }
  }

  close(): void {
    this.#made?.destroy();
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

  async #get(key: string, knownEtag: string | undefined) {
    const { GetObjectCommand } = s3Sdk();
    try {
      const { Body, ETag } = await this.#client.send(
        new GetObjectCommand({ ...this.#at(key), IfNoneMatch: knownEtag }),
      );
      const body = Readable.from(audible(Body as Readable), { objectMode: false }); // what it is in Node
      return { body, etag: ETag ?? '' };
    } catch (error) {
      if (statusOf(error) === 304) return 'unchanged';
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Of an upload that failed. Those that stay where this fails too are no object, and a bucket's rule for incomplete uploads removes them. */
  async #dropParts(key: string, UploadId: string | undefined): Promise<void> {
    if (UploadId === undefined) return;
    const { AbortMultipartUploadCommand } = s3Sdk();
    await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId })).catch(() => undefined);
  }

  /** HEAD answers with a status alone; GET says what it means. */
  async #explained(key: string, error: unknown): Promise<unknown> {
    if (statusOf(error) === undefined || (statusOf(error) ?? 0) >= 500) return error;
    try {
      const found = await this.#get(key, undefined);
      if (typeof found === 'object') found.body.destroy();
      return error;
    } catch (explained) {
      return explained;
    }
  }

  async #reading<T>(key: string, attempt: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await attempt();
      } catch (error) {
        const { gaveUp, hurried, patience } = this.retries;
        const passing = isUnreachable(error) && statusOf(error) === undefined;
        if (!passing || tried === (hurried ? 2 : readAttempts) || gaveUp || patience?.signal?.aborted === true) {
          throw s3Error('read', this.url(key), error);
        }
        await delay(100 * 2 ** tried);
      }
    }
  }

  #at(key: string) {
    return { Bucket: this.place.bucket, Key: this.#key(key) };
  }

  #key(key: string): string {
    return this.place.prefix + key;
  }
}

function makeClient({ endpoint, region, pathStyle, profile }: S3Place, retryStrategy: PatientRetries): S3Client {
  const custom = endpoint ?? environment.get('AWS_ENDPOINT_URL_S3') ?? environment.get('AWS_ENDPOINT_URL');
  const { S3Client } = s3Sdk();
  const config: S3ClientConfig = {
    endpoint,
    profile,
    // Servers other than AWS's have one region, or none; the SDK insists on a name.
    region: region ?? (custom !== undefined && profile === undefined && !regionIsSet() ? 'us-east-1' : undefined),
    // Names that are no domain of the server's own (localhost, a container's name) have no bucket in front of them.
    forcePathStyle: pathStyle ?? (custom !== undefined && isPlainHost(custom)),
    // What other servers do not know they refuse; bodies are checked by their own SHA-256 here.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryStrategy,
    ...(environment.get('AWS_MAX_ATTEMPTS') === undefined ? { maxAttempts: 6 } : {}),
    requestHandler: {
      connectionTimeout: connectLimitMs,
      socketTimeout: silenceLimitMs,
      requestTimeout: 10 * silenceLimitMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 32 },
      httpsAgent: { keepAlive: true, maxSockets: 32 },
    },
  };
  for (const key of Object.keys(config) as (keyof S3ClientConfig)[]) if (config[key] === undefined) delete config[key];
  // The SDK's notice of which Node it wants next year is for us, not for users.
  return environment.with('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true', () => new S3Client(config));
}

function metadataOf(bytes: number | undefined): Pick<PutObjectCommandInput, 'Metadata'> {
  return bytes === undefined ? {} : { Metadata: { [bytesName]: String(bytes) } };
}

function regionIsSet(): boolean {
  return ['AWS_REGION', 'AWS_PROFILE'].some((name) => environment.get(name) !== undefined);
}

function isPlainHost(endpoint: string): boolean {
  return URL.canParse(endpoint) && !new URL(endpoint).hostname.includes('.');
}

/** 409: another conditional write of the same key is under way. 404: the object to be matched is gone. */
function isUnmet(error: unknown, condition: Condition): boolean {
  const status = statusOf(error);
  if (status === 412 || status === 409) return true;
  return 'ifMatch' in condition && isMissing(error);
}

/** The same bytes; one that sends nothing for too long ends with an error. */
async function* audible(body: Readable): AsyncGenerator<Buffer, void, undefined> {
  const arm = (): NodeJS.Timeout => setTimeout(() => body.destroy(silent()), silenceLimitMs);
  let timer = arm();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(timer); // whoever reads may take their time
      yield chunk;
      timer = arm();
    }
  } finally {
    clearTimeout(timer);
  }
}

function silent(): Error {
  return Object.assign(new Error('It sent nothing for too long'), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}
