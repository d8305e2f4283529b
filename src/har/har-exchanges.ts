import { LRUCache } from 'lru-cache';
import type { ExchangeOutline, RecordedExchange, RecordedExchanges } from '../http/index.js';
import { fromHarEntry } from './from-har-entry.js';
import type { HarEntry, HarNameValue } from './har.js';

const maxKept = 1000;

/** The entries of a HAR as recorded exchanges, each made when it is asked for. */
export class HarExchanges implements RecordedExchanges {
  readonly #entries: readonly HarEntry[];
  readonly #kept = new LRUCache<number, RecordedExchange>({ max: maxKept });

  constructor(entries: readonly HarEntry[]) {
    this.#entries = entries;
  }

  get length(): number {
    return this.#entries.length;
  }

  outline(position: number): ExchangeOutline {
    const { request, _proxyctl: info } = this.#entry(position);
    return {
      method: request.method,
      url: request.url,
      contentType: contentTypeOf(request.headers),
      isTunnel: info?.tunnel !== undefined || request.method === 'CONNECT',
      isDialogue: info?.dialogue !== undefined,
      requestTruncated: info?.requestTruncated === true,
    };
  }

  get(position: number): RecordedExchange {
    const known = this.#kept.get(position);
    if (known !== undefined) return known;
    const recorded = fromHarEntry(this.#entry(position), position);
    this.#kept.set(position, recorded);
    return recorded;
  }

  #entry(position: number): HarEntry {
    const entry = this.#entries[position];
    if (entry === undefined) throw new RangeError(`A recording of ${this.length} exchanges has none at ${position}`);
    return entry;
  }
}

function contentTypeOf(headers: readonly HarNameValue[]): string | undefined {
  for (const { name, value } of headers) {
    if (name.length === 12 && name.toLowerCase() === 'content-type') return value;
  }
  return undefined;
}
