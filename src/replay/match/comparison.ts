import { createHash } from 'node:crypto';
import type { ClockShift } from '../volatile/dates/clock-shift.js';
import { findTimes, readAs, type FoundTime } from '../volatile/dates/find-times.js';
import { timesAgree, type RunTimes } from '../volatile/dates/time-agreement.js';
import type { Correlation } from './correlation.js';
import type { RecordedFacts } from '../loaded/facts.js';
import { differenceOf, pairUp, type Difference, type Field } from '../request/field.js';
import type { MatchContext, PreparedHeader, PreparedRequest } from './prepared-request.js';
import { minDistinctive, type ValueGraph } from './value-graph.js';
import { meaningOfName } from '../../har/redaction/index.js';
import { mayBeOneKind } from '../request/randomness.js';
import { canonicalName } from '../volatile/normalizers/index.js';
import {
  digestNames,
  isCredential,
  isThingInPath,
  ownNames,
  referenceNames,
  thingNames,
} from '../volatile/reference-fields.js';
import type { PreparedField, VolatileValue } from '../volatile/volatile-value.js';
import { fieldPath, isIn } from '../request/field-path.js';

/** How a recorded request and an asked one compare. */
export interface MatchResult {
  /** None: they mean the same. */
  differences: Difference[];
  /** How many ids say that it is this very request: bound ones, and exact ones that look random. */
  evidence: number;
  /** How many of the values that may differ are equal all the same. */
  preference: number;
  /** How many ids were taken to stand for each other with nothing to say so but what the whole recording shows. */
  guesses: number;
  /** Volatile values, recorded and asked. */
  pairs: [recorded: VolatileValue, incoming: VolatileValue][];
}

/** Headers that are left out of a comparison. */
export type IgnoredHeaders = ReadonlySet<string>;

const none: IgnoredHeaders = new Set();

/** What of a recorded request is kept for comparing, once its key has been found equal. */
export type ComparedParts = Pick<PreparedRequest, 'volatileValues' | 'headers'>;

type PairedFields = [past: PreparedField | undefined, present: PreparedField | undefined];
type FieldsMayDiffer = (...pair: PairedFields) => boolean;

interface MatchState {
  context: MatchContext;
  correlation: Correlation;
  values: ValueGraph;
  clock: ClockShift;
  isServerCookie: (name: string) => boolean;
  isRenewed: (recorded: Field, incoming: Field) => boolean;
}

type Verdict = { evidence: number; preference: number; guess?: true } | undefined;

function emptyMatchResult(): MatchResult {
  return { differences: [], evidence: 0, preference: 0, guesses: 0, pairs: [] };
}

/** Compares requests by what this run has shown so far: which values stand for which, and how the time has moved. */
export class Comparison {
  readonly #state: MatchState;

  constructor(state: MatchState) {
    this.#state = state;
  }

  /** Of two requests with the same key: only volatile values and headers can differ. */
  ofSameKey(
    recorded: ComparedParts,
    incoming: ComparedParts,
    facts: RecordedFacts,
    now: RunTimes,
    ignored: IgnoredHeaders = none,
  ): MatchResult {
    const matchResult = emptyMatchResult();
    recorded.volatileValues.forEach((volatileValue, i) => {
      const other = incoming.volatileValues[i] as VolatileValue;
      if (!this.#addVolatileValue(matchResult, volatileValue, other, facts, now)) {
        matchResult.differences.push(differenceOf(volatileValue.field, other.field));
      }
    });
    this.#addDigest(matchResult);
    addOthersOfItsOwn(matchResult);
    const left = (headers: readonly PreparedHeader[]): readonly PreparedHeader[] =>
      ignored.size === 0 ? headers : headers.filter(({ field }) => !ignored.has(field.name));
    this.#compareHeaders(left(recorded.headers), left(incoming.headers), facts, now, matchResult);
    return matchResult;
  }

  /** Of any two requests. `mayDiffer` is asked of fields of line and body that are not the same. */
  ofAll(
    recorded: Pick<PreparedRequest, 'line' | 'headers' | 'body'>,
    incoming: Pick<PreparedRequest, 'line' | 'headers' | 'body'>,
    facts: RecordedFacts,
    now: RunTimes,
    mayDiffer: FieldsMayDiffer = () => false,
  ): MatchResult {
    const matchResult = emptyMatchResult();
    let isOther = false;
    const compare = ([past, present]: PairedFields): void => {
      if ((past ?? present)?.optional === true || this.#same(past, present, facts, now, matchResult)) return;
      if (mayDiffer(past, present)) isOther = true;
      else matchResult.differences.push(differenceOf(past?.field, present?.field));
    };
    pairUp(recorded.line, incoming.line).forEach(compare);
    this.#compareHeaders(recorded.headers, incoming.headers, facts, now, matchResult);
    pairUp(recorded.body, incoming.body).forEach(compare);
    if (!isOther) this.#addDigest(matchResult);
    addOthersOfItsOwn(matchResult);
    return matchResult;
  }

  #addDigest({ pairs, differences }: MatchResult): void {
    const [recorded, incoming] = differingDigest(pairs) ?? [];
    if (recorded === undefined || incoming === undefined) return;
    if (this.#state.correlation.current(recorded.value) !== incoming.value)
      differences.push(differenceOf(recorded.field, incoming.field));
  }

  #compareHeaders(
    recorded: readonly PreparedHeader[],
    incoming: readonly PreparedHeader[],
    facts: RecordedFacts,
    now: RunTimes,
    matchResult: MatchResult,
  ): void {
    for (const [past, present] of pairUp(recorded, incoming)) {
      if ((past ?? present)?.optional === true) continue;
      if (past !== undefined && present !== undefined && past.field.value === present.field.value) {
        matchResult.preference += 1;
        if (past.volatileValues.length === 0) continue;
      }
      if (this.#same(past, present, facts, now, matchResult)) continue;
      const { matcher, strict } = past ?? present ?? {};
      const mayDiffer = strict === true ? undefined : matcher?.mayDiffer;
      const [from, to] = [past?.field, present?.field];
      const answer = { status: facts.status, headers: facts.responseHeaders };
      const { isServerCookie } = this.#state;
      const isRenewed = (): boolean => from !== undefined && to !== undefined && this.#state.isRenewed(from, to);
      if (mayDiffer?.({ recorded: from, incoming: to, answer, isServerCookie, isRenewed }) === true) continue;
      matchResult.differences.push(differenceOf(from, to));
    }
  }

  #same(
    past: PreparedField | undefined,
    present: PreparedField | undefined,
    facts: RecordedFacts,
    now: RunTimes,
    matchResult: MatchResult,
  ): boolean {
    if (past === undefined || present === undefined) return false;
    if (past.template !== present.template || past.field.type !== present.field.type) return false;
    return this.#add(matchResult, past.volatileValues, present.volatileValues, facts, now);
  }

  #add(
    matchResult: MatchResult,
    recorded: readonly VolatileValue[],
    incoming: readonly VolatileValue[],
    facts: RecordedFacts,
    now: RunTimes,
  ): boolean {
    const before = { ...matchResult, pairs: matchResult.pairs.length };
    for (const [i, volatileValue] of recorded.entries()) {
      if (this.#addVolatileValue(matchResult, volatileValue, incoming[i] as VolatileValue, facts, now)) continue;
      const { evidence, preference, guesses, pairs } = before;
      Object.assign(matchResult, { evidence, preference, guesses });
      matchResult.pairs.length = pairs;
      return false;
    }
    return true;
  }

  #addVolatileValue(
    matchResult: MatchResult,
    volatileValue: VolatileValue,
    other: VolatileValue,
    facts: RecordedFacts,
    now: RunTimes,
  ): boolean {
    const verdict = this.#verdict(volatileValue, other, facts, now);
    if (verdict === undefined) return false;
    matchResult.evidence += verdict.evidence;
    matchResult.preference += verdict.preference;
    if (verdict.guess === true) matchResult.guesses += 1;
    matchResult.pairs.push([volatileValue, other]);
    return true;
  }

  #verdict(recorded: VolatileValue, incoming: VolatileValue, facts: RecordedFacts, now: RunTimes): Verdict {
    const equal = recorded.value === incoming.value ? 1 : 0;
    switch (recorded.kind) {
      case 'noise':
        return { evidence: 0, preference: equal };
      case 'version':
        return equal === 1 || this.#sameVersion(recorded, incoming) ? { evidence: 0, preference: equal } : undefined;
      case 'time':
        return this.#sameTime(recorded, incoming, facts, now) ? { evidence: 0, preference: equal } : undefined;
      case 'id':
        return this.#sameId(recorded, incoming, facts);
      case 'volatile':
        return this.#volatile(recorded, incoming, facts);
    }
  }

  /**
   * Does not decide; but of several, the one that this value stands for is meant, and what stands for a thing stands
   * for one thing.
   */
  #volatile(recorded: VolatileValue, incoming: VolatileValue, { position }: RecordedFacts): Verdict {
    const { correlation, values } = this.#state;
    if (recorded.value === incoming.value) return { evidence: 1, preference: 1 };
    const current = correlation.current(recorded.value);
    if (current === incoming.value) return { evidence: 1, preference: 0 };
    if (current !== undefined && current !== recorded.value && values.isUsedBeyond(recorded.value, position))
      return undefined;
    return { evidence: 0, preference: 0, guess: true };
  }

  /** By its number where the app's versions are known; what is named as version or build may be any. */
  #sameVersion(recorded: VolatileValue, incoming: VolatileValue): boolean {
    const versions = this.#state.context.appVersions;
    const known = (text: string): boolean => versions.includes(text.replace(/^v/, ''));
    return known(recorded.value) === known(incoming.value);
  }

  #sameTime(recorded: VolatileValue, incoming: VolatileValue, facts: RecordedFacts, now: RunTimes): boolean {
    const { correlation, clock, context } = this.#state;
    if (correlation.current(recorded.value) === incoming.value || correlation.current(recorded.word) === incoming.word)
      return true;
    const then = { startedAt: context.recordedStart, requestAt: facts.startedAt };
    const { agree } = recorded.traits;
    if (agree !== undefined) return agree(recorded.value, incoming.value, then, now);
    const [past] = findTimes(recorded.value, context.windows);
    const [found] = findTimes(incoming.value, context.windows);
    if (past === undefined || found === undefined) return false;
    const present = found.format === past.format ? found : asRecorded(found, past);
    const usedShift = clock.usedShift(past);
    if (usedShift !== undefined && past.format.move(past.text, usedShift) === present.text) return true;
    return timesAgree(past, present, then, now);
  }

  #sameId(recorded: VolatileValue, incoming: VolatileValue, facts: RecordedFacts): Verdict {
    const { correlation, values } = this.#state;
    const distinctive = recorded.value.length >= minDistinctive;
    const current = correlation.current(recorded.value);
    if (current === incoming.value || correlation.current(recorded.word) === incoming.word) {
      return { evidence: distinctive ? 1 : 0, preference: 0 };
    }
    const otherMeaning = correlation.recorded(incoming.value);
    // names may have been exchanged: then an equal one is another
    if (recorded.value === incoming.value && !correlation.isExchanged(recorded.value))
      return { evidence: distinctive ? 1 : 0, preference: 1 };
    if (distinctive && otherMeaning !== undefined && otherMeaning !== recorded.value) return undefined;
    const challenge = this.#challengeNow(recorded);
    if (challenge !== undefined)
      return challengeOf(incoming.value) === challenge ? { evidence: 1, preference: 0 } : undefined;
    const stands = distinctive && values.isUsedBeyond(recorded.value, facts.position);
    // a value that came back as it was is no chance value; one that is used once only may be another each time
    if (current !== undefined && (current === recorded.value || stands)) return undefined;
    if (distinctive && (values.isServerMade(recorded.value) || values.isKnown(incoming.value))) return undefined;
    if (isCredential(recorded.field)) return undefined;
    if (this.#isGiven(recorded, incoming, facts) || this.#isPassword(recorded)) return undefined;
    return { evidence: 0, preference: 0, guess: true };
  }

  /** What this run's client has sent for the challenge that the recorded verifier belongs to (RFC 7636 §4.2). */
  #challengeNow({ field, value }: VolatileValue): string | undefined {
    if (canonicalName(field.name) !== 'codeverifier') return undefined;
    return this.#state.correlation.current(challengeOf(value));
  }

  /** Whether somebody proves by the value who he is: another one is somebody else's, or wrong. */
  #isPassword({ field }: VolatileValue): boolean {
    return meaningOfName(field.name) === 'typed';
  }

  /** Whether the value names a thing that was there before: then another value is another thing. */
  #isGiven(recorded: VolatileValue, incoming: VolatileValue, facts: RecordedFacts): boolean {
    if (recorded.traits.byChance === true && !mayBeOneKind(recorded.value, incoming.value)) return true;
    const name = canonicalName(recorded.field.name);
    const { part, path } = fieldPath(recorded.field.where);
    const isAnArgument = part === 'query' || part === 'json';
    const found = facts.status >= 200 && facts.status < 400;
    const asks = facts.isRead && facts.isEcho !== true;
    if (isClaim(recorded.field) && (claimsOfWho.test(name) || referenceNames.test(name))) return true;
    if (recorded.traits.clientMade === true) return false;
    if (asks && found && isAnArgument && thingNames.test(name)) return true;
    if (asks && found && part === 'header' && referenceNames.test(name.replace(/^x/, ''))) return true;
    if (ownNames.test(name)) return false;
    if ((part === 'header' && path.startsWith('if-')) || name === 'sha256hash') return true; // what the client has; a persisted query
    if (part === 'path') {
      return found && (facts.isRead || facts.isOfThing === true || isThingInPath(recorded.field.value, recorded.value));
    }
    if (asks && isAnArgument) {
      return found && (referenceNames.test(name) || this.#state.values.isInResponse(recorded.value, facts.position));
    }
    return !facts.isRead && referenceNames.test(name);
  }
}

/** Claims that say who somebody is (RFC 7519 §4.1.2, OpenID Connect Core §5.1), and what directories add to them. */
const claimsOfWho =
  /^(?:sub|uid|oid|upn|puid|email|username|preferredusername|login|name|nickname|phonenumber|tid|org|orgid)$/;

function isClaim({ where }: Field): boolean {
  return where.includes(' jwt claim');
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** 01/05/2027 is read as the recorded 11/21/2026 was. */
function asRecorded(found: FoundTime, { format }: FoundTime): FoundTime {
  const moment = readAs(found.text, format);
  return moment === undefined ? found : { ...found, format, moment };
}

/**
 * An id stands for one thing within a request, and none that the recorded request has itself is made anew: two that
 * changed their places name each other's things.
 */
function addOthersOfItsOwn({ pairs, guesses, differences }: MatchResult): void {
  if (guesses === 0) return;
  const ids = pairs.filter(
    ([{ kind, value, field }]) => kind === 'id' && value.length >= minDistinctive && !isIn('header', field),
  );
  const own = new Set(ids.map(([recorded]) => recorded.value));
  const [live, meant] = [new Map<string, string>(), new Map<string, string>()];
  for (const [recorded, incoming] of ids) {
    const isOther = recorded.value !== incoming.value && own.has(incoming.value);
    const isAnother = (live.get(recorded.value) ?? incoming.value) !== incoming.value;
    const meansTwo = (meant.get(incoming.value) ?? recorded.value) !== recorded.value;
    if (isOther || isAnother || meansTwo) differences.push(differenceOf(recorded.field, incoming.field));
    live.set(recorded.value, incoming.value);
    meant.set(incoming.value, recorded.value);
  }
}

/** A digest differs because something else does; where nothing else does, it is of something else. */
function differingDigest(pairs: MatchResult['pairs']): readonly [VolatileValue, VolatileValue] | undefined {
  const differing = pairs.filter(([recorded, incoming]) => recorded.value !== incoming.value);
  if (differing.length === 0) return undefined;
  const isDigest = ([{ kind, field }]: readonly [VolatileValue, VolatileValue]): boolean =>
    kind === 'id' && digestNames.test(canonicalName(field.name));
  return differing.every(isDigest) ? differing[0] : undefined;
}
