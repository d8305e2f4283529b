import { LRUCache } from 'lru-cache';
import { decodeContent, header, type RecordedResponse, type StoredBody } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';

const empty = Buffer.alloc(0);

/**
 * The bodies of a recording, read when they are asked for. The last ones used are kept, up to `maxBytes` in all; one
 * that is over an eighth of that is never kept. Whoever asks for one that is being read gets the same read.
 */
export class RecordedBodies {
  readonly #recording: Recording;
  readonly #kept: LRUCache<string, Buffer>;
  readonly #reading = new Map<string, Promise<Buffer>>();

  constructor(recording: Recording, maxBytes = 64 * 1024 * 1024) {
    this.#recording = recording;
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.floor(maxBytes / 8),
      sizeCalculation: ({ length }) => Math.max(1, length),
    });
  }

  /**
   * The wire bytes; at once where they are at hand. Rejects with `PROXYCTL_RECORDING_CORRUPT` when they cannot be had.
   */
  get(content: StoredBody | undefined): Buffer | Promise<Buffer> {
    if (content === undefined) return empty;
    if (content._sha256 !== undefined) return this.#byHash(content, content._sha256);
    return this.#recording.body(content);
  }

  /** The same for a search through all: one that cannot be had is undefined, and fails whoever is answered with it. */
  async readable(content: StoredBody): Promise<Buffer | undefined> {
    try {
      return await this.get(content);
    } catch {
      return undefined;
    }
  }

  #byHash(content: StoredBody, hash: string): Buffer | Promise<Buffer> {
    const kept = this.#kept.get(hash);
    if (kept !== undefined) return kept;
    const reading = this.#reading.get(hash) ?? this.#read(content, hash);
    this.#reading.set(hash, reading);
    return reading;
  }

  async #read(content: StoredBody, hash: string): Promise<Buffer> {
    try {
      const data = await this.#recording.body(content);
      this.#kept.set(hash, data);
      return data;
    } finally {
      this.#reading.delete(hash);
    }
  }
}

/** A response's body without its content coding; undefined when that cannot be undone. */
export function plainBody({ decoded, headers }: RecordedResponse, wire: Buffer): Buffer | undefined {
  return decoded ? wire : decodeContent(wire, header(headers, 'content-encoding'));
}
