import type { Place } from './place.js';

/**
 * One comparable value of a request. Requests are equal in meaning when their fields are; the same fields make the key
 * of the index and the explanation of a miss.
 */
export interface Field {
  /** Where it stands, for people: `method`, `query page`, `json $.items[2].qty`, `part[file] filename`. */
  where: string;
  /** What it is called there: a query or member name, lower case for headers; empty when it has none. */
  name: string;
  /** As text: numbers canonical, bytes as their hash and size. */
  value: string;
  /** Values of different types are different, whatever their text: JSON `1` and `"1"`. */
  type: FieldType;
  /** Of `bytes`: the bytes. */
  data?: Buffer;
}

export type FieldType = 'text' | 'number' | 'literal' | 'bytes';

export function textField(where: string, name: string, value: string): Field {
  return { where, name, value, type: 'text' };
}

/** A difference between a recorded request and the incoming one; a side that has no such field is left out. */
export interface Difference {
  where: string;
  recorded?: string;
  incoming?: string;
}

/** 53 bits of a list of texts. */
export function hashTexts(texts: readonly string[]): number {
  const hash = new TextsHash();
  for (const text of texts) hash.add(text);
  return hash.value();
}

/** The same, one text after another. */
export class TextsHash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  add(text: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    this.#high = Math.imul(high ^ (high >>> 16) ^ 0x1f, 2654435761);
    this.#low = Math.imul(low ^ (low >>> 15) ^ 0x1f, 1597334677);
  }

  /** The text of a place, by its own hash. */
  addPlace({ high, low }: Place): void {
    const [from, and] = [this.#high ^ mixed(high), this.#low ^ mixed(low)];
    this.#high = Math.imul(from ^ (from >>> 16), 2654435761);
    this.#low = Math.imul(and ^ (and >>> 15), 1597334677);
  }

  value(): number {
    const [from, and] = [this.#high, this.#low];
    const high = Math.imul(from ^ (from >>> 16), 2246822507) ^ Math.imul(and ^ (and >>> 13), 3266489909);
    const low = Math.imul(and ^ (and >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    return 4294967296 * (2097151 & low) + (high >>> 0);
  }
}

/** Spreads each bit over all of them. */
function mixed(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 2246822507);
  const twice = Math.imul(once ^ (once >>> 13), 3266489909);
  return twice ^ (twice >>> 16);
}

/** Pairs what stands at the same place on both sides, in recorded order and then what was asked besides. */
export function pairUp<Placed extends { field: Field }>(
  recorded: readonly Placed[],
  incoming: readonly Placed[],
): [Placed | undefined, Placed | undefined][] {
  if (
    recorded.length === incoming.length &&
    recorded.every(({ field }, i) => field.where === incoming[i]?.field.where)
  ) {
    return recorded.map((placed, i) => [placed, incoming[i]]);
  }
  const left = new Map(incoming.map((placed) => [placed.field.where, placed]));
  const pairs: [Placed | undefined, Placed | undefined][] = recorded.map((placed) => {
    const other = left.get(placed.field.where);
    left.delete(placed.field.where);
    return [placed, other];
  });
  return [...pairs, ...Array.from(left.values(), (placed): [undefined, Placed] => [undefined, placed])];
}

export function differenceOf(recorded: Field | undefined, incoming: Field | undefined): Difference {
  if (recorded === undefined) return { where: incoming?.where ?? '', ...(incoming && { incoming: shown(incoming) }) };
  if (incoming === undefined) return { where: recorded.where, recorded: shown(recorded) };
  return { where: recorded.where, ...shownApart(recorded, incoming) };
}

const maxShown = 200;

function shown({ value, type }: Field): string {
  const text = type === 'text' ? value : value.replace(/^$/, '(empty)');
  return text.length > maxShown ? `${text.slice(0, maxShown)}… (${text.length} characters)` : text;
}

/** Both values, each with its type where only that tells them apart; long ones cut around the first difference. */
function shownApart(recorded: Field, incoming: Field): { recorded: string; incoming: string } {
  if (recorded.value === incoming.value) {
    return { recorded: `${shown(recorded)} (${recorded.type})`, incoming: `${shown(incoming)} (${incoming.type})` };
  }
  if (recorded.value.length <= maxShown && incoming.value.length <= maxShown) {
    return { recorded: shown(recorded), incoming: shown(incoming) };
  }
  let first = 0;
  while (recorded.value[first] === incoming.value[first]) first += 1;
  const from = Math.max(0, first - 60);
  const cut = (value: string): string =>
    `${from > 0 ? '…' : ''}${value.slice(from, from + maxShown)}${value.length > from + maxShown ? '…' : ''}`;
  return { recorded: cut(recorded.value), incoming: cut(incoming.value) };
}
