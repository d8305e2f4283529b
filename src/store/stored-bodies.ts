import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { putConfirmed } from './confirmed-put.js';
import { fromStored, fromStoredWhole, toStored } from './body-form.js';
import type { Encryption } from './encryption/encryption.js';
import { type FoundObject, type ObjectStore, wholeOf } from './objects/object-store.js';
import { mayBePacked } from './packing.js';
import { bodyKey } from './recording-layout.js';
import { checked, checkSha256, hashOf } from './sha256.js';
import { alteredBody, changedBody, corruptError, storeError } from './store-error.js';

/** A body that was put there longer ago is put there again, as whoever removes old ones goes by that. */
const refreshAfterMs = 12 * 3_600_000;

/** One that was found by one of its names. */
interface FoundBody {
  found: FoundObject;
  /** For messages. */
  where: string;
}

/** The bodies of a store, by their hash. Each is checked against it whenever it is written or read. */
export class StoredBodies {
  /** Keys of those that are there, for as long as the store is open. */
  readonly #there = new Set<string>();
  readonly #remembers: boolean;

  /** `remembers`: what was put is taken to be there from then on. */
  constructor(
    private readonly objects: ObjectStore,
    private readonly encryption: Encryption,
    { remembers }: { remembers: boolean },
  ) {
    this.#remembers = remembers;
  }

  async has(sha256: string): Promise<boolean> {
    const keys = this.#keysOf(sha256);
    if (this.#there.has(keys[0])) return true;
    for (const key of keys) if ((await this.objects.stat(key, { cache: 'content' })) !== undefined) return true;
    return false;
  }

  /** One that is there but damaged is put there anew. Throws `PROXYCTL_STORE` for one that is not there afterwards. */
  async put(sha256: string, size: number, open: () => Readable): Promise<void> {
    const [key] = this.#keysOf(sha256);
    if (this.#there.has(key)) return;
    if (!(await this.#isThereAndYoung(key, sha256, size))) {
      const content = toStored(this.encryption, checked(open(), sha256, changedBody(this.objects.url(key))));
      const sizes = { size: this.encryption.sizeOf(size), represents: size };
      await putConfirmed(this.objects, key, content, { ...sizes, shared: true });
    }
    if (this.#remembers) this.#there.add(key);
  }

  async read(sha256: string): Promise<Buffer> {
    const first = await this.#find(sha256);
    try {
      return await this.#whole(sha256, first);
    } catch (error) {
      if (first.found.kept === undefined) throw error;
      return this.#whole(sha256, await this.#find(sha256, true)); // the cache's was damaged
    }
  }

  async open(sha256: string): Promise<Readable> {
    const { found, where } = await this.#findSound(sha256);
    const content = checked(this.#contentOf({ found, where }), sha256, alteredBody(where));
    return Readable.from(content, { objectMode: false });
  }

  /** Brings a body into the cache: its size there, or undefined when it was there. */
  async keep(sha256: string): Promise<number | undefined> {
    const { found } = await this.#find(sha256);
    found.body.destroy();
    if (found.kept === 'before') return undefined;
    (await this.#findSound(sha256)).found.body.destroy();
    return found.size;
  }

  /** One that may be removed. */
  forget(key: string): void {
    this.#there.delete(key);
  }

  /** By what it represents; where the store does not know that, it is read, or its size is taken for enough. */
  async #isThereAndYoung(key: string, sha256: string, size: number): Promise<boolean> {
    const stored = this.encryption.sizeOf(size);
    const there = await this.objects.stat(key, { touch: true });
    if (there === undefined || Date.now() - there.modifiedAt.getTime() > refreshAfterMs) return false;
    if (there.represents === size) return true;
    // A server looks after what it keeps; on a disk, a body of the right size may be damaged all the same.
    if (there.size === stored && this.#remembers) return true;
    if (there.size > stored || there.represents !== undefined) return false;
    if (there.size < stored && !mayBePacked(size)) return false;
    const found = await this.objects.get(key);
    if (typeof found !== 'object') return false;
    try {
      return (await hashOf(this.#contentOf({ found, where: this.objects.url(key) }))) === sha256;
    } catch {
      return false; // what is wrong with it is mended now, or fails once more
    }
  }

  /** One that a cache has is read once before it is handed on, and fetched anew when it is damaged. */
  async #findSound(sha256: string): Promise<FoundBody> {
    const first = await this.#find(sha256);
    if (first.found.kept === undefined) return first;
    const actual = await hashOf(this.#contentOf(first)).catch(() => undefined);
    if (actual === sha256) return this.#find(sha256);
    const fetched = await this.#find(sha256, true);
    if ((await hashOf(this.#contentOf(fetched))) !== sha256) throw alteredBody(fetched.where);
    return this.#find(sha256);
  }

  /** By any of its names. */
  async #find(sha256: string, anew = false): Promise<FoundBody> {
    const keys = this.#keysOf(sha256);
    for (const key of keys) {
      const found = await this.objects.get(key, { cache: 'content', anew });
      if (typeof found === 'object') return { found, where: this.objects.url(key) };
    }
    const where = this.objects.url(keys[0]);
    throw corruptError(`The body ${where} is missing from the store`, where);
  }

  async #whole(sha256: string, { found, where }: FoundBody): Promise<Buffer> {
    const stored = await wholeOf(found).catch((error: unknown) => {
      throw storeError('read', where, error);
    });
    const data = await fromStoredWhole(this.encryption, stored, where);
    if (createHash('sha256').update(data).digest('hex') !== sha256) throw alteredBody(where);
    return data;
  }

  #contentOf({ found, where }: FoundBody): AsyncIterable<Buffer> {
    return fromStored(this.encryption, found.body as AsyncIterable<Buffer>, where);
  }

  #keysOf(sha256: string): [string, ...string[]] {
    checkSha256(sha256, this.objects.url(''));
    const [name, ...others] = this.encryption.names(sha256);
    return [bodyKey(name), ...others.map(bodyKey)];
  }
}
