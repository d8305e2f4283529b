/** Bytes in the order in which they came, kept by reference. */
export class ByteFifo {
  #chunks: Buffer[] = [];
  /** The first chunk that is left, and what is gone of it. */
  #head = 0;
  #offset = 0;
  #length = 0;

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next bytes that lie together, at most `limit`; there are some. */
  shift(limit: number): Buffer {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) throw new Error('The queue is empty');
    const taken = Math.min(limit, chunk.length - this.#offset);
    const part = chunk.subarray(this.#offset, this.#offset + taken);
    this.#offset += taken;
    this.#length -= taken;
    if (this.#offset === chunk.length) this.#drop();
    return part;
  }

  clear(): void {
    this.#chunks = [];
    this.#head = 0;
    this.#offset = 0;
    this.#length = 0;
  }

  #drop(): void {
    this.#chunks[this.#head] = empty;
    this.#head += 1;
    this.#offset = 0;
    if (this.#head < 64 || this.#head * 2 < this.#chunks.length) return;
    this.#chunks.splice(0, this.#head);
    this.#head = 0;
  }
}

const empty = Buffer.alloc(0);
