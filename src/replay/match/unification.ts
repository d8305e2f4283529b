import { LRUCache } from 'lru-cache';
import type { RecordedExchanges } from '../../http/index.js';
import type { Redactor } from '../../har/redaction/index.js';
import type { RecordedFacts } from '../loaded/facts.js';
import { positionsOf, recordedLine } from '../loaded/recorded-request.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import type { VolatileValue } from '../volatile/volatile-value.js';
import type { Comparison, MatchResult } from './comparison.js';
import { differingWords } from './differing-words.js';
import { partsOfField } from './value-words.js';
import type { Field } from '../request/field.js';
import { LikeRequests } from './like-requests.js';
import { isLogin } from './logins.js';
import { MadeAnew, type Announcement } from './made-anew.js';
import type { Correlation } from './correlation.js';
import type { DigestIndex } from './digest-index.js';
import type { Match } from './matching.js';
import type { PreparedRequest } from './prepared-request.js';
import type { RequestIndex } from './request-index.js';
import type { ValueGraph } from './value-graph.js';
import { valuesAndWords } from './value-words.js';

interface UnificationInit {
  exchanges: RecordedExchanges;
  index: RequestIndex;
  comparison: Comparison;
  correlation: Correlation;
  values: ValueGraph;
  redactor: Redactor | undefined;
  digests: DigestIndex;
  isUsed: (position: number) => boolean;
}

/** A recorded request that an incoming one is, if some of its values stand for those that the client made then. */
export interface UnifiedMatch extends Match {
  announced: readonly Announcement[];
}

/** So many recorded requests of one operation are compared in full. */
const maxCompared = 300;
/** So many fields of recorded requests are kept ready. */
const maxKeptFields = 50_000;

/**
 * Finds the recorded requests that differ from an incoming one only in values that the client makes anew on each run:
 * where each came from and how it was used in the recording decides, not how it looks.
 */
export class Unification {
  readonly #init: UnificationInit;
  readonly #madeAnew: MadeAnew;
  readonly #like: LikeRequests;
  #byOperation: Map<string, number[]> | undefined;
  readonly #prepared = new LRUCache<number, Unified>({
    maxSize: maxKeptFields,
    sizeCalculation: ({ request: { line, headers, body } }) => 1 + line.length + headers.length + body.length,
  });

  constructor(init: UnificationInit) {
    this.#init = init;
    this.#madeAnew = new MadeAnew(init);
    this.#like = new LikeRequests(init.index, init.isUsed);
  }

  /** Resolves once the recording has been searched for what the questions need. */
  async ready(): Promise<void> {
    await this.#init.values.ready();
    await this.#init.digests.ready();
  }

  /** Those for which the least has to be believed to stand for something else, in recorded order. */
  async matches(incoming: ComparableRequest, prepared: PreparedRequest, now: RunTimes): Promise<UnifiedMatch[]> {
    const matches = await this.#matches(incoming, prepared, now);
    const least = Math.min(...matches.map(({ announced }) => costOf(announced)));
    return matches.filter(({ announced }) => costOf(announced) === least);
  }

  /**
   * Those that an incoming request would be if names which the server gave out were exchanged: of each, the recorded
   * names with those that the incoming one has in their places. In recorded order.
   */
  async withOtherNames(
    incoming: ComparableRequest,
    prepared: PreparedRequest,
    now: RunTimes,
  ): Promise<{ position: number; names: readonly GivenName[] }[]> {
    const found = new Map<number, GivenName[]>();
    const matches = await this.#matches(incoming, prepared, now, (facts, name) => {
      const { correlation } = this.#init;
      const meaning = correlation.recorded(name.incoming) ?? name.incoming;
      if (!this.#areOfOneOrigin(name.recorded, meaning)) return false;
      found.set(facts.position, [...(found.get(facts.position) ?? []), { recorded: name.recorded, meaning }]);
      return true;
    });
    return matches.map(({ candidate: { facts } }) => ({
      position: facts.position,
      names: found.get(facts.position) ?? [],
    }));
  }

  /** Both were given out by the server; or the client made both, and this run's client calls `meaning` otherwise. */
  #areOfOneOrigin(recorded: string, meaning: string): boolean {
    const { values, correlation } = this.#init;
    if (values.isServerMade(recorded)) return values.isServerMade(meaning);
    const current = correlation.current(meaning);
    const isMadeAnew = current !== undefined && current !== meaning && !values.isServerMade(meaning);
    return isMadeAnew && values.isKnown(recorded) && values.isKnown(meaning);
  }

  async #matches(
    incoming: ComparableRequest,
    prepared: PreparedRequest,
    now: RunTimes,
    standsFor?: StandsFor,
  ): Promise<UnifiedMatch[]> {
    this.#byOperation ??= operationsOf(this.#init.exchanges);
    const positions = this.#byOperation.get(operationOf(incoming)) ?? [];
    if (positions.length === 0) return [];
    await this.ready();
    const live = { line: prepared.line, headers: prepared.headers, body: prepared.body };
    const matches: UnifiedMatch[] = [];
    const likely = positions.length <= maxCompared ? positions : await this.#like.of(positions, prepared, maxCompared);
    for (const position of likely) {
      const recorded = await this.#recorded(position);
      const match = recorded && this.#unified(recorded, live, now, standsFor);
      if (match !== undefined) matches.push(match);
    }
    return matches.sort(byPosition);
  }

  /** A recorded request as an incoming one; the questions to values and digests can be answered. */
  ofPair(request: Unified['request'], facts: RecordedFacts, live: Fields, now: RunTimes): UnifiedMatch | undefined {
    return this.#unified({ facts, request }, live, now);
  }

  #unified(recorded: Unified, live: Fields, now: RunTimes, standsFor?: StandsFor): UnifiedMatch | undefined {
    const { facts, request } = recorded;
    const { correlation } = this.#init;
    recorded.isLogin ??= isLogin(request, facts, this.#init);
    const { isLogin: login } = recorded;
    const announced: Announcement[] = [];
    const compare = (agreed: ReadonlyMap<string, string>): MatchResult => {
      announced.length = 0;
      return this.#init.comparison.ofAll(request, live, facts, now, (past, present) => {
        if (past === undefined || present === undefined || past.strict === true || past.meant === true) return false;
        const found = this.#madeAnew.between(past, present, { facts, now, agreed, isLogin: login });
        if (found !== undefined) announced.push(...found);
        return (
          found !== undefined ||
          (standsFor !== undefined && areGiven(past.field, present.field, facts, standsFor, correlation))
        );
      });
    };
    let matchResult = compare(new Map());
    if (matchResult.differences.length > 0 && announced.length > 0) {
      // what one field has shown, another one may repeat
      matchResult = compare(new Map(announced.map((each) => [each.recorded, each.incoming])));
    }
    const names = announced.filter(({ isSize }) => isSize !== true);
    if (matchResult.differences.length > 0 || !agree(names) || namesBoth(names, live)) return undefined;
    if (names.some(({ isSecret }) => isSecret) && !isSomebodyNew(names, matchResult)) return undefined;
    const { volatileValues, headers } = request;
    return { candidate: { facts, volatileValues, headers }, matchResult, announced };
  }

  async #recorded(position: number): Promise<Unified | undefined> {
    const known = this.#prepared.get(position);
    if (known !== undefined) return known;
    const found = await this.#init.index.prepared(position);
    if (found === undefined) return undefined;
    const { line, headers, body, volatileValues } = found.request;
    const unified = { facts: found.facts, request: { line, headers, body, volatileValues } };
    this.#prepared.set(position, unified);
    return unified;
  }
}

/** A name that a recorded request has, and the recorded one that stands in its place in an incoming request. */
export interface GivenName {
  recorded: string;
  meaning: string;
}

type StandsFor = (facts: RecordedFacts, name: { recorded: string; incoming: string }) => boolean;

/** Whether two values differ in whole words alone, each of which may stand for the other. */
function areGiven(
  past: Field,
  present: Field,
  facts: RecordedFacts,
  standsFor: StandsFor,
  correlation: Correlation,
): boolean {
  if (past.type !== present.type) return false;
  const [from, to] = [partsOfField(past), partsOfField(present)];
  if (from.length !== to.length) return false;
  return from.every((part, i) => {
    const other = to[i] as string;
    const pairs = part === other ? [] : differingWords(part, other);
    const exchanged = (part.match(/[\w-]+/g) ?? []).filter(
      (word) => other.includes(word) && correlation.isExchanged(word),
    );
    return (
      exchanged.every((word) => standsFor(facts, { recorded: word, incoming: word })) &&
      pairs?.every(({ recordedRun, incomingRun }) => standsFor(facts, { recorded: recordedRun, incoming: incomingRun }))
    );
  });
}

type Fields = Pick<PreparedRequest, 'line' | 'headers' | 'body'>;

interface Unified {
  facts: RecordedFacts;
  request: Fields & Pick<PreparedRequest, 'volatileValues'>;
  /** Found when it is asked first. */
  isLogin?: boolean;
}

function operationsOf(exchanges: RecordedExchanges): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const position of positionsOf(exchanges)) {
    const line = recordedLine(exchanges.outline(position));
    if (line === undefined) continue;
    const key = operationOf(line);
    const known = found.get(key);
    if (known === undefined) found.set(key, [position]);
    else known.push(position);
  }
  return found;
}

/** Requests of one operation have the same method, host and number of segments in their paths. */
function operationOf({ method, host, port, path }: ComparableRequest): string {
  return `${method} ${host}:${port} ${path.split('/').length}`;
}

/** Whether each recorded value stands for one value, and each of this run for one. */
function agree(announced: readonly Announcement[]): boolean {
  const [live, recorded] = [new Map<string, string>(), new Map<string, string>()];
  return announced.every((pair) => {
    const agrees =
      (live.get(pair.recorded) ?? pair.incoming) === pair.incoming &&
      (recorded.get(pair.incoming) ?? pair.recorded) === pair.recorded;
    live.set(pair.recorded, pair.incoming);
    recorded.set(pair.incoming, pair.recorded);
    return agrees;
  });
}

/** Whether the incoming request still has a recorded name elsewhere that it would call otherwise. */
function namesBoth(announced: readonly Announcement[], { line, body }: Fields): boolean {
  const names = new Set(
    announced.filter(({ recorded, isPiece }) => !isPiece && /\d/.test(recorded)).map(({ recorded }) => recorded),
  );
  return (
    names.size > 0 && [...line, ...body].some(({ field }) => [...valuesAndWords(field)].some((word) => names.has(word)))
  );
}

/** A new password goes with a new name: with the old one it is a wrong one. */
function isSomebodyNew(announced: readonly Announcement[], { pairs }: Match['matchResult']): boolean {
  if (announced.some(({ isSecret, isKnown }) => !isSecret || isKnown)) return true;
  const mayName = ({ kind }: VolatileValue): boolean => kind === 'id' || kind === 'volatile';
  return pairs.some(([recorded, incoming]) => mayName(recorded) && recorded.value !== incoming.value);
}

function costOf(announced: readonly Announcement[]): number {
  return announced.reduce((sum, { cost, isKnown }) => sum + (isKnown ? 0 : cost), 0);
}

function byPosition(a: Match, b: Match): number {
  return a.candidate.facts.position - b.candidate.facts.position;
}
