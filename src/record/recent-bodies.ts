/** How much of them stays in memory. */
const keptBytes = 16 * 1024 * 1024;

interface Kept {
  file: string;
  chunks: readonly Buffer[];
  size: number;
}

/**
 * The large bodies that were written last, to find one that comes again. They are compared byte by byte: a hash would
 * cost more, as bodies of one size that are not equal mostly differ within their first bytes.
 */
export class RecentBodies {
  /** By size, the newest last. */
  readonly #kept = new Map<number, Kept[]>();
  /** The oldest first. */
  readonly #order: Kept[] = [];
  #bytes = 0;

  add(file: string, chunks: readonly Buffer[], size: number): void {
    if (size > keptBytes) return;
    const kept: Kept = { file, chunks, size };
    this.#order.push(kept);
    this.#kept.set(size, [...(this.#kept.get(size) ?? []), kept]);
    this.#bytes += size;
    while (this.#bytes > keptBytes) this.#dropOldest();
  }

  /** The file of one with exactly these bytes. */
  find(chunks: readonly Buffer[], size: number): string | undefined {
    return this.#kept.get(size)?.findLast((kept) => sameBytes(kept.chunks, chunks))?.file;
  }

  clear(): void {
    this.#kept.clear();
    this.#order.length = 0;
    this.#bytes = 0;
  }

  #dropOldest(): void {
    const oldest = this.#order.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.size;
    const others = (this.#kept.get(oldest.size) ?? []).filter((kept) => kept !== oldest);
    if (others.length === 0) this.#kept.delete(oldest.size);
    else this.#kept.set(oldest.size, others);
  }
}

/** Whether both are the same bytes in the end, however they are cut. Both have the same length in all. */
export function sameBytes(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  let [i, j, from, start] = [0, 0, 0, 0];
  for (;;) {
    const [a, b] = [one[i], other[j]];
    if (a === undefined || b === undefined) return a === b;
    const length = Math.min(a.length - from, b.length - start);
    if (a.compare(b, start, start + length, from, from + length) !== 0) return false;
    from += length;
    start += length;
    if (from === a.length) [i, from] = [i + 1, 0];
    if (start === b.length) [j, start] = [j + 1, 0];
  }
}
