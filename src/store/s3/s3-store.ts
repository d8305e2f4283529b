import { createHash } from 'node:crypto';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { proxyctlHome } from '../../config/paths.js';
import { BoundedTasks } from '../../core/bounded-tasks.js';
import { mapAhead } from '../map-ahead.js';
import { ProxyctlError } from '../../errors/index.js';
import { ObjectCache } from '../object-cache.js';
import type { Patience } from '../patience.js';
import { belongsTo, misplacedPointer, parsePointer, publishedOf, serializePointer } from '../pointer.js';
import { checkKey, checkRef, type RecordingKey, type RecordingRef } from '../recording-key.js';
import { RecordingNotFoundError } from '../recording-not-found.js';
import type { CurrentPointer, RecordingStore, StoredObject, VersionedPointer } from '../recording-store.js';
import { escapeSegment, isCutSegment, literalPrefix, testsFolder, unescapeSegment } from '../segment.js';
import { inTheClear, type Encryption } from '../encryption/encryption.js';
import { fromStoredWhole, toStored } from '../body-form.js';
import { checked, checkSha256 } from '../sha256.js';
import { alteredBody, changedBody, corruptError } from '../store-error.js';
import { honoursConditions } from './conditional-writes.js';
import { harName, listedTests, type ListedTest, pointerName, sameEtag } from './listed-tests.js';
import { writeWithMarkers } from './published-markers.js';
import { partBytes, S3Bucket } from './s3-bucket.js';
import { isUnreachable } from './s3-error.js';
import { parseS3Place } from './s3-place.js';

const parallel = 16;
/** Of a listing of everything: as many as there are connections. */
const requestsAtOnce = 32;
/** A body that was put there longer ago is put there again, as whoever removes old ones goes by that. */
const refreshAfterMs = 12 * 3_600_000;
/** Uploads in parts at once: each holds some parts in memory. */
const largeAtOnce = 2;

export interface S3StoreOptions {
  /** Default: in the cache folder of this home. Its encryption has to be the store's. */
  cache?: ObjectCache;
  /** Default: in the clear. */
  encryption?: Encryption;
}

/**
 * Recordings in a bucket of any server that speaks S3, laid out as in a folder (`FolderStore`). Pointers are written by conditional
 * PUTs; where a server has none, by markers (`published-markers.ts`). What is read is kept in a local cache: bodies by their hash, HARs
 * by ETag, and what a test has published, so that a replay of what was replayed before works without the server.
 */
export class S3Store implements RecordingStore {
  readonly url: string;
  readonly encryption: Encryption;
  readonly #bucket: S3Bucket;
  readonly #cache: ObjectCache;
  readonly #large = new BoundedTasks(largeAtOnce);
  readonly #sent = new Set<string>();
  /** ETags of HARs, by key, as the last listing of their test had them: each is good for one opening. */
  readonly #listedHars = new Map<string, string>();
  #notice: string | undefined;

  constructor(url: string, { cache, encryption = inTheClear }: S3StoreOptions = {}) {
    this.url = encryption.prefix + url;
    this.encryption = encryption;
    this.#bucket = new S3Bucket(parseS3Place(url));
    this.#cache = cache ?? new ObjectCache(join(proxyctlHome().cacheDir, 'store'), undefined, encryption);
  }

  get notice(): string | undefined {
    return this.#notice;
  }

  async patiently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
    const { retries, place } = this.#bucket;
    retries.patience = { ...patience, store: this.url, limitMs: place.patienceMs };
    try {
      return await work();
    } finally {
      retries.patience = undefined;
    }
  }

  async *branches(): AsyncGenerator<string, void, undefined> {
    for await (const segment of this.#bucket.folders('branches/')) {
      const branch = unescapeSegment(segment);
      if (branch !== undefined) yield branch;
    }
  }

  async *testIds({
    prefix = '',
    branch,
  }: { prefix?: string | undefined; branch?: string | undefined } = {}): AsyncGenerator<string, void, undefined> {
    const folder = testsFolder(branch);
    for await (const segment of this.#bucket.folders(`${folder}/`, literalPrefix(prefix))) {
      const testId = isCutSegment(segment) ? await this.#testIdOf(folder, segment) : unescapeSegment(segment);
      if (testId?.startsWith(prefix)) yield testId;
    }
  }

  async published(testId: string, branch?: string): Promise<CurrentPointer[]> {
    checkKey({ testId, appVersion: '-', branch });
    const folder = `${testsFolder(branch)}/${escapeSegment(testId)}`;
    const name = `published ${this.#bucket.url(folder)}`;
    const remembered = await this.#remembered(name);
    const { retries } = this.#bucket;
    try {
      retries.hurried = remembered !== undefined;
      const { found, etags } = await this.#pointersIn(folder, remembered);
      const pointers = publishedOf(found, { testId, branch });
      const seen: Remembered = { seenAt: new Date().toISOString(), pointers, etags };
      await ignoreDisk(this.#cache.keep(name, 'latest', Buffer.from(JSON.stringify(seen))));
      return pointers;
    } catch (error) {
      if (remembered === undefined || !isUnreachable(error)) throw error;
      this.#notice = `${this.url} cannot be reached; this is what it had at ${remembered.seenAt}`;
      return remembered.pointers;
    } finally {
      retries.hurried = false;
    }
  }

  async *publishedOn(branch: string | undefined, prefix: string): AsyncGenerator<CurrentPointer, void, undefined> {
    const tests = listedTests(this.#bucket, testsFolder(branch), literalPrefix(prefix));
    const read = async ({ segment, pointers }: ListedTest): Promise<CurrentPointer[]> => {
      const found = await Promise.all(pointers.map(({ key }) => this.#readPointerAt(key)));
      const own = found.flatMap((one) =>
        escapeSegment(one?.pointer.testId ?? '') === segment ? (one?.pointer ?? []) : [],
      );
      return publishedOf(own, { branch }).filter(({ testId }) => testId.startsWith(prefix));
    };
    for await (const published of mapAhead(tests, requestsAtOnce, read)) yield* published;
  }

  async history(key: RecordingKey): Promise<RecordingRef[]> {
    const folder = keyFolder(key);
    const refs: RecordingRef[] = [];
    for await (const { key: found } of this.#bucket.list(`${folder}/`)) {
      const [recordingId = '', name, ...more] = found.slice(folder.length + 1).split('/');
      if (name === harName && more.length === 0) refs.push({ ...key, recordingId });
    }
    return refs.reverse();
  }

  async readPointer(key: RecordingKey): Promise<VersionedPointer | undefined> {
    const pointerKey = `${keyFolder(key)}/${pointerName}`;
    const found = await this.#readPointerAt(pointerKey);
    if (found !== undefined && !belongsTo(found.pointer, key))
      throw misplacedPointer(found.pointer, this.#bucket.url(pointerKey));
    return found;
  }

  async writePointer(key: RecordingKey, next: CurrentPointer, expected: string | undefined): Promise<boolean> {
    const folder = keyFolder(key);
    const pointerKey = `${folder}/${pointerName}`;
    if (await honoursConditions(this.#bucket)) {
      const condition = expected === undefined ? { ifAbsent: true as const } : { ifMatch: expected };
      return (await this.#bucket.put(pointerKey, Buffer.from(serializePointer(next)), { condition })) !== undefined;
    }
    if ((await this.#readPointerAt(pointerKey))?.version !== expected) return false;
    await writeWithMarkers(this.#bucket, folder, pointerKey, next);
    return true;
  }

  async hasBody(sha256: string): Promise<boolean> {
    const keys = this.#bodyKeys(sha256);
    if (this.#sent.has(sha256) || (await this.#cache.hasBody(sha256))) return true;
    for (const key of keys) if ((await this.#bucket.stat(key)) !== undefined) return true;
    return false;
  }

  async putBody(sha256: string, size: number, open: () => Readable): Promise<void> {
    const [key] = this.#bodyKeys(sha256);
    if (this.#sent.has(sha256)) return;
    const stored = this.encryption.sizeOf(size);
    const there = await this.#bucket.stat(key);
    const whole = there?.size === stored || there?.bytes === size;
    if (!whole || Date.now() - there.modifiedAt.getTime() > refreshAfterMs) {
      const source = toStored(this.encryption, checked(open(), sha256, changedBody(this.#bucket.url(key))));
      if (stored <= partBytes) await this.#bucket.put(key, Buffer.concat(await collect(source)), { bytes: size });
      else await this.#sendLarge(key, Readable.from(source, { objectMode: false }), { size: stored, bytes: size });
    }
    this.#sent.add(sha256);
  }

  async readBody(sha256: string): Promise<Buffer> {
    const keys = this.#bodyKeys(sha256);
    const kept = await this.#cache.readBody(sha256);
    if (kept !== undefined) return kept;
    for (const key of keys) {
      const found = await this.#bucket.read(key);
      if (typeof found !== 'object') continue;
      const data = await fromStoredWhole(this.encryption, found.data, this.#bucket.url(key));
      if (createHash('sha256').update(data).digest('hex') !== sha256) throw alteredBody(this.#bucket.url(key));
      await ignoreDisk(this.#cache.keepBody(sha256, found.data));
      return data;
    }
    throw missingBody(this.#bucket.url(keys[0]));
  }

  /** Fetched whole before its first byte is handed on: what comes out is known to be right. */
  async openBody(sha256: string): Promise<Readable> {
    checkSha256(sha256, this.url);
    const kept = await this.#cache.openBody(sha256);
    if (kept !== undefined) return kept;
    const url = await this.#fetch(sha256);
    const fetched = await this.#cache.openBody(sha256);
    if (fetched === undefined) throw alteredBody(url);
    return fetched;
  }

  async keepBody(sha256: string): Promise<number | undefined> {
    checkSha256(sha256, this.url);
    if (await this.#cache.hasBody(sha256)) return undefined;
    await this.#fetch(sha256);
    return this.#cache.bodySize(sha256);
  }

  harPlace(ref: RecordingRef): string {
    return this.#bucket.url(harKey(ref));
  }

  async putHar(ref: RecordingRef, content: Readable): Promise<void> {
    this.#listedHars.delete(harKey(ref));
    await this.#bucket.upload(harKey(ref), Readable.from(this.encryption.encrypt(content), { objectMode: false }));
  }

  async harVersion(ref: RecordingRef): Promise<string | undefined> {
    const key = harKey(ref);
    // A server that was found to be away just now is not asked again for what is here.
    if (this.#notice !== undefined) return this.#cache.version(`har ${this.#bucket.url(key)}`);
    return this.#listedHars.get(key);
  }

  async openHar(ref: RecordingRef, asOf?: string): Promise<Readable> {
    const key = harKey(ref);
    const where = this.#bucket.url(key);
    const name = `har ${where}`;
    const known = await this.#cache.version(name);
    const current = asOf ?? (await this.harVersion(ref));
    this.#listedHars.delete(key);
    const version = sameEtag(known, current) ? known : await this.#fetchHar(key, name, known);
    if (version !== undefined) {
      return Readable.from(this.encryption.decrypt(this.#cache.open(name, version), where), { objectMode: false });
    }
    throw corruptError(
      `The recording ${ref.recordingId} of test "${ref.testId}" has no ${harName} in the store: ${where}`,
      where,
    );
  }

  async remove(ref: RecordingRef): Promise<void> {
    const folder = `${keyFolder(ref)}/${ref.recordingId}`;
    checkRef(ref);
    const keys: string[] = [];
    for await (const { key } of this.#bucket.list(`${folder}/`)) keys.push(key);
    if (keys.length === 0) {
      throw new RecordingNotFoundError(ref, await this.published(ref.testId), { recordingId: ref.recordingId });
    }
    await this.#removePointerTo(ref);
    for (const key of keys) await this.#bucket.remove(key);
  }

  objects(prefix: string): AsyncGenerator<StoredObject, void, undefined> {
    return this.#bucket.list(prefix);
  }

  /** Past the cache: what reads whole stores must not fill it. */
  async openObject(key: string): Promise<Readable | undefined> {
    const found = await this.#bucket.read(key);
    return typeof found === 'object' ? Readable.from([found.data]) : undefined;
  }

  async removeObject(key: string, unmodifiedSince?: Date): Promise<boolean> {
    if (unmodifiedSince !== undefined) {
      const there = await this.#bucket.stat(key);
      if (there === undefined || there.modifiedAt > unmodifiedSince) return false;
    }
    return this.#bucket.remove(key);
  }

  async close(): Promise<void> {
    this.#bucket.close();
    await ignoreDisk(this.#cache.trim());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Into the cache. Returns the version that is there now: the one that was known, when the server is away. */
  async #fetchHar(key: string, name: string, known: string | undefined): Promise<string | undefined> {
    const { retries } = this.#bucket;
    try {
      retries.hurried = known !== undefined;
      const took = await this.#bucket.stream(key, known, async (body, etag) => {
        await this.#cache.keep(name, etag, body);
        return etag;
      });
      return took === 'unchanged' ? known : took;
    } catch (error) {
      if (known === undefined || !isUnreachable(error)) throw error;
      return known;
    } finally {
      retries.hurried = false;
    }
  }

  /** Into the cache. Returns where it came from. */
  async #fetch(sha256: string): Promise<string> {
    const keys = this.#bodyKeys(sha256);
    for (const key of keys) {
      const whole = await this.#bucket.stream(key, undefined, (body) => this.#cache.keepBody(sha256, body));
      if (whole === undefined) continue;
      if (whole !== true) throw alteredBody(this.#bucket.url(key));
      return this.#bucket.url(key);
    }
    throw missingBody(this.#bucket.url(keys[0]));
  }

  /** Another recording may be published meanwhile: its pointer stays. */
  async #removePointerTo(ref: RecordingRef): Promise<void> {
    const pointerKey = `${keyFolder(ref)}/${pointerName}`;
    for (;;) {
      const current = await this.#readPointerAt(pointerKey);
      if (current?.pointer.recordingId !== ref.recordingId) return;
      if (await this.#bucket.remove(pointerKey, current.version)) return;
    }
  }

  async #sendLarge(key: string, body: Readable, sizes: { size: number; bytes: number }): Promise<void> {
    let sent: Promise<void> | undefined;
    await this.#large.run(() => {
      sent = this.#bucket.upload(key, body, sizes);
      return sent.catch(() => undefined); // thrown below, to the one whom it concerns
    });
    await sent;
  }

  async #readPointerAt(key: string): Promise<VersionedPointer | undefined> {
    const found = await this.#bucket.read(key);
    if (typeof found !== 'object') return undefined;
    return { ...parsePointer(found.data, this.#bucket.url(key)), version: found.etag };
  }

  /** What is listed with the ETag that is remembered is not read again. */
  async #pointersIn(testFolder: string, remembered?: Remembered): Promise<Pointers> {
    const known = new Map<string, CurrentPointer>();
    for (const pointer of remembered?.pointers ?? [])
      known.set(`${testFolder}/${escapeSegment(pointer.appVersion)}/${pointerName}`, pointer);
    const found: CurrentPointer[] = [];
    const etags: Record<string, string> = {};
    const tasks = new BoundedTasks(parallel);
    for await (const { pointers, hars } of listedTests(
      this.#bucket,
      posix.dirname(testFolder),
      `${posix.basename(testFolder)}/`,
    )) {
      for (const { key, etag } of hars) this.#listedHars.set(key, etag);
      for (const { key, etag } of pointers) {
        const kept = sameEtag(etag, remembered?.etags?.[key]) ? known.get(key) : undefined;
        if (kept !== undefined) {
          found.push(kept);
          etags[key] = etag;
          continue;
        }
        await tasks.run(async () => {
          const read = await this.#readPointerAt(key);
          if (read === undefined) return;
          found.push(read.pointer);
          etags[key] = read.version;
        });
      }
    }
    await tasks.done();
    return { found, etags };
  }

  /** The id behind a name that was cut, as its recordings tell it. */
  async #testIdOf(folder: string, segment: string): Promise<string | undefined> {
    const { found } = await this.#pointersIn(`${folder}/${segment}`);
    return found.find(({ testId }) => escapeSegment(testId) === segment)?.testId;
  }

  async #remembered(name: string): Promise<Remembered | undefined> {
    const version = await this.#cache.version(name);
    if (version === undefined) return undefined;
    return JSON.parse((await buffer(this.#cache.open(name, version))).toString('utf8')) as Remembered;
  }

  #bodyKeys(sha256: string): [string, ...string[]] {
    checkSha256(sha256, this.url);
    const [name, ...others] = this.encryption.names(sha256);
    return [bodyKey(name), ...others.map(bodyKey)];
  }
}

interface Pointers {
  found: CurrentPointer[];
  /** Of each, by its key. */
  etags: Record<string, string>;
}

/** What a test had published when that was last asked. */
interface Remembered {
  seenAt: string;
  pointers: CurrentPointer[];
  /** By key; not there in what older versions kept. */
  etags?: Pointers['etags'];
}

function bodyKey(name: string): string {
  return `bodies/sha256/${name.slice(0, 2)}/${name}`;
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return chunks;
}

function keyFolder(key: RecordingKey): string {
  checkKey(key);
  return `${testsFolder(key.branch)}/${escapeSegment(key.testId)}/${escapeSegment(key.appVersion)}`;
}

function harKey(ref: RecordingRef): string {
  checkRef(ref);
  return `${keyFolder(ref)}/${ref.recordingId}/${harName}`;
}

/** A cache that cannot be written makes reading slower, not wrong. */
async function ignoreDisk(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ProxyctlError)) throw error;
  }
}

function missingBody(url: string) {
  return corruptError(`The body ${url} is missing from the store`, url);
}
