import { LiteralSet } from '../request/text/literal-set.js';
import { minDistinctive } from './recorded-values.js';
import type { Slot } from '../volatile/slot.js';

/** A stretch of a text and what stands there now. */
export interface Replacement {
  start: number;
  end: number;
  by: string;
}

const run = /[\w-]{8,}/g;
const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Which value of this run stands for which recorded one. The client makes its own ids anew; whatever the recording says of the
 * old one is said of the new one, in requests (they must agree) and in answers (they are rewritten).
 */
export class Correlation {
  readonly #live = new Map<string, string>();
  readonly #recorded = new Map<string, string>();
  /** What answers are rewritten by: the pairs that differ, with their other spellings. */
  readonly #rewritten = new Map<string, string>();
  /** Those of them that are not words. */
  readonly #odd = new LiteralSet();
  #version = 0;

  /** What the recorded value is called now; undefined when it has not been met. */
  live(recorded: string): string | undefined {
    return this.#live.get(recorded);
  }

  recorded(live: string): string | undefined {
    return this.#recorded.get(live);
  }

  /** From now on `asked` stands for `recorded`. */
  bind(recorded: Slot, asked: Slot): void {
    this.#pair(recorded.value, asked.value);
    if (recorded.word !== recorded.value) this.#pair(recorded.word, asked.word);
  }

  /** What the recording calls `recorded` is given out as `live`, and comes back as that. */
  rename(recorded: string, live: string): void {
    this.#live.set(recorded, live);
    this.#recorded.set(live, recorded);
  }

  /** The client has a secret of its own for which the recording has this placeholder: answers that hold it get the secret. */
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

  #pair(recorded: string, asked: string): void {
    if (recorded === asked && this.#live.get(recorded) === asked && this.#recorded.get(asked) === asked) return;
    this.#live.set(recorded, asked);
    this.#recorded.set(asked, recorded);
    this.#rewrite(recorded, asked);
  }

  #rewrite(recorded: string, asked: string): void {
    if (recorded === asked || recorded.length < minDistinctive) return;
    for (const [from, to] of spellings(recorded, asked)) {
      if (this.#rewritten.get(from) !== to) this.#version += 1;
      this.#rewritten.set(from, to);
      if (!/^[\w-]+$/.test(from)) this.#odd.add(from);
    }
  }
}

/** A pair as it may stand elsewhere: percent-encoded, a UUID in the other case or without hyphens. */
function spellings(recorded: string, asked: string): [string, string][] {
  const pairs: [string, string][] = [[recorded, asked]];
  const isUuid = (text: string): boolean => text.length === 36 && /^[0-9a-f-]{36}$/i.test(text);
  if (isUuid(recorded) && isUuid(asked)) {
    for (const spell of [
      (text: string) => text.toUpperCase(),
      (text: string) => text.toLowerCase(),
      (text: string) => text.replaceAll('-', ''),
    ]) {
      pairs.push([spell(recorded), spell(asked)]);
    }
  }
  pairs.push([encodeURIComponent(recorded), encodeURIComponent(asked)]);
  return pairs.reverse(); // so that the exact one has the last word
}
