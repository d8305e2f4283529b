import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** What is known of an object without its content. */
export interface ObjectInfo {
  size: number;
  modifiedAt: Date;
  /** Opaque; another one after each change. Left out where the store would have to read the object to tell. */
  version?: string | undefined;
  /** What `put` was told of the object's content. Left out by a store that keeps no such number. */
  represents?: number | undefined;
}

export interface ListedObject extends ObjectInfo {
  /** With `/` between its parts. One that ends with `/` is a folder. */
  key: string;
}

/** An object that was opened. Whoever does not read `body` to its end destroys it. */
export interface FoundObject {
  body: Readable;
  /** All of `body`, where the store had it at once: `wholeOf` takes it, as a stream costs more than a small file. */
  data?: Buffer;
  version: string;
  /** Of `body`, in bytes, where it is known. */
  size?: number | undefined;
  /** Set by a cache that answers: whether it had the object before, or fetched it just now. */
  kept?: 'before' | 'now';
}

/** The part that a cache on the way may take. Other stores ignore it. */
export interface CacheUse {
  /**
   * `content`: the last part of the key says what the object holds, in every store, so that what is kept answers at
   * once. `checked`: what is kept answers while the store says that it has the same version, and when it cannot be
   * reached. Left out: the cache is passed by.
   */
  cache?: 'content' | 'checked';
  /** Told when what was kept answered for a store that cannot be reached, with the time that it is of. */
  onStale?: (keptAt: Date) => void;
}

export interface GetOptions extends CacheUse {
  /** A version that the caller has: when it still is the one, the answer is `unchanged`. */
  unless?: string | undefined;
  /** Goes on where a body broke off, in the same version. One that is another by now is not found. */
  from?: { offset: number; version: string };
  /** The version that the object is known to have, so that a cache which has that need not ask. */
  asOf?: string | undefined;
  /** What a cache has is known to be damaged: it is fetched anew. */
  anew?: boolean;
}

export interface StatOptions extends CacheUse {
  /** Makes the object young, for whoever removes old ones, where the store can do that without being sent it again. */
  touch?: boolean;
}

export interface ListOptions extends CacheUse {
  /** Each next part of the keys under the prefix once, as a folder, in place of the objects. */
  folders?: boolean;
}

/** What has to hold for a write: that there is no such object, or that it has this version. */
export type Condition = 'absent' | { version: string };

export interface PutOptions {
  /** For objects of some KiB. */
  condition?: Condition;
  /** Of `source`, in bytes, where it is known: at most. */
  size?: number;
  /** A number for `stat` to tell. */
  represents?: number;
  /**
   * Told the version that the store gave the object when it took it, by a store that does; an empty text where it gave
   * none.
   */
  onVersion?: (version: string) => void;
}

/**
 * `lost`: the condition does not hold. `unsupported`: the store honours no conditions. Nothing was written in either
 * case.
 */
export type PutOutcome = 'done' | 'lost' | 'unsupported';

export interface RemoveOptions {
  /**
   * Only this version. A server that does not know the condition removes it all the same; what is not there may count
   * as removed.
   */
  version?: string;
  /** Only when it was not written, or made young, after that. */
  unmodifiedSince?: Date | undefined;
}

export type Source = Buffer | AsyncIterable<Buffer>;

/**
 * A place for objects: bytes under keys such as `tests/checkout/4.2.0/current.json`. All that a store backend has to
 * do; what a recording is, `RecordingStore` knows. Anybody may write at once. An object appears whole or not at all,
 * also when its source fails, and what was put before a conditional write is as durable as that. A failure is thrown as
 * `ProxyctlError` `PROXYCTL_STORE` with the URL, the reason and what to do, and `unreachable: true` in its data when
 * the store could not be spoken to.
 */
export interface ObjectStore {
  /** Whether one listing of many objects costs less than one for each folder. */
  readonly flatListing: boolean;
  /** Undefined: there is no such object. */
  get(key: string, options?: GetOptions): Promise<FoundObject | 'unchanged' | undefined>;
  stat(key: string, options?: StatOptions): Promise<ObjectInfo | undefined>;
  put(key: string, source: Source, options?: PutOptions): Promise<PutOutcome>;
  /** False: what was to be removed is not there any more in the form that `options` name, and what is there stays. */
  remove(key: string, options?: RemoveOptions): Promise<boolean>;
  /** The objects whose keys begin with `prefix`, those of one folder together. Nothing where there are none. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListedObject>;
  /** Where an object lies, for messages: a path, a URL. */
  url(key: string): string;
  close(): Promise<void>;
}

/**
 * Whether both are known, and are the same; some servers put quotes around an ETag in one answer and not in another.
 */
export function sameVersion(a: string | undefined, b: string | undefined): boolean {
  const [bareA, bareB] = [a, b].map((version) => version?.replaceAll('"', '') ?? '');
  return bareA !== '' && bareA === bareB;
}

/** All bytes of an object. */
export async function wholeOf(found: FoundObject): Promise<Buffer> {
  return found.data ?? buffer(found.body);
}

/** A source as a stream of chunks. */
export async function* chunksOf(source: Source): AsyncGenerator<Buffer, void, undefined> {
  if (Buffer.isBuffer(source)) yield await Promise.resolve(source);
  else yield* source;
}
