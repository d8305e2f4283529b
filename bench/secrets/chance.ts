import { between, oneOf, seeded } from '../../test/helpers/seeded.js';

const digits = '0123456789';
const small = 'abcdefghijklmnopqrstuvwxyz';
const letters = small + small.toUpperCase();
const syllables = 'ba be bo da du fi ga go ha ka ki lo lu ma mi na ne no pa po ra ri sa so ta te ti tu va wo zu'.split(
  ' ',
);

/** What a corpus is made of by chance; the same seed makes the same. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  yes(share: number): boolean {
    return this.#random() < share;
  }

  between(low: number, high: number): number {
    return between(this.#random, low, high);
  }

  oneOf<T>(choices: readonly T[]): T {
    return oneOf(this.#random, choices);
  }

  /** The same in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.between(0, rest.length - 1), 1)[0] as T);
  }

  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => this.oneOf([...alphabet])).join('');
  }

  hex(length: number): string {
    return this.text(`${digits}abcdef`, length);
  }

  digits(length: number): string {
    return this.text('123456789', 1) + this.text(digits, length - 1);
  }

  base62(length: number): string {
    return this.text(letters + digits, length);
  }

  /** Of as many bytes. */
  bytes(length: number): Buffer {
    return Buffer.from(this.hex(length * 2), 'hex');
  }

  uuid(): string {
    const version4 = `4${this.hex(3)}-${this.oneOf(['8', '9', 'a', 'b'])}${this.hex(3)}`;
    return `${this.hex(8)}-${this.hex(4)}-${version4}-${this.hex(12)}`;
  }

  /** A word that no dictionary has. */
  word(parts: number): string {
    return Array.from({ length: parts }, () => this.oneOf(syllables)).join('');
  }
}
