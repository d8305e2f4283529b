import type { StoredBody } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';

const empty = Buffer.alloc(0);

/**
 * The bodies of a recording, read when they are asked for. The last ones used are kept, up to `maxBytes` in all; one that
 * is over an eighth of that is never kept. Whoever asks for one that is being read gets the same read.
 */
export class RecordedBodies {
  readonly #recording: Recording;
  readonly #maxBytes: number;
  readonly #kept = new Map<string, Buffer>();
  readonly #reading = new Map<string, Promise<Buffer>>();
  #bytes = 0;

  constructor(recording: Recording, maxBytes = 64 * 1024 * 1024) {
    this.#recording = recording;
    this.#maxBytes = maxBytes;
  }

  /** The wire bytes; at once where they are at hand. Rejects with `PROXYCTL_RECORDING_CORRUPT` when they cannot be had. */
  get(content: StoredBody | undefined): Buffer | Promise<Buffer> {
    if (content === undefined) return empty;
    if (content._sha256 !== undefined) return this.#byHash(content, content._sha256);
    return this.#recording.body(content);
  }

  #byHash(content: StoredBody, hash: string): Buffer | Promise<Buffer> {
    const kept = this.#kept.get(hash);
    if (kept !== undefined) {
      this.#kept.delete(hash); // and to the end: a Map keeps the order of insertion, so the first is the one used longest ago
      this.#kept.set(hash, kept);
      return kept;
    }
    const reading = this.#reading.get(hash) ?? this.#read(content, hash);
    this.#reading.set(hash, reading);
    return reading;
  }

  async #read(content: StoredBody, hash: string): Promise<Buffer> {
    try {
      const data = await this.#recording.body(content);
      this.#keep(hash, data);
      return data;
    } finally {
      this.#reading.delete(hash);
    }
  }

  #keep(hash: string, data: Buffer): void {
    if (data.length > this.#maxBytes / 8) return;
    this.#kept.set(hash, data);
    this.#bytes += data.length;
    for (const [oldest, dropped] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= dropped.length;
    }
  }
}
