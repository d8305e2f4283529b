import { fromHarEntry, type RecordedExchange } from '../../har/from-har-entry.js';
import type { HarEntry } from '../../har/har.js';

const maxKept = 1000;

/** The exchanges of a recording by their places; the last ones used are kept, so that each is the same object each time. */
export class RecordedExchanges {
  readonly #entries: readonly HarEntry[];
  readonly #kept = new Map<number, RecordedExchange>();

  constructor(entries: readonly HarEntry[]) {
    this.#entries = entries;
  }

  get(position: number): RecordedExchange {
    const known = this.#kept.get(position);
    if (known !== undefined) return known;
    const recorded = fromHarEntry(this.#entries[position] as HarEntry, position);
    if (this.#kept.size >= maxKept) for (const first of this.#kept.keys()) if (this.#kept.delete(first)) break;
    this.#kept.set(position, recorded);
    return recorded;
  }
}
