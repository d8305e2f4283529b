/** A seeded generator of numbers in [0, 1): mulberry32. A test that fails says its seed by its name or its message. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function oneOf<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

/** Text of up to `length` characters out of `alphabet`. */
export function textOf(random: () => number, alphabet: string, length: number): string {
  return Array.from({ length: between(random, 0, length) }, () => oneOf(random, [...alphabet])).join('');
}
