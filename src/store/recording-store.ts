import type { Readable } from 'node:stream';
import type { RecordingKey, RecordingRef } from './recording-key.js';
import type { Patience } from './patience.js';
import type { Encryption } from './encryption/encryption.js';

/** `current.json`: which recording of a key is the published one. */
export interface CurrentPointer {
  formatVersion: 1;
  testId: string;
  appVersion: string;
  /** Left out: the main one. */
  branch?: string | undefined;
  recordingId: string;
  /** ISO 8601. */
  recordedAt: string;
  publishedAt: string;
  entries: number;
  /** Sum of the bodies' sizes. */
  bodyBytes: number;
  /** Of `recording.har`, hex; in an encrypted store an HMAC of it. */
  harSha256: string;
  /** ISO 8601: when it was made the published one by hand; later than recordings before that. */
  promotedAt?: string | undefined;
}

/** A pointer as it was read, with what a conditional write needs. */
export interface VersionedPointer {
  pointer: CurrentPointer;
  /** Opaque: an S3 ETag, a hash of the file. */
  version: string;
}

/** A file of a store, as it lies there. */
export interface StoredObject {
  /** Its path within the store, with `/`. */
  key: string;
  size: number;
  modifiedAt: Date;
}

/**
 * Where recordings live. Made for a folder and for S3 alike: flat objects, a conditional write for `current.json`, no
 * rename of folders, no locks held over the network. Publishing goes bodies → HAR → pointer (`record/publish.ts`), so a reader sees
 * the old recording or the new one.
 *
 * Every method throws `ProxyctlError` `PROXYCTL_STORE` (with the path or URL and what to do) when the store fails.
 */
export interface RecordingStore extends AsyncDisposable {
  /** `/abs/folder` or `s3://bucket/prefix`, with `encrypted:` before it for one that is: what opens it again. */
  readonly url: string;
  /** What whoever reads should know of where it came from: that the store cannot be reached, and what was kept here was taken. */
  readonly notice?: string | undefined;
  /** How HARs and bodies lie there. Methods take and give them in the clear, but for `openObject`. */
  readonly encryption: Encryption;

  /** Does `work`, in which each operation waits for a while for a store that has answered before and is away now. Left out: there is nothing to wait for. */
  patiently?<T>(patience: Patience, work: () => Promise<T>): Promise<T>;

  /** The branches besides the main one that have recordings. */
  branches(): AsyncIterable<string>;
  /** All test ids of a branch (left out: the main one), in the order of their escaped names. */
  testIds(filter?: { prefix?: string | undefined; branch?: string | undefined }): AsyncIterable<string>;
  /** The published recording of each app version of a test, on one branch. */
  published(testId: string, branch?: string): Promise<CurrentPointer[]>;
  /** The same of all tests that begin with `prefix`, in the order of `testIds`, for less than asking for each. Left out: there is no such way. */
  publishedOn?(branch: string | undefined, prefix: string): AsyncIterable<CurrentPointer>;
  /** The recordings kept under a key, newest first, published or not. */
  history(key: RecordingKey): Promise<RecordingRef[]>;

  readPointer(key: RecordingKey): Promise<VersionedPointer | undefined>;
  /** Writes the pointer if the stored one is still `expected` (undefined: there is none). False: someone else was first. */
  writePointer(key: RecordingKey, next: CurrentPointer, expected: string | undefined): Promise<boolean>;

  hasBody(sha256: string): Promise<boolean>;
  /** Keeps a body under its hash; one that is there is only made young again, so that `pruneStore` leaves it. `size` in bytes. */
  putBody(sha256: string, size: number, open: () => Readable): Promise<void>;
  /** The body, its hash checked as it is read. Throws `PROXYCTL_RECORDING_CORRUPT` when it is missing or altered. */
  readBody(sha256: string): Promise<Buffer>;
  openBody(sha256: string): Promise<Readable>;
  /** Brings a body into the store's cache: its size there, or undefined when it was there. Left out: the store has no cache. */
  keepBody?(sha256: string): Promise<number | undefined>;

  /** Path or URL of a recording's HAR, for messages. */
  harPlace(ref: RecordingRef): string;
  putHar(ref: RecordingRef, content: Readable): Promise<void>;
  /** The version of a HAR that `published` has just seen: opened with that, the store is not asked again for what its cache has. */
  harVersion?(ref: RecordingRef): Promise<string | undefined>;
  /** `asOf`: the version that it is known to have, by `harVersion`. Throws `PROXYCTL_RECORDING_CORRUPT` when it is missing. */
  openHar(ref: RecordingRef, asOf?: string): Promise<Readable>;

  /** Removes one recording's HAR (its bodies stay until pruned), and the pointer when it named it. */
  remove(ref: RecordingRef): Promise<void>;

  /** All files under a prefix (`tests/`, `bodies/`), whatever they are: for what looks after the store as a whole. */
  objects(prefix: string): AsyncIterable<StoredObject>;
  /** As it lies there. Undefined when it is not there. */
  openObject(key: string): Promise<Readable | undefined>;
  /** False: it was written (or put once more) after `unmodifiedSince`, and stays. */
  removeObject(key: string, unmodifiedSince?: Date): Promise<boolean>;
  close(): Promise<void>;
}
