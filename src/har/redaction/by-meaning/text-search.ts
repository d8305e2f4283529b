/** Characters by whose hash texts are looked up: no text is shorter. */
const window = 8;
const base = 0x01000193;
/** `base` to the power of `window`, modulo 2³². */
const highest = Array.from({ length: window }).reduce<number>((power) => Math.imul(power, base), 1);
/** Bits of a hash by which most places are ruled out at once. */
const filterBits = 18;

interface Listed<T> {
  text: string;
  /** Where its window begins. */
  offset: number;
  value: T;
}

interface FoundText<T> {
  start: number;
  end: number;
  value: T;
}

/**
 * Many texts that are looked for at once (Rabin and Karp): a text is gone through once, however many they are, and one
 * more costs nothing but its own entry.
 */
export class TextSearch<T> {
  readonly #byHash = new Map<number, Listed<T>[]>();
  readonly #filter = new Uint8Array(1 << filterBits);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** `text` has at least 8 characters. */
  add(text: string, value: T): void {
    const { hash, offset } = this.#rarestWindow(text);
    const listed = this.#byHash.get(hash);
    if (listed === undefined) this.#byHash.set(hash, [{ text, offset, value }]);
    else if (listed.every((other) => other.text !== text)) listed.push({ text, offset, value });
    else return;
    this.#filter[hash >>> (32 - filterBits)] = 1;
    this.#size += 1;
  }

  /** In order and without overlaps; of those that begin at one place the longest. */
  in(text: string): FoundText<T>[] {
    if (this.#size === 0 || text.length < window) return [];
    const found: FoundText<T>[] = [];
    let hash = 0;
    for (let i = 0; i < text.length; i += 1) {
      hash = (Math.imul(hash, base) + text.charCodeAt(i)) | 0;
      if (i < window - 1) continue;
      if (i >= window) hash = (hash - Math.imul(text.charCodeAt(i - window), highest)) | 0;
      if (this.#filter[hash >>> (32 - filterBits)] === 1) this.#takeAt(text, i - window + 1, hash, found);
    }
    return withoutOverlaps(found);
  }

  #takeAt(text: string, at: number, hash: number, found: FoundText<T>[]): void {
    for (const { text: wanted, offset, value } of this.#byHash.get(hash) ?? []) {
      const start = at - offset;
      if (start >= 0 && text.startsWith(wanted, start)) found.push({ start, end: start + wanted.length, value });
    }
  }

  /** Texts that begin alike (`sk_live_`) would all be tried at each such place: another part tells them apart. */
  #rarestWindow(text: string): { hash: number; offset: number } {
    const last = text.length - window;
    let best = { hash: 0, offset: 0, listed: Infinity };
    for (const offset of new Set([last, last >> 1, 0, (last * 3) >> 2])) {
      const hash = hashOf(text, offset);
      const listed = this.#byHash.get(hash)?.length ?? 0;
      if (listed < best.listed) best = { hash, offset, listed };
      if (listed === 0) break;
    }
    return best;
  }
}

function hashOf(text: string, from: number): number {
  let hash = 0;
  for (let i = from; i < from + window; i += 1) hash = (Math.imul(hash, base) + text.charCodeAt(i)) | 0;
  return hash;
}

function withoutOverlaps<T>(found: FoundText<T>[]): FoundText<T>[] {
  if (found.length < 2) return found;
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return found.filter((each) => {
    if (each.start < end) return false;
    end = each.end;
    return true;
  });
}
