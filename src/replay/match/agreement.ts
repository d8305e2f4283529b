import { calendarWordsAgree } from '../volatile/dates/calendar-words.js';
import type { ClockShift } from '../volatile/dates/clock-shift.js';
import { findTimes, readAs, type FoundTime } from '../volatile/dates/find-times.js';
import { timesAgree, type RunTimes } from '../volatile/dates/time-agreement.js';
import type { Correlation } from './correlation.js';
import type { RecordedFacts } from '../loaded/facts.js';
import { differenceOf, pairUp, type Difference, type Field } from '../request/field.js';
import type { MatchContext, PreparedHeader, PreparedRequest } from './prepared-request.js';
import { minDistinctive, type RecordedValues } from './recorded-values.js';
import { mayBeOneKind } from '../request/randomness.js';
import { canonicalName } from '../volatile/normalizers/index.js';
import { digestNames, isThingInPath, ownNames, referenceNames, thingNames } from '../volatile/given-names.js';
import type { PreparedField, Slot } from '../volatile/slot.js';

/** How a recorded request and an asked one compare. */
export interface Agreement {
  /** None: they mean the same. */
  differences: Difference[];
  /** How many ids say that it is this very request: bound ones, and exact ones that look random. */
  evidence: number;
  /** How many of the values that may differ are equal all the same. */
  preference: number;
  /** How many ids were taken to stand for each other with nothing to say so but what the whole recording shows. */
  guesses: number;
  /** Volatile values, recorded and asked. */
  pairs: [recorded: Slot, asked: Slot][];
}

/** Headers that are left out of a comparison. */
export type IgnoredHeaders = ReadonlySet<string>;

const none: IgnoredHeaders = new Set();

/** What of a recorded request is kept for comparing, once its key has been found equal. */
export type ComparedParts = Pick<PreparedRequest, 'slots' | 'headers'>;

interface AgreementState {
  context: MatchContext;
  correlation: Correlation;
  values: RecordedValues;
  clock: ClockShift;
  isServerCookie: (name: string) => boolean;
  isRenewed: (recorded: Field, asked: Field) => boolean;
}

type Verdict = { evidence: number; preference: number; guess?: true } | undefined;

function emptyAgreement(): Agreement {
  return { differences: [], evidence: 0, preference: 0, guesses: 0, pairs: [] };
}

/** Compares requests by what this run has shown so far: which values stand for which, and how the time has moved. */
export class Comparison {
  readonly #state: AgreementState;

  constructor(state: AgreementState) {
    this.#state = state;
  }

  /** Of two requests with the same key: only volatile values and headers can differ. */
  ofSameKey(
    recorded: ComparedParts,
    asked: ComparedParts,
    facts: RecordedFacts,
    now: RunTimes,
    ignored: IgnoredHeaders = none,
  ): Agreement {
    const agreement = emptyAgreement();
    recorded.slots.forEach((slot, i) => {
      const other = asked.slots[i] as Slot;
      if (!this.#addSlot(agreement, slot, other, facts, now)) {
        agreement.differences.push(differenceOf(slot.field, other.field));
      }
    });
    const digest = differingDigest(agreement.pairs);
    if (digest !== undefined && this.#state.correlation.live(digest[0].value) !== digest[1].value)
      agreement.differences.push(differenceOf(digest[0].field, digest[1].field));
    const left = (headers: readonly PreparedHeader[]): readonly PreparedHeader[] =>
      ignored.size === 0 ? headers : headers.filter(({ field }) => !ignored.has(field.name));
    this.#compareHeaders(left(recorded.headers), left(asked.headers), facts, now, agreement);
    return agreement;
  }

  /** Of any two requests. */
  ofAll(recorded: PreparedRequest, asked: PreparedRequest, facts: RecordedFacts, now: RunTimes): Agreement {
    const agreement = emptyAgreement();
    for (const [past, present] of pairUp(recorded.line, asked.line))
      this.#compareField(past, present, facts, now, agreement);
    this.#compareHeaders(recorded.headers, asked.headers, facts, now, agreement);
    for (const [past, present] of pairUp(recorded.body, asked.body))
      this.#compareField(past, present, facts, now, agreement);
    return agreement;
  }

  #compareHeaders(
    recorded: readonly PreparedHeader[],
    asked: readonly PreparedHeader[],
    facts: RecordedFacts,
    now: RunTimes,
    agreement: Agreement,
  ): void {
    for (const [past, present] of pairUp(recorded, asked)) {
      if ((past ?? present)?.optional === true) continue;
      if (past !== undefined && present !== undefined && past.field.value === present.field.value) {
        agreement.preference += 1;
        if (past.slots.length === 0) continue;
      }
      if (this.#same(past, present, facts, now, agreement)) continue;
      const { matcher, strict } = past ?? present ?? {};
      const mayDiffer = strict === true ? undefined : matcher?.mayDiffer;
      const [from, to] = [past?.field, present?.field];
      const answer = { status: facts.status, headers: facts.answerHeaders };
      const { isServerCookie } = this.#state;
      const isRenewed = (): boolean => from !== undefined && to !== undefined && this.#state.isRenewed(from, to);
      if (mayDiffer?.({ recorded: from, asked: to, answer, isServerCookie, isRenewed }) === true) continue;
      agreement.differences.push(differenceOf(from, to));
    }
  }

  #compareField(
    past: PreparedField | undefined,
    present: PreparedField | undefined,
    facts: RecordedFacts,
    now: RunTimes,
    agreement: Agreement,
  ): void {
    if ((past ?? present)?.optional === true || this.#same(past, present, facts, now, agreement)) return;
    agreement.differences.push(differenceOf(past?.field, present?.field));
  }

  #same(
    past: PreparedField | undefined,
    present: PreparedField | undefined,
    facts: RecordedFacts,
    now: RunTimes,
    agreement: Agreement,
  ): boolean {
    if (past === undefined || present === undefined) return false;
    if (past.template !== present.template || past.field.type !== present.field.type) return false;
    return this.#add(agreement, past.slots, present.slots, facts, now);
  }

  #add(
    agreement: Agreement,
    recorded: readonly Slot[],
    asked: readonly Slot[],
    facts: RecordedFacts,
    now: RunTimes,
  ): boolean {
    for (const [i, slot] of recorded.entries()) {
      if (!this.#addSlot(agreement, slot, asked[i] as Slot, facts, now)) return false;
    }
    return true;
  }

  #addSlot(agreement: Agreement, slot: Slot, other: Slot, facts: RecordedFacts, now: RunTimes): boolean {
    const verdict = this.#verdict(slot, other, facts, now);
    if (verdict === undefined) return false;
    agreement.evidence += verdict.evidence;
    agreement.preference += verdict.preference;
    if (verdict.guess === true) agreement.guesses += 1;
    agreement.pairs.push([slot, other]);
    return true;
  }

  #verdict(recorded: Slot, asked: Slot, facts: RecordedFacts, now: RunTimes): Verdict {
    const equal = recorded.value === asked.value ? 1 : 0;
    switch (recorded.kind) {
      case 'noise':
        return { evidence: 0, preference: equal };
      case 'version':
        return equal === 1 || this.#sameVersion(recorded, asked) ? { evidence: 0, preference: equal } : undefined;
      case 'time':
        return this.#sameTime(recorded, asked, facts, now) ? { evidence: 0, preference: equal } : undefined;
      case 'id':
        return this.#sameId(recorded, asked, facts);
      case 'volatile':
        return this.#volatile(recorded, asked, facts);
    }
  }

  /** Does not decide; but of several, the one that this value stands for is meant, and what stands for a thing stands for one thing. */
  #volatile(recorded: Slot, asked: Slot, { position }: RecordedFacts): Verdict {
    const { correlation, values } = this.#state;
    if (recorded.value === asked.value) return { evidence: 1, preference: 1 };
    const live = correlation.live(recorded.value);
    if (live === asked.value) return { evidence: 1, preference: 0 };
    if (live !== undefined && live !== recorded.value && values.isUsedBeyond(recorded.value, position))
      return undefined;
    return { evidence: 0, preference: 0, guess: true };
  }

  /** By its number where the app's versions are known; what is named as version or build may be any. */
  #sameVersion(recorded: Slot, asked: Slot): boolean {
    const versions = this.#state.context.appVersions;
    const known = (text: string): boolean => versions.includes(text.replace(/^v/, ''));
    return known(recorded.value) === known(asked.value);
  }

  #sameTime(recorded: Slot, asked: Slot, facts: RecordedFacts, now: RunTimes): boolean {
    const { correlation, clock, context } = this.#state;
    if (correlation.live(recorded.value) === asked.value || correlation.live(recorded.word) === asked.word) return true;
    const then = { startedAt: context.recordedStart, requestAt: facts.startedAt };
    if (recorded.normalizer === 'calendar-words') return calendarWordsAgree(recorded.value, asked.value, then, now);
    const [past] = findTimes(recorded.value, context.windows);
    const [found] = findTimes(asked.value, context.windows);
    if (past === undefined || found === undefined) return false;
    const present = found.format === past.format ? found : asRecorded(found, past);
    const told = clock.told(past);
    if (told !== undefined && past.format.move(past.text, told) === present.text) return true;
    return timesAgree(past, present, then, now);
  }

  #sameId(recorded: Slot, asked: Slot, facts: RecordedFacts): Verdict {
    const { correlation, values } = this.#state;
    const distinctive = recorded.value.length >= minDistinctive;
    const live = correlation.live(recorded.value);
    if (live === asked.value || correlation.live(recorded.word) === asked.word) {
      return { evidence: distinctive ? 1 : 0, preference: 0 };
    }
    if (recorded.value === asked.value) return { evidence: distinctive ? 1 : 0, preference: 1 };
    const otherMeaning = correlation.recorded(asked.value);
    if (distinctive && otherMeaning !== undefined && otherMeaning !== recorded.value) return undefined;
    const stands = distinctive && values.isUsedBeyond(recorded.value, facts.position);
    // a value that came back as it was is no chance value; one that is used once only may be another each time
    if (live !== undefined && (live === recorded.value || stands)) return undefined;
    if (distinctive && values.isServerMade(recorded.value)) return undefined;
    if (this.#isGiven(recorded, asked, facts)) return undefined;
    return { evidence: 0, preference: 0, guess: true };
  }

  /** Whether the value names a thing that was there before: then another value is another thing. */
  #isGiven(recorded: Slot, asked: Slot, facts: RecordedFacts): boolean {
    if (recorded.normalizer === 'random-words' && !mayBeOneKind(recorded.value, asked.value)) return true;
    const name = canonicalName(recorded.field.name);
    const { where } = recorded.field;
    const found = facts.status >= 200 && facts.status < 400;
    const asks = facts.isRead && facts.isEcho !== true;
    if (['nonces', 'pkce', 'jwt-signatures'].includes(recorded.normalizer)) return false;
    if (asks && found && /^(?:query|json)/.test(where) && thingNames.test(name)) return true;
    if (ownNames.test(name)) return false;
    if (where.startsWith('header if-') || name === 'sha256hash') return true; // what the client has; a persisted query
    if (where === 'path') {
      return found && (facts.isRead || facts.isOfThing === true || isThingInPath(recorded.field.value, recorded.value));
    }
    if (asks && (where.startsWith('query') || where.startsWith('json'))) {
      return found && (referenceNames.test(name) || this.#state.values.isInAnswer(recorded.value, facts.position));
    }
    return !facts.isRead && referenceNames.test(name);
  }
}

/** 01/05/2027 is read as the recorded 11/21/2026 was. */
function asRecorded(found: FoundTime, { format }: FoundTime): FoundTime {
  const moment = readAs(found.text, format);
  return moment === undefined ? found : { ...found, format, moment };
}

/** A digest differs because something else does; where nothing else does, it is of something else. */
function differingDigest(pairs: Agreement['pairs']): readonly [Slot, Slot] | undefined {
  const differing = pairs.filter(([recorded, asked]) => recorded.value !== asked.value);
  if (differing.length === 0) return undefined;
  const isDigest = ([{ kind, field }]: readonly [Slot, Slot]): boolean =>
    kind === 'id' && digestNames.test(canonicalName(field.name));
  return differing.every(isDigest) ? differing[0] : undefined;
}
