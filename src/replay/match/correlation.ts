import { replaceAll, type Replacement } from '../request/text/replacements.js';
import { fractionOf } from '../volatile/dates/instant.js';
import { Renames } from './renames.js';
import { minDistinctive } from './value-graph.js';
import type { VolatileValue } from '../volatile/volatile-value.js';

/**
 * Which value of this run stands for which recorded one. The client makes its own ids anew; whatever the recording says
 * of the old one is said of the new one, in requests (they must agree) and in responses (they are rewritten).
 */
export class Correlation {
  readonly #current = new Map<string, string>();
  readonly #recorded = new Map<string, string>();
  /** Recorded values by those of this run: what answers are told by. */
  readonly #told = new Renames();
  /** Names and ids that the client made anew, with the recorded ones: what of them stands in a request is put back. */
  readonly #putBack = new Renames();

  /** What the recorded value is called now; undefined when it has not been met. */
  current(recorded: string): string | undefined {
    return this.#current.get(recorded);
  }

  recorded(current: string): string | undefined {
    return this.#recorded.get(current);
  }

  /** Names have been exchanged: as it is written, this one is another thing in a request than in a recorded one. */
  isExchanged(name: string): boolean {
    const [current, recorded] = [this.#current.get(name), this.#recorded.get(name)];
    return current !== undefined && current !== name && recorded !== undefined && recorded !== name;
  }

  /** From now on `asked` stands for `recorded`. */
  bind(recorded: VolatileValue, incoming: VolatileValue): void {
    if (recorded.kind === 'time') this.#forgetTime(recorded.value, incoming.value);
    this.#pair(recorded.value, incoming.value, !isCoarseTime(recorded));
    if (recorded.word !== recorded.value) this.#pair(recorded.word, incoming.word);
    if (recorded.kind === 'id' && recorded.value !== incoming.value) this.#putBackId(recorded.value, incoming.value);
  }

  /** An id may also stand where no values do: as the name of a member or of a field. */
  #putBackId(recorded: string, incoming: string): void {
    if (recorded.length < minDistinctive || incoming.length < minDistinctive) return;
    if (this.#current.has(incoming)) return; // names were exchanged: the recording has this one for something else
    for (const [from, to] of spellings(recorded, incoming)) this.#putBack.add(to, from);
  }

  /** The client calls `incoming` what it called `recorded` then: a name of any length, wherever it stands as a word. */
  announce({ recorded, incoming, isPiece }: { recorded: string; incoming: string; isPiece: boolean }): void {
    this.#current.set(recorded, incoming);
    this.#recorded.set(incoming, recorded);
    if (recorded === incoming) return;
    if (isPiece) {
      this.#told.addPiece(recorded, incoming);
      this.#putBack.addPiece(incoming, recorded);
      return;
    }
    for (const [from, to] of spellings(recorded, incoming)) {
      this.#told.add(from, to);
      this.#putBack.add(to, from);
    }
  }

  /** Whether the client has announced this value as a name of its own. */
  isName(current: string): boolean {
    return this.#putBack.has(current);
  }

  /** Whether names were announced that requests may hold. */
  get hasNames(): boolean {
    return !this.#putBack.isEmpty;
  }

  /** `text` of a request with the names that the recording has for those of this run. */
  putBack(text: string): string {
    return replaceAll(text, this.#putBack.in(text));
  }

  /** What the recording calls `recorded` is given out as `live`, and comes back as that. */
  rename(recorded: string, current: string): void {
    this.#current.set(recorded, current);
    this.#recorded.set(current, recorded);
  }

  /**
   * In each pair the first recorded value is called from now on what the second one was called; a value that is left is
   * called what was left over.
   */
  exchange(pairs: readonly (readonly [recorded: string, other: string])[]): void {
    const called = (value: string): string => this.#current.get(value) ?? value;
    const names = new Map(pairs.map(([recorded, other]) => [recorded, called(other)]));
    const followers = new Map(pairs.map(([recorded, other]) => [other, recorded]));
    for (const [, other] of pairs) {
      if (names.has(other)) continue;
      let last = other;
      for (let next = followers.get(last); next !== undefined; next = followers.get(last)) last = next;
      names.set(other, called(last));
    }
    for (const [recorded, current] of names) {
      this.rename(recorded, current);
      for (const [from, to] of spellings(recorded, current)) this.#told.add(from, to);
    }
  }

  /** What the client called `from` is what the recording calls `to`; what it called `to`, if anything, is `from`. */
  transfer(from: string, to: string): void {
    const [current, other] = [this.#current.get(from), this.#current.get(to)];
    if (current === undefined) return;
    this.#current.delete(from);
    for (const [spelled] of spellings(from, current)) this.#told.remove(spelled);
    this.announce({ recorded: to, incoming: current, isPiece: false });
    if (other !== undefined && other !== to) this.announce({ recorded: from, incoming: other, isPiece: false });
  }

  /**
   * The client has a secret of its own for which the recording has this placeholder: responses that hold it get the
   * secret.
   */
  restore(placeholder: string, secret: string): void {
    this.#rewrite(placeholder, secret);
  }

  /** Another one after each change to what answers are told by. */
  get version(): number {
    return this.#told.version;
  }

  get isEmpty(): boolean {
    return this.#told.isEmpty;
  }

  /** Where `text`, recorded, holds values that are called otherwise now. In order, without overlaps. */
  replacements(text: string): Replacement[] {
    return this.#told.in(text);
  }

  /** Clients go on with their ids, but no time comes back once another one stands for it. */
  #forgetTime(recorded: string, incoming: string): void {
    const last = this.#current.get(recorded);
    if (last !== undefined && last !== incoming && this.#recorded.get(last) === recorded) this.#recorded.delete(last);
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
    for (const [from, to] of spellings(recorded, incoming)) this.#told.add(from, to);
  }
}

/** A second is told by several things that have nothing to do with each other; a millisecond by one. */
export function isCoarseTime({ kind, value }: VolatileValue): boolean {
  return kind === 'time' && fractionOf(value) === '';
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
