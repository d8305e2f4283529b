import { LiteralSet } from '../request/text/literal-set.js';
import { minDistinctive } from './recorded-values.js';
import type { VolatileValue } from '../volatile/volatile-value.js';

/** A stretch of a text and what stands there now. */
export interface Replacement {
  start: number;
  end: number;
  by: string;
}

const run = /[\w-]{8,}/g;
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
    this.#pair(recorded.value, incoming.value);
    if (recorded.word !== recorded.value) this.#pair(recorded.word, incoming.word);
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
    for (const match of text.matchAll(run)) this.#inWord(match[0], match.index, found);
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
    for (const match of word.matchAll(/[^_-]{8,}/g)) this.#take(match[0], at + match.index, found);
  }

  #take(text: string, start: number, found: Replacement[]): boolean {
    const by = this.#rewritten.get(text);
    if (by === undefined) return false;
    found.push({ start, end: start + text.length, by });
    return true;
  }

  #pair(recorded: string, incoming: string): void {
    if (recorded === incoming && this.#current.get(recorded) === incoming && this.#recorded.get(incoming) === incoming)
      return;
    this.#current.set(recorded, incoming);
    this.#recorded.set(incoming, recorded);
    this.#rewrite(recorded, incoming);
  }

  #rewrite(recorded: string, incoming: string): void {
    if (recorded === incoming || recorded.length < minDistinctive) return;
    for (const [from, to] of spellings(recorded, incoming)) {
      if (this.#rewritten.get(from) !== to) this.#version += 1;
      this.#rewritten.set(from, to);
      if (!/^[\w-]+$/.test(from)) this.#odd.add(from);
    }
  }
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
  pairs.push([encodeURIComponent(recorded), encodeURIComponent(incoming)]);
  return pairs.reverse(); // so that the exact one has the last word
}
