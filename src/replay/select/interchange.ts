import { header, opcodes, type RecordedExchange, type RecordedExchanges } from '../../http/index.js';
import { plainBody, type RecordedBodies } from '../loaded/recorded-bodies.js';
import type { Correlation } from '../match/correlation.js';
import { differingWords } from '../match/differing-words.js';
import { strengthOf, strengthOfBoth } from '../match/name-shape.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from '../match/prepared-request.js';
import type { Incoming } from '../match/prepared-requests.js';
import type { RequestMatcher } from '../match/request-matcher.js';
import type { GivenName } from '../match/unification.js';
import { pairUp } from '../request/field.js';
import { messageRequest } from '../request/message-request.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { PreparedField } from '../volatile/volatile-value.js';
import type { ServedExchanges } from './served.js';

interface InterchangeInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  context: MatchContext;
  matcher: RequestMatcher;
  correlation: Correlation;
  served: ServedExchanges;
}

/** Which recorded exchanges change places, and what each name of the first ones is in the second ones. */
interface Exchanged {
  pairs: [number, number][];
  names: Names;
}

/** A flow of more exchanges is not looked through. */
const maxPairs = 200;

/**
 * Recorded flows that begin alike: equal requests whose answers differ in nothing but the names that they give out.
 * Which of them a client goes on along shows later, when it says what only one of them has: then that one's names stand
 * for those that the client was given, and what the client has done so far is what was done there.
 */
export class Interchange {
  readonly #init: InterchangeInit;
  #turn: Promise<unknown> = Promise.resolve();
  /** How often names have been exchanged. */
  #count = 0;

  constructor(init: InterchangeInit) {
    this.#init = init;
  }

  /**
   * Exchanges names so that a request which was not found is one of the recording, and looks it up again. Undefined:
   * nothing can be exchanged. One request after the other: what another one has exchanged may be what this one needs.
   */
  tryFor<Found>(incoming: Incoming, now: RunTimes, find: () => Promise<Found>): Promise<Found | undefined> {
    const before = this.#count;
    const turn = this.#turn.then(async () => {
      const isOther = this.#count !== before;
      return (await this.#exchangeFor(incoming, now)) || isOther ? find() : undefined;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #exchangeFor(incoming: Incoming, now: RunTimes): Promise<boolean> {
    const { matcher, served } = this.#init;
    for (const { position, names } of await matcher.withOtherNames(incoming, now)) {
      if (names.length === 0 || served.isUsed(position)) continue;
      const exchanged = await this.#exchanged(names);
      if (exchanged === undefined) continue;
      this.#carryOut(exchanged);
      return true;
    }
    return false;
  }

  async #exchanged(wanted: readonly GivenName[]): Promise<Exchanged | undefined> {
    const { values } = this.#init.matcher;
    const { served } = this.#init;
    const [first] = wanted
      .map((name) => [this.#originOf(name.meaning), this.#originOf(name.recorded)] as const)
      .filter((pair): pair is readonly [number, number] => pair[0] !== undefined && pair[1] !== undefined)
      .sort((a, b) => a[0] - b[0]);
    if (first === undefined || first[0] === first[1] || !served.hasHappened(first[0])) return undefined;
    const names = new Names();
    const pairs: [number, number][] = [[...first]];
    if (!(await this.#align(...first, names))) return undefined;
    const all = new Set(pairs.flat());
    // what was asked with the one's names has to be among what was asked with the other's, and the other way round
    for (const [i, [one, other]] of pairs.entries()) {
      if (i > 0 && !(await this.#align(one, other, names))) return undefined;
      for (const [from, to] of names.entries()) {
        const [ofFrom, ofTo] = [values.requestsOf(from), values.requestsOf(to)];
        for (const [mine, others, isFirst] of [
          [ofFrom, ofTo, true],
          [ofTo, ofFrom, false],
        ] as const) {
          for (const done of mine) {
            if (all.has(done) || !served.isUsed(done)) continue;
            const counterpart = await this.#counterpart(done, others, all, names, isFirst);
            if (counterpart === undefined || pairs.length >= maxPairs) return undefined;
            all.add(done).add(counterpart);
            pairs.push(isFirst ? [done, counterpart] : [counterpart, done]);
          }
        }
      }
    }
    // what requests are found by as it is written cannot be called otherwise
    if (names.words.some((word) => values.isServerMade(word))) return undefined;
    return wanted.every(({ meaning, recorded }) => names.of(meaning) === recorded) ? { pairs, names } : undefined;
  }

  /** The exchange that a name comes from. */
  #originOf(name: string): number | undefined {
    const { values } = this.#init.matcher;
    return values.isServerMade(name) ? values.firstAnswerOf(name) : values.firstRequestOf(name);
  }

  /** The first exchange of the other flow that is like one that was made. */
  async #counterpart(
    done: number,
    others: readonly number[],
    taken: ReadonlySet<number>,
    names: Names,
    isFirst: boolean,
  ): Promise<number | undefined> {
    for (const other of others) {
      if (taken.has(other)) continue;
      const trial = names.copy();
      const [one, two] = isFirst ? [done, other] : [other, done];
      if (await this.#align(one, two, trial)) return other;
    }
    return undefined;
  }

  #carryOut({ pairs, names }: Exchanged): void {
    this.#count += 1;
    const { correlation, served, matcher } = this.#init;
    const given: [string, string][] = [];
    for (const [from, to] of names.entries()) {
      if (!matcher.values.isKnown(from) || matcher.values.isServerMade(from)) given.push([to, from]);
      else for (const [mine, there] of spelled(from, to)) correlation.transfer(mine, there);
    }
    correlation.exchange(given);
    for (const [one, other] of pairs) {
      if (served.isUsed(one) && !served.isUsed(other)) served.exchange(one, other);
      else if (served.isUsed(other) && !served.isUsed(one)) served.exchange(other, one);
    }
  }

  /** Whether two exchanges are the same but for names, which are added to `names`. */
  async #align(one: number, other: number, names: Names): Promise<boolean> {
    const { exchanges, matcher } = this.#init;
    const [a, b] = [exchanges.get(one), exchanges.get(other)];
    if (a.method !== b.method || a.response?.status !== b.response?.status || a.error || b.error) return false;
    if (a.webSocketMessages !== undefined || b.webSocketMessages !== undefined) return false;
    const [past, present] = [await matcher.index.prepared(one), await matcher.index.prepared(other)];
    if (past === undefined || present === undefined) return false;
    const aligner = new Aligner(names, past.facts.startedAt, present.facts.startedAt);
    if (!aligner.fields(past.request.line, present.request.line)) return false;
    if (!aligner.fields(past.request.body, present.request.body)) return false;
    const [told, toldThere] = [await this.#answer(a), await this.#answer(b)];
    if (told === undefined || toldThere === undefined || !aligner.fields(told.body, toldThere.body)) return false;
    return ['location', 'set-cookie'].every((name) =>
      aligner.texts(header(a.response?.headers ?? [], name) ?? '', header(b.response?.headers ?? [], name) ?? ''),
    );
  }

  async #answer({ response }: RecordedExchange): Promise<PreparedRequest | undefined> {
    const { bodies, context } = this.#init;
    if (response === undefined) return undefined;
    const wire = response.body === undefined ? Buffer.alloc(0) : await bodies.readable(response.body);
    const data = wire && plainBody(response, wire);
    return data && prepareRequest(messageRequest({ opcode: opcodes.text, data }), context);
  }
}

/** A name that the client made, and the part of it that is another one each time. */
function spelled(from: string, to: string): [string, string][] {
  const parts = (differingWords(from, to) ?? []).filter(({ recorded }) => recorded !== from);
  return [[from, to], ...parts.map(({ recorded, incoming }): [string, string] => [recorded, incoming])];
}

/** What each name of one flow is in another: one for one. */
class Names {
  /** Those of the first flow that do not look like ids. */
  readonly words: string[] = [];
  readonly #there: Map<string, string>;
  readonly #here: Map<string, string>;

  constructor(names: Iterable<[string, string]> = []) {
    this.#there = new Map(names);
    this.#here = new Map([...this.#there].map(([from, to]) => [to, from]));
  }

  of(name: string): string | undefined {
    return this.#there.get(name);
  }

  /** False: one of them is something else already. */
  add(from: string, to: string): boolean {
    if ((this.#there.get(from) ?? to) !== to || (this.#here.get(to) ?? from) !== from) return false;
    this.#there.set(from, to);
    this.#here.set(to, from);
    return true;
  }

  /** Those that are added meanwhile come too. */
  entries(): Iterable<[string, string]> {
    return this.#there.entries();
  }

  copy(): Names {
    return new Names(this.#there);
  }
}

/** Compares the values of two exchanges that may differ in names, and takes note of those. */
class Aligner {
  readonly #names: Names;
  readonly #startedAt: readonly [number, number];

  constructor(names: Names, ...startedAt: [number, number]) {
    this.#names = names;
    this.#startedAt = startedAt;
  }

  fields(past: readonly PreparedField[], present: readonly PreparedField[]): boolean {
    return pairUp(past, present).every(
      ([one, other]) => one !== undefined && other !== undefined && this.#field(one, other),
    );
  }

  texts(one: string, other: string): boolean {
    if (one === other) return true;
    return (
      differingWords(one, other)?.every(({ recorded, incoming, recordedRun, incomingRun }) => {
        const [at, there] = this.#startedAt;
        if (this.#names.of(recordedRun) === incomingRun) return true;
        const strength = strengthOfBoth(
          { recorded, incoming },
          strengthOf(recorded, recordedRun, at),
          strengthOf(incoming, incomingRun, there),
        );
        if (strength === 'plain' || !this.#names.add(recordedRun, incomingRun)) return false;
        this.#names.words.push(recordedRun);
        return true;
      }) ?? false
    );
  }

  #field(one: PreparedField, other: PreparedField): boolean {
    if (one.field.value === other.field.value) return true;
    if (one.field.type !== other.field.type) return false;
    if (one.template !== other.template) return this.texts(one.field.value, other.field.value);
    return one.volatileValues.every(({ kind, word }, i) => {
      const there = other.volatileValues[i];
      if (there === undefined) return false;
      return word === there.word || kind === 'time' || kind === 'noise' || this.#names.add(word, there.word);
    });
  }
}
