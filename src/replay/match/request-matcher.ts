import { headerValues, type RecordedExchanges } from '../../http/index.js';
import type { RecordedFacts } from '../loaded/facts.js';
import type { Difference } from '../request/field.js';
import { Renewals } from '../loaded/renewals.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf } from '../loaded/recorded-request.js';
import type { ClockShift } from '../volatile/dates/clock-shift.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import { AmbiguousWords } from './ambiguous-words.js';
import { Archives } from './archives.js';
import { Batches } from './batches.js';
import { Comparison, type MatchResult } from './comparison.js';
import { canAnswer, conditionalHeaders } from './conditional.js';
import type { DigestIndex } from './digest-index.js';
import { CountingHeaders } from './counting-headers.js';
import type { Correlation } from './correlation.js';
import type { Announcement } from './made-anew.js';
import { matchesOf, type Match } from './matching.js';
import { strengthOf } from './name-shape.js';
import { isUntold, NewFields } from './new-fields.js';
import { prepareWithout, type MatchContext, type PreparedRequest } from './prepared-request.js';
import type { Incoming } from './prepared-requests.js';
import { ValueGraph } from './value-graph.js';
import { RequestIndex } from './request-index.js';
import type { ResponseFingerprints } from './response-fingerprints.js';
import { TruncatedRequests } from './truncated-requests.js';
import { Unification, type UnifiedMatch } from './unification.js';

interface RequestMatcherInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  context: MatchContext;
  correlation: Correlation;
  clock: ClockShift;
  fingerprints: ResponseFingerprints;
  digests: DigestIndex;
  /** Whether a recorded exchange has answered. */
  isUsed: (position: number) => boolean;
}

export interface Matches {
  /** The recorded requests that mean the same. */
  matches: Match[];
  /** Those that are the same but for conditions and ranges, which a response can be made of, too. */
  others: Match[];
  /** There are recorded requests that are the same but for what tells them apart: no other one can be meant. */
  isFinal?: true;
}

/**
 * Finds the recorded requests that mean the same as an incoming one: by the index first, then by what is left where
 * that has none.
 */
export class RequestMatcher {
  readonly index: RequestIndex;
  readonly values: ValueGraph;
  readonly comparison: Comparison;
  readonly #counting: CountingHeaders;
  readonly #truncated: TruncatedRequests;
  readonly #ambiguous: AmbiguousWords;
  readonly #context: MatchContext;
  readonly #newFields: NewFields;
  readonly #archives: Archives;
  readonly #batches: Batches;
  readonly #unification: Unification;

  constructor({ exchanges, bodies, context, correlation, clock, fingerprints, digests, isUsed }: RequestMatcherInit) {
    this.#counting = new CountingHeaders(fingerprints);
    this.index = new RequestIndex(exchanges, bodies, context);
    this.values = new ValueGraph(exchanges, bodies, context);
    let serverCookies: ReadonlySet<string> | undefined;
    let renewals: Renewals | undefined;
    this.comparison = new Comparison({
      ...{ correlation, clock, windows: context.windows, context, values: this.values },
      isServerCookie: (name) => (serverCookies ??= serverCookiesOf(exchanges)).has(name),
      isRenewed: (recorded, incoming) =>
        (renewals ??= new Renewals(exchanges)).areOne(recorded.where, recorded.value, incoming.value),
    });
    const { index, values, comparison } = this;
    this.#truncated = new TruncatedRequests({ exchanges, index, bodies, comparison });
    this.#ambiguous = new AmbiguousWords({ exchanges, bodies, context, comparison, values });
    this.#context = context;
    this.#newFields = new NewFields(exchanges, index);
    this.#archives = new Archives({ context, index, comparison, values });
    this.#batches = new Batches({ exchanges, bodies, context, index, comparison, values });
    const { redactor } = context;
    this.#unification = new Unification({
      exchanges,
      index,
      comparison,
      correlation,
      values,
      redactor,
      digests,
      isUsed,
    });
  }

  /**
   * Values that a rule lets differ, and that name something: others have them too. What the client calls them now is
   * followed as what it makes anew without a rule. Undefined: there is none.
   */
  namedByRules({ pairs }: MatchResult, facts: RecordedFacts): Promise<Announcement[]> | undefined {
    const differing = pairs.filter(([{ kind, value }, incoming]) => kind === 'volatile' && value !== incoming.value);
    return differing.length === 0 ? undefined : this.#namesOf(differing, facts);
  }

  async #namesOf(pairs: MatchResult['pairs'], { position, startedAt }: RecordedFacts): Promise<Announcement[]> {
    await this.values.ready();
    return pairs.flatMap(([{ value: recorded }, { value: incoming }]) => {
      if (!isName(recorded) || !isName(incoming)) return [];
      const isUsed = this.values.isUsedBeyond(recorded, position) || this.values.isInResponse(recorded, position);
      // a word that a rule lets differ at one place is another thing at another
      const isPlain = strengthOf(recorded, recorded, startedAt) === 'plain';
      return isUsed && !isPlain
        ? [{ recorded, incoming, isPiece: false, cost: 1, isKnown: false, isSecret: false }]
        : [];
    });
  }

  /** In what an incoming request differs from a recorded one. */
  differences(
    recorded: { request: PreparedRequest; facts: RecordedFacts },
    { incoming, prepared }: Incoming,
    now: RunTimes,
  ): readonly Difference[] {
    const compared =
      this.#archives.compared(recorded, incoming, prepared, now) ??
      this.comparison.ofAll(recorded.request, prepared, recorded.facts, now);
    return compared.differences;
  }

  /**
   * The request without what the app has added since it was recorded, and the places of that. Undefined: it has added
   * nothing.
   */
  async withoutNewFields(sent: Incoming): Promise<{ incoming: Incoming; added: readonly string[] } | undefined> {
    const places = await this.#newFields.of(sent);
    if (places.size === 0) return undefined;
    const { incoming } = sent;
    return {
      incoming: { incoming, prepared: prepareWithout(places, incoming, this.#context) },
      added: [...places].filter((where) => !isUntold(where)),
    };
  }

  /** The headers that the app has added since the operation of an answered request was recorded. */
  addedHeaders(incoming: Incoming): readonly string[] {
    return this.#newFields.headersOf(incoming);
  }

  /** Those that the incoming request is, if values which the client makes anew stand for the recorded ones. */
  unify({ incoming, prepared }: Incoming, now: RunTimes): Promise<UnifiedMatch[]> {
    return this.#unification.matches(incoming, prepared, now);
  }

  /** Those that it would be if names which the server gave out were exchanged. */
  withOtherNames({ incoming, prepared }: Incoming, now: RunTimes): ReturnType<Unification['withOtherNames']> {
    return this.#unification.withOtherNames(incoming, prepared, now);
  }

  /** Resolves once messages can be compared by `unifyOne`. */
  ready(): Promise<void> {
    return this.#unification.ready();
  }

  /** The same for one recorded message. */
  unifyOne(
    recorded: PreparedRequest,
    facts: RecordedFacts,
    incoming: PreparedRequest,
    now: RunTimes,
  ): UnifiedMatch | undefined {
    return this.#unification.ofPair(recorded, facts, incoming, now);
  }

  /** `data`: the incoming body as it was sent. */
  async find({ incoming, prepared }: Incoming, data: Buffer, now: RunTimes): Promise<Matches> {
    const { comparison, values } = this;
    const found = this.index.find(prepared);
    const group = found instanceof Promise ? await found : found; // each wait that is not needed costs every request
    if (group.length === 0) {
      const truncated = await this.#truncated.matches(prepared, data, now);
      if (truncated.length > 0) return { matches: truncated, others: [] };
      const ambiguous = await this.#ambiguous.matches(incoming, now);
      if (ambiguous.length > 0) return { matches: ambiguous, others: [] };
      const archives = await this.#archives.matches(incoming, prepared, now);
      if (archives.length > 0) return { matches: archives, others: [] };
      return { matches: await this.#batches.matches(incoming, prepared, now), others: [] };
    }
    const agreeing = group.length < 2 ? group : await this.#counting.agreeing(group, prepared.headers);
    if (agreeing.length === 0) return { matches: [], others: [], isFinal: true };
    const exact = await matchesOf(agreeing, prepared, now, comparison, values);
    if (exact.length === agreeing.length) return { matches: exact, others: [] };
    if (!/^(?:GET|HEAD)$/.test(incoming.method)) {
      const matches = exact.length > 0 ? exact : await this.#batches.matches(incoming, prepared, now);
      return { matches, others: [] };
    }
    const same = new Set(exact.map(({ candidate }) => candidate));
    const whole = agreeing.filter((candidate) => !same.has(candidate) && canAnswer(candidate.facts, incoming.headers));
    const others = await matchesOf(whole, prepared, now, comparison, values, conditionalHeaders);
    return exact.length > 0 ? { matches: exact, others } : { matches: others, others: [] };
  }
}

/** One word, as names of things are. */
function isName(value: string): boolean {
  return /^[\w.~-]{3,200}$/.test(value);
}

/** Names of all cookies that a recorded response sets. */
function serverCookiesOf(exchanges: RecordedExchanges): ReadonlySet<string> {
  const names = new Set<string>();
  for (const position of positionsOf(exchanges)) {
    for (const value of headerValues(exchanges.get(position).response?.headers ?? [], 'set-cookie'))
      names.add(value.slice(0, Math.max(0, value.indexOf('='))).trim());
  }
  return names;
}
