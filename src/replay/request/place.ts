/**
 * Where a field stands (`json $.lines[3].sku`), put together from pieces: the hash of each continues that of the place
 * it stands in, and the text is made when it is asked for, which of thousands of values only few are.
 */
export class Place {
  readonly #parent: Place | undefined;
  readonly #piece: string;
  #text: string | undefined;

  private constructor(
    parent: Place | undefined,
    piece: string,
    /** Two 32-bit hashes of the text. */
    readonly high: number,
    readonly low: number,
  ) {
    this.#parent = parent;
    this.#piece = piece;
  }

  static of(text: string): Place {
    return Place.#hashed(undefined, text, 0x1b873593, 0x7f4a7c15);
  }

  /** The same whatever pieces it is made of. */
  then(piece: string): Place {
    return Place.#hashed(this, piece, this.high, this.low);
  }

  get text(): string {
    return (this.#text ??= this.#parent === undefined ? this.#piece : this.#parent.text + this.#piece);
  }

  static #hashed(parent: Place | undefined, piece: string, seedHigh: number, seedLow: number): Place {
    let high = seedHigh;
    let low = seedLow;
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    return new Place(parent, piece, high, low);
  }
}
