import { Readable } from 'node:stream';
import { messageOf } from '../../errors/index.js';
import { isUnreachable } from '../store-error.js';
import type {
  FoundObject,
  GetOptions,
  ListedObject,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  PutOutcome,
  RemoveOptions,
  Source,
  StatOptions,
} from './object-store.js';
import type { RetryPolicy, Tries } from './retry-policy.js';

/**
 * Another object store whose operations are tried again when it cannot be reached, as a policy says. A body that breaks
 * off while it is read goes on where it did. A stream that is put can be read once: it is tried again only while
 * nothing of it was taken. What the store itself gave up by the same policy is not tried again here.
 */
export class RetryingObjects implements ObjectStore {
  readonly flatListing: boolean;

  constructor(
    private readonly inner: ObjectStore,
    private readonly policy: RetryPolicy,
  ) {
    this.flatListing = inner.flatListing;
  }

  async get(key: string, options: GetOptions = {}): Promise<FoundObject | 'unchanged' | undefined> {
    const found = await this.#tried(() => this.inner.get(key, options));
    if (typeof found !== 'object') return found;
    const body = Readable.from(this.#resumed(key, found, options.from?.offset ?? 0), { objectMode: false });
    body.once('close', () => found.body.destroy());
    return { ...found, body };
  }

  stat(key: string, options?: StatOptions): Promise<ObjectInfo | undefined> {
    return this.#tried(() => this.inner.stat(key, options));
  }

  put(key: string, source: Source, options?: PutOptions): Promise<PutOutcome> {
    if (Buffer.isBuffer(source)) return this.#tried(() => this.inner.put(key, source, options));
    let taken = false;
    const watched = async function* (): AsyncGenerator<Buffer, void, undefined> {
      taken = true;
      yield* source;
    };
    return this.#tried(
      () => this.inner.put(key, watched(), options),
      () => !taken,
    );
  }

  remove(key: string, options?: RemoveOptions): Promise<boolean> {
    return this.#tried(() => this.inner.remove(key, options));
  }

  async *list(prefix: string, options?: ListOptions): AsyncGenerator<ListedObject, void, undefined> {
    let begun = false;
    for (let tries = none(); ;) {
      try {
        for await (const object of this.inner.list(prefix, options)) {
          begun = true;
          yield object;
        }
        return;
      } catch (error) {
        if (begun) throw error;
        tries = await this.#again(tries, error);
      }
    }
  }

  url(key: string): string {
    return this.inner.url(key);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  async *#resumed(
    key: string,
    { body, version }: FoundObject,
    offset: number,
  ): AsyncGenerator<Buffer, void, undefined> {
    for (let [tries, current] = [none(), body]; ;) {
      try {
        for await (const chunk of current as AsyncIterable<Buffer>) {
          offset += chunk.length;
          tries = none();
          yield chunk;
        }
        return;
      } catch (error) {
        if (version === '') throw error;
        tries = await this.#again(tries, error);
        const next = await this.#tried(() => this.inner.get(key, { from: { offset, version } }));
        if (typeof next !== 'object') throw error; // it is another by now
        current = next.body;
      }
    }
  }

  async #tried<T>(work: () => Promise<T>, mayAgain: () => boolean = () => true): Promise<T> {
    for (let tries = none(); ;) {
      try {
        const result = await work();
        this.policy.answered(true);
        return result;
      } catch (error) {
        if (!mayAgain()) throw error;
        tries = await this.#again(tries, error);
      }
    }
  }

  /** Throws `error` when it is not to be tried again. */
  async #again(tries: Tries, error: unknown): Promise<Tries> {
    if (!isUnreachable(error) || this.policy.hasGivenUp(error)) throw error;
    const again = await this.policy
      .again(tries, { error, reason: messageOf(error), outage: true })
      .catch(() => undefined);
    if (again === undefined) throw error;
    return again;
  }
}

function none(): Tries {
  return { count: 0, failedAt: undefined };
}
