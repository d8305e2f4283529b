/** Texts of this many characters and more can be looked for. */
const minLength = 4;
const volatileValues = 4096;

/** Texts that are looked for in others, all at once: a long run has thousands, and a response few of them or none. */
export class LiteralSet {
  readonly #order = new Map<string, number>();
  /** By the hash of their first characters, then by their lengths: times begin alike. */
  readonly #byStart: (Map<number, Set<string>> | undefined)[] = new Array<undefined>(volatileValues);

  /** Throws for texts of less than four characters. */
  add(literal: string): void {
    if (literal.length < minLength) throw new RangeError(`Too short to be looked for: ${JSON.stringify(literal)}`);
    if (this.#order.has(literal)) return;
    this.#order.set(literal, this.#order.size);
    const byLength = (this.#byStart[startOf(literal, 0)] ??= new Map<number, Set<string>>());
    byLength.set(literal.length, (byLength.get(literal.length) ?? new Set()).add(literal));
  }

  /**
   * Those that `text` holds, in the order in which they were added, each with its places; those of one do not overlap.
   */
  foundIn(text: string): [literal: string, places: number[]][] {
    const found = new Map<string, number[]>();
    if (this.#order.size === 0) return [];
    for (let at = 0; at <= text.length - minLength; at++) {
      for (const [length, literals] of this.#byStart[startOf(text, at)] ?? none) {
        const literal = text.slice(at, at + length);
        if (!literals.has(literal)) continue;
        const places = found.get(literal);
        if (places === undefined) found.set(literal, [at]);
        else if ((places.at(-1) as number) + length <= at) places.push(at);
      }
    }
    return [...found].sort(([a], [b]) => (this.#order.get(a) as number) - (this.#order.get(b) as number));
  }
}

const none: readonly [number, Set<string>][] = [];

function startOf(text: string, at: number): number {
  const [a, b, c, d] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2), text.charCodeAt(at + 3)];
  return ((Math.imul(a, 31) + b) * 961 + Math.imul(c, 31) + d) & (volatileValues - 1);
}
