import { LiteralSet } from '../request/text/literal-set.js';
import { replaceAll, type Replacement } from '../request/text/replacements.js';
import { fractionOf } from '../volatile/dates/clock-shift.js';
import { minDistinctive } from './value-graph.js';
import type { VolatileValue } from '../volatile/volatile-value.js';

const run = /[\w-]{8,}/g;
const anyRun = /[\w-]{3,}/g;
const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Which value of this run stands for which recorded one. The client makes its own ids anew; whatever the recording says
 * of the old one is said of the new one, in requests (they must agree) and in responses (they are rewritten).
 */
export class Correlation {
  readonly #current = new Map<string, string>();
  readonly #recorded = new Map<string, string>();
  /** What answers are rewritten by: the pairs that differ, with their other spellings. */
  readonly #rewritten = new Map<string, string>();
  /** Those of them that are not words. */
  readonly #odd = new LiteralSet();
  /** Names that the client made anew, by those of this run: what of them stands in a request is put back. */
  readonly #putBack = new Map<string, string>();
  readonly #oddNames = new LiteralSet();
  /** Numbers and words within such names, which mean them only as a part of a longer word. */
  readonly #pieces = new Map<string, string>();
  readonly #livePieces = new Map<string, string>();
  /** Some recorded names that answers are rewritten by are shorter than what is distinctive by itself. */
  #hasShort = false;
  #version = 0;

  /** What the recorded value is called now; undefined when it has not been met. */
  current(recorded: string): string | undefined {
    return this.#current.get(recorded);
  }

  recorded(current: string): string | undefined {
    return this.#recorded.get(current);
  }

  /** From now on `asked` stands for `recorded`. */
  bind(recorded: VolatileValue, incoming: VolatileValue): void {
    this.#pair(recorded.value, incoming.value, !isCoarseTime(recorded));
    if (recorded.word !== recorded.value) this.#pair(recorded.word, incoming.word);
  }

  /** The client calls `incoming` what it called `recorded` then: a name of any length, wherever it stands as a word. */
  announce({ recorded, incoming, isPiece }: { recorded: string; incoming: string; isPiece: boolean }): void {
    this.#current.set(recorded, incoming);
    this.#recorded.set(incoming, recorded);
    if (recorded === incoming) return;
    if (isPiece) {
      if (this.#pieces.get(recorded) !== incoming) this.#version += 1;
      this.#pieces.set(recorded, incoming);
      this.#livePieces.set(incoming, recorded);
      return;
    }
    this.#hasShort ||= recorded.length < minDistinctive;
    for (const [from, to] of spellings(recorded, incoming)) {
      if (this.#rewritten.get(from) !== to) this.#version += 1;
      this.#rewritten.set(from, to);
      this.#putBack.set(to, from);
      if (!isRun(from) && from.length >= 4) this.#odd.add(from);
      if (!isRun(to) && to.length >= 4) this.#oddNames.add(to);
    }
  }

  /** Whether the client has announced this value as a name of its own. */
  isName(current: string): boolean {
    return this.#putBack.has(current) || this.#livePieces.has(current);
  }

  /** Whether names were announced that requests may hold. */
  get hasNames(): boolean {
    return this.#putBack.size > 0;
  }

  /** `text` of a request with the names that the recording has for those of this run. */
  putBack(text: string): string {
    const found: Replacement[] = [];
    const take = (word: string, start: number): boolean => {
      const by = this.#putBack.get(word);
      if (by !== undefined) found.push({ start, end: start + word.length, by });
      return by !== undefined;
    };
    for (const [name, places] of this.#oddNames.foundIn(text)) for (const at of places) take(name, at);
    const odd = [...found];
    for (const { 0: word, index } of text.matchAll(anyRun)) {
      if (odd.some(({ start, end }) => index < end && start < index + word.length) || take(word, index)) continue;
      for (const { 0: piece, index: at } of word.matchAll(/[^_-]{4,}/g)) {
        const by = piece === word ? undefined : (this.#putBack.get(piece) ?? this.#livePieces.get(piece));
        if (by !== undefined) found.push({ start: index + at, end: index + at + piece.length, by });
      }
    }
    return replaceAll(
      text,
      found.sort((a, b) => a.start - b.start),
    );
  }

  /** What the recording calls `recorded` is given out as `live`, and comes back as that. */
  rename(recorded: string, current: string): void {
    this.#current.set(recorded, current);
    this.#recorded.set(current, recorded);
  }

  /**
   * The client has a secret of its own for which the recording has this placeholder: responses that hold it get the
   * secret.
   */
  restore(placeholder: string, secret: string): void {
    this.#rewrite(placeholder, secret);
  }

  /** Another one after each change to what answers are rewritten by. */
  get version(): number {
    return this.#version;
  }

  get isEmpty(): boolean {
    return this.#rewritten.size === 0;
  }

  /** Where `text`, recorded, holds values that are called otherwise now. In order, without overlaps. */
  replacements(text: string): Replacement[] {
    if (this.isEmpty) return [];
    const found: Replacement[] = [];
    for (const match of text.matchAll(this.#hasShort || this.#pieces.size > 0 ? anyRun : run))
      this.#inWord(match[0], match.index, found);
    for (const [value, places] of this.#odd.foundIn(text)) {
      for (const at of places) {
        if (!found.some(({ start, end }) => at < end && start < at + value.length)) this.#take(value, at, found);
      }
    }
    return found.sort((a, b) => a.start - b.start);
  }

  #inWord(word: string, at: number, found: Replacement[]): void {
    if (this.#take(word, at, found)) return;
    const before = found.length;
    if (word.length > 36) {
      for (const match of word.matchAll(uuidPattern)) this.#take(match[0], at + match.index, found);
    }
    if (found.length > before) return;
    const pieces = this.#pieces.size > 0 || this.#hasShort ? /[^_-]{4,}/g : /[^_-]{8,}/g;
    for (const { 0: piece, index } of word.matchAll(pieces)) {
      const by = piece === word ? undefined : this.#pieces.get(piece);
      if (this.#take(piece, at + index, found) || by === undefined) continue;
      found.push({ start: at + index, end: at + index + piece.length, by });
    }
  }

  #take(text: string, start: number, found: Replacement[]): boolean {
    const by = this.#rewritten.get(text);
    if (by === undefined) return false;
    found.push({ start, end: start + text.length, by });
    return true;
  }

  #pair(recorded: string, incoming: string, isItsOwn = true): void {
    if (recorded === incoming && this.#current.get(recorded) === incoming && this.#recorded.get(incoming) === incoming)
      return;
    this.#current.set(recorded, incoming);
    this.#recorded.set(incoming, recorded);
    if (isItsOwn) this.#rewrite(recorded, incoming);
  }

  #rewrite(recorded: string, incoming: string): void {
    if (recorded === incoming || recorded.length < minDistinctive) return;
    for (const [from, to] of spellings(recorded, incoming)) {
      if (this.#rewritten.get(from) !== to) this.#version += 1;
      this.#rewritten.set(from, to);
      if (!isRun(from)) this.#odd.add(from);
    }
  }
}

/** A second is told by several things that have nothing to do with each other; a millisecond by one. */
export function isCoarseTime({ kind, value }: VolatileValue): boolean {
  return kind === 'time' && fractionOf(value) === '';
}

function isRun(text: string): boolean {
  return /^[\w-]+$/.test(text);
}

/** A pair as it may stand elsewhere: percent-encoded, a UUID in the other case or without hyphens. */
function spellings(recorded: string, incoming: string): [string, string][] {
  const pairs: [string, string][] = [[recorded, incoming]];
  const isUuid = (text: string): boolean => text.length === 36 && /^[0-9a-f-]{36}$/i.test(text);
  if (isUuid(recorded) && isUuid(incoming)) {
    for (const spell of [
      (text: string) => text.toUpperCase(),
      (text: string) => text.toLowerCase(),
      (text: string) => text.replaceAll('-', ''),
    ]) {
      pairs.push([spell(recorded), spell(incoming)]);
    }
  }
  const encoded = [encodeURIComponent(recorded), encodeURIComponent(incoming)] as const;
  pairs.push([...encoded]);
  if (encoded[0].includes('%20')) pairs.push([encoded[0].replaceAll('%20', '+'), encoded[1].replaceAll('%20', '+')]);
  return pairs.reverse(); // so that the exact one has the last word
}
