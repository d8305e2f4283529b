import { buffer } from 'node:stream/consumers';
import { ProxyctlError } from '../../errors/index.js';
import { isUnreachable } from '../store-error.js';
import type { ObjectCache } from './object-cache.js';
import {
  type FoundObject,
  type GetOptions,
  type ListedObject,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type PutOutcome,
  type RemoveOptions,
  sameVersion,
  type Source,
  type StatOptions,
} from './object-store.js';

type Hurried = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Another object store, of which what is read is kept on this machine where the reader lets it (`CacheUse`). It is
 * fetched whole before its first byte is handed on. A cache that cannot be written makes reading slower, not wrong.
 */
export class CachedObjects implements ObjectStore {
  readonly flatListing: boolean;
  /** Set when the store was found to be away: it is not asked again for what is here. */
  #away = false;

  /** `hurried`: how the store is asked for what is here already. */
  constructor(
    private readonly inner: ObjectStore,
    private readonly cache: ObjectCache,
    private readonly hurried: Hurried = (work) => work(),
  ) {
    this.flatListing = inner.flatListing;
  }

  get(key: string, options: GetOptions = {}): Promise<FoundObject | 'unchanged' | undefined> {
    if (options.cache === 'content') return this.#content(key, options);
    return options.cache === 'checked' ? this.#checked(key, options) : this.inner.get(key, options);
  }

  async stat(key: string, options: StatOptions = {}): Promise<ObjectInfo | undefined> {
    if (options.cache === 'content') {
      const size = await this.cache.bodySize(lastPart(key));
      if (size !== undefined) return { size, modifiedAt: new Date(0) };
    }
    const version = options.cache === 'checked' && this.#away ? await this.cache.version(this.#name(key)) : undefined;
    return version === undefined ? this.inner.stat(key, options) : { size: 0, modifiedAt: new Date(0), version };
  }

  put(key: string, source: Source, options?: PutOptions): Promise<PutOutcome> {
    return this.inner.put(key, source, options);
  }

  remove(key: string, options?: RemoveOptions): Promise<boolean> {
    return this.inner.remove(key, options);
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    if (options.cache !== 'checked') yield* this.inner.list(prefix, options);
    else yield* await this.#listing(prefix, options);
  }

  url(key: string): string {
    return this.inner.url(key);
  }

  async close(): Promise<void> {
    await this.inner.close();
    await this.#onDisk(this.cache.trim());
  }

  async #content(key: string, { anew = false }: GetOptions): Promise<FoundObject | undefined> {
    const name = lastPart(key);
    if (anew) await this.cache.dropBody(name);
    const size = anew ? undefined : await this.cache.bodySize(name);
    if (size !== undefined) return { body: this.cache.openBody(name), version: name, size, kept: 'before' };
    const found = await this.inner.get(key);
    if (typeof found !== 'object') return undefined;
    if (!(await this.#onDisk(this.cache.keepBody(name, found.body)))) return whole(await this.inner.get(key));
    return { body: this.cache.openBody(name), version: name, size: await this.cache.bodySize(name), kept: 'now' };
  }

  async #checked(key: string, { asOf, onStale }: GetOptions): Promise<FoundObject | undefined> {
    const name = this.#name(key);
    const known = await this.cache.version(name);
    const answer = (version: string, kept: 'before' | 'now'): FoundObject => ({
      body: this.cache.open(name, version),
      version,
      kept,
    });
    if (known !== undefined && (this.#away || sameVersion(known, asOf))) return answer(known, 'before');
    const ask = (): ReturnType<ObjectStore['get']> => this.inner.get(key, { unless: known === '' ? undefined : known });
    try {
      const found = await (known === undefined ? ask() : this.hurried(ask));
      if (found === 'unchanged') return known === undefined ? undefined : answer(known, 'before');
      if (found === undefined) return undefined;
      const { version, body } = found;
      if (await this.#onDisk(this.cache.keep(name, version, body))) return answer(version, 'now');
      return whole(await this.inner.get(key));
    } catch (error) {
      if (known === undefined || !isUnreachable(error)) throw error;
      onStale?.(await this.cache.keptAt(name));
      return answer(known, 'before');
    }
  }

  async #listing(prefix: string, { onStale, folders = false }: ListOptions): Promise<ListedObject[]> {
    const name = `listing ${folders ? 'of folders ' : ''}${this.inner.url(prefix)}`;
    const known = await this.#keptListing(name);
    const ask = (): Promise<ListedObject[]> => collect(this.inner.list(prefix, { folders }));
    try {
      const listed = await (known === undefined ? ask() : this.hurried(ask));
      await this.#onDisk(this.cache.keep(name, 'latest', Buffer.from(JSON.stringify(listed))));
      return listed;
    } catch (error) {
      if (known === undefined || !isUnreachable(error)) throw error;
      this.#away = true;
      onStale?.(await this.cache.keptAt(name));
      return known;
    }
  }

  async #keptListing(name: string): Promise<ListedObject[] | undefined> {
    const version = await this.cache.version(name);
    if (version === undefined) return undefined;
    const kept = await buffer(this.cache.open(name, version)).catch(() => undefined); // trimmed meanwhile
    if (kept === undefined) return undefined;
    const listed = JSON.parse(kept.toString('utf8')) as (ListedObject & { modifiedAt: string })[];
    return listed.map((object) => ({ ...object, modifiedAt: new Date(object.modifiedAt) }));
  }

  #name(key: string): string {
    return `object ${this.inner.url(key)}`;
  }

  /** Whether the cache's disk let it. */
  async #onDisk(work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      const path = error instanceof ProxyctlError ? error.data.path : undefined;
      if (typeof path === 'string' && path.startsWith(this.cache.root)) return false;
      throw error;
    }
  }
}

function whole(found: FoundObject | 'unchanged' | undefined): FoundObject | undefined {
  return typeof found === 'object' ? found : undefined;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
