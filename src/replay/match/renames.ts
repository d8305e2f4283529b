import { forLongTexts } from '../../core/for-long-texts.js';
import { LiteralSet } from '../request/text/literal-set.js';
import type { Replacement } from '../request/text/replacements.js';
import { minDistinctive } from './value-graph.js';

const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Runs of letters, digits, `_` and `-`, and the pieces between those two: all, and those that are distinctive. */
const shortRuns = /[\w-]{3,}/g;
const longRuns = forLongTexts(/[\w-]{8,}/g);
const shortPieces = forLongTexts(/[^_-]{4,}/g);
const longPieces = forLongTexts(/[^_-]{8,}/g);

/** Values that are called otherwise, found in texts wherever they stand as words. */
export class Renames {
  readonly #renamed = new Map<string, string>();
  /** What means a renamed thing only as a part of a longer word. */
  readonly #pieces = new Map<string, string>();
  /** Those of the renamed values that are no words. */
  readonly #odd = new LiteralSet();
  #hasShort = false;
  #version = 0;

  /** Another one after each change. */
  get version(): number {
    return this.#version;
  }

  get isEmpty(): boolean {
    return this.#renamed.size === 0;
  }

  has(value: string): boolean {
    return this.#renamed.has(value) || this.#pieces.has(value);
  }

  add(from: string, to: string): void {
    if (this.#renamed.get(from) !== to) this.#version += 1;
    this.#renamed.set(from, to);
    if (!/^[\w-]+$/.test(from)) {
      if (from.length >= 4) this.#odd.add(from);
    } else if (from.length < minDistinctive) this.#hasShort = true;
  }

  remove(from: string): void {
    if (this.#renamed.delete(from)) this.#version += 1;
  }

  addPiece(from: string, to: string): void {
    if (this.#pieces.get(from) !== to) this.#version += 1;
    this.#pieces.set(from, to);
    this.#hasShort = true;
  }

  /** Where `text` holds them, and what they are called. In order, without overlaps. */
  in(text: string): Replacement[] {
    if (this.isEmpty) return [];
    const found: Replacement[] = [];
    for (const { 0: word, index } of text.matchAll(this.#hasShort ? shortRuns : longRuns))
      this.#inWord(word, index, found);
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
    for (const { 0: piece, index } of word.matchAll(this.#hasShort ? shortPieces : longPieces)) {
      const by = piece === word ? undefined : this.#pieces.get(piece);
      if (this.#take(piece, at + index, found) || by === undefined) continue;
      found.push({ start: at + index, end: at + index + piece.length, by });
    }
  }

  #take(text: string, start: number, found: Replacement[]): boolean {
    const by = this.#renamed.get(text);
    if (by === undefined) return false;
    found.push({ start, end: start + text.length, by });
    return true;
  }
}
