import { meaningOfName, type Redactor } from '../../har/redaction/index.js';
import type { RecordedFacts } from '../loaded/facts.js';
import { fieldPath } from '../request/field-path.js';
import { isSizeName } from '../request/digest/size-names.js';
import { looksRandom } from '../request/randomness.js';
import { partsOfField } from './value-words.js';
import type { Field } from '../request/field.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import { canonicalName } from '../volatile/normalizers/index.js';
import { isCredential, isThingInPath, referenceNames, thingNames } from '../volatile/reference-fields.js';
import type { PreparedField, VolatileValue } from '../volatile/volatile-value.js';
import type { Correlation } from './correlation.js';
import { differingWords, type WordPair } from './differing-words.js';
import type { DigestIndex } from './digest-index.js';
import {
  areNeighbours,
  carriesTime,
  haveOneShape,
  mayBeDigest,
  strengthOf,
  strengthOfBoth,
  type Strength,
} from './name-shape.js';
import type { ValueGraph } from './value-graph.js';

/** A value of this run that stands for a recorded one which the client had made. */
export interface Announcement {
  recorded: string;
  incoming: string;
  /** It is a part of a name, and means it only within a longer word. */
  isPiece: boolean;
  /** How much has to be believed for it: nothing for one more spelling of a name. */
  cost: number;
  /** It was met before in this run. */
  isKnown: boolean;
  /** It is a secret, of which the recording has a placeholder. */
  isSecret: boolean;
  /** It is the length of something that is uploaded, and not a name. */
  isSize?: true;
}

interface MadeAnewInit {
  correlation: Correlation;
  values: ValueGraph;
  redactor: Redactor | undefined;
  digests: DigestIndex;
}

/** The requests that two fields are of. */
interface Requests {
  /** Of the recorded one. */
  facts: RecordedFacts;
  /** Of the incoming one. */
  now: RunTimes;
  /** What other fields of the same request have shown. */
  agreed?: ReadonlyMap<string, string>;
  /** The recorded one names somebody who was there before. */
  isLogin?: boolean;
}

/**
 * Tells whether a value that differs from the recorded one may: because the client made it in the recording and makes
 * another on each run. A value comes from the client when no answer told it before, and it names something that the
 * client made when a write sent it first and its answer or later requests have it again.
 */
export class MadeAnew {
  readonly #init: MadeAnewInit;

  constructor(init: MadeAnewInit) {
    this.#init = init;
  }

  /** What stands for what if these two fields mean the same; undefined: they do not. */
  between(past: PreparedField, present: PreparedField, requests: Requests): Announcement[] | undefined {
    const { facts } = requests;
    const [recorded, incoming] = [past.field, present.field];
    if (isContent(recorded) && isContent(incoming) && this.#mayBeUploadOf(recorded, facts)) return [];
    if (recorded.type !== incoming.type || (recorded.type !== 'text' && recorded.type !== 'number')) return undefined;
    if (past.volatileValues.some(isDecided)) return undefined;
    if (this.#mayBeSize(recorded, incoming, facts)) return [sizeOf(recorded, incoming)];
    const [from, to] = [partsOfField(recorded), partsOfField(incoming)];
    if (from.length !== to.length) return undefined;
    const found: Announcement[] = [];
    for (const [i, part] of from.entries()) {
      const other = to[i] as string;
      if (part === other && !wordsOf(part).some((word) => this.#init.correlation.isExchanged(word))) continue;
      if (part === other) return undefined;
      const isSecret = this.#init.redactor?.isPlaceholder(part) === true || meaningOfName(recorded.name) === 'typed';
      const pairs = isSecret ? [wholePair(part, other)] : (differingWords(part, other) ?? asWholes(part, other));
      for (const pair of pairs ?? [undefined]) {
        const whole: Whole = { recorded: part, incoming: other, isSecret };
        const announced = pair && this.#standsFor(pair, whole, recorded, requests);
        if (announced === undefined) return undefined;
        found.push(...announced);
      }
    }
    return found;
  }

  /**
   * Whether other contents may be uploaded in place of the recorded ones: they were taken to be kept, under a digest,
   * as what is given out again, or at the URL that they were put to.
   */
  #mayBeUploadOf({ data, value, type }: Field, { isRead, status, method }: RecordedFacts): boolean {
    if (isRead || status < 200 || status >= 400) return false;
    if (method === 'PUT' && type === 'bytes') return true;
    const contents = data ?? Buffer.from(value);
    return this.#init.digests.isAnswered(contents) || this.#init.digests.namesOf(contents).length > 0;
  }

  /** How long something is that is uploaded, in a write that says so ahead or after. */
  #mayBeSize(recorded: Field, incoming: Field, { isRead, status }: RecordedFacts): boolean {
    if (isRead || !isAccepted({ status }) || !isSizeName(recorded.name)) return false;
    const isSize = [recorded, incoming].every(({ value }) => /^\d{2,16}$/.test(value));
    return isSize && this.#init.digests.isKeptSize(Number(recorded.value));
  }

  #standsFor(
    pair: WordPair,
    whole: Whole,
    past: Field,
    { facts, now, agreed, isLogin = false }: Requests,
  ): Announcement[] | undefined {
    const { correlation, values } = this.#init;
    const { isSecret } = whole;
    const names = namesOf(pair, whole);
    if (names.some(([recorded, incoming]) => agreed?.get(recorded) === incoming))
      return announcements(names, false, isSecret);
    if (fieldPath(past.where).part === 'query' && this.#isMoment(pair, names, facts, now)) return [];
    const bound = names.map(([recorded, incoming]) => bindingOf(correlation, recorded, incoming));
    if (bound.includes('other')) return undefined;
    if (bound.includes('same')) {
      // a word that a rule lets differ at one place is another thing at another
      const isName = names.some(([, incoming]) => correlation.isName(incoming));
      const isPlain = strengthOf(pair.recorded, pair.recordedRun, facts.startedAt) === 'plain';
      return isName || !isPlain ? announcements(names, true, isSecret) : undefined;
    }
    if (names.some(([recorded]) => values.isServerMade(recorded))) return undefined;
    if (names.some(([, incoming]) => values.isKnown(incoming))) return undefined;
    if (isCredential(past)) return undefined; // who asks is named by what he was given
    const use = this.#useOf(
      names.map(([recorded]) => recorded),
      facts,
    );
    // one password may be like another or not: whose it is decides
    if (isSecret) return isAccepted(facts) && use.isFirst ? announcements(names, false, isSecret) : undefined;
    const strength = strengthOf(pair.recorded, pair.recordedRun, facts.startedAt);
    const other = strengthOf(pair.incoming, pair.incomingRun, now.requestAt);
    if (isLogin && (strength !== 'strong' || other !== 'strong')) return undefined;
    if (!haveOneShape(pair.recorded, pair.incoming) || areNeighbours(pair.recorded, pair.incoming)) return undefined;
    const isTime = carriesTime(pair.recorded, facts.startedAt) && carriesTime(pair.incoming, now.requestAt);
    if (past.type === 'number' && !isTime) return undefined;
    const place = { ...fieldPath(past.where), name: canonicalName(past.name) };
    const isThing = place.part === 'path' && (facts.isOfThing === true || isThingInPath(past.value, pair.recordedRun));
    if (isThing || (mayBeDigest(pair.recorded) && !use.isAnswered && !use.isAskedAgain)) return undefined;
    return mayBeAnother(strengthOfBoth(pair, strength, other), use, place, facts)
      ? announcements(names, false, isSecret)
      : undefined;
  }

  /** What says when it was sent, and is met nowhere else, names nothing. */
  #isMoment(
    { recorded, incoming }: WordPair,
    names: readonly [string, string][],
    facts: RecordedFacts,
    now: RunTimes,
  ): boolean {
    if (!carriesTime(recorded, facts.startedAt) || !carriesTime(incoming, now.requestAt)) return false;
    const words = names.map(([word]) => word);
    const { isAnswered, isAskedAgain } = this.#useOf(words, facts);
    return !isAnswered && !isAskedAgain && !words.some((word) => this.#init.values.isServerMade(word));
  }

  #useOf(names: readonly string[], { position }: RecordedFacts): Use {
    const { values } = this.#init;
    return {
      isFirst: names.some((name) => values.firstRequestOf(name) === position),
      isAnswered: names.some((name) => values.isInResponse(name, position)),
      isAskedAgain: names.some((name) => values.isRequestedBeyond(name, position)),
      isAddress: names.some((name) => values.isAddress(name)),
    };
  }
}

/** Where what it may be follows from something else: a clock, a version, a challenge. */
function isDecided({ kind, normalizer }: VolatileValue): boolean {
  return kind === 'time' || kind === 'version' || normalizer === 'pkce';
}

/** A body, or the content of a part, that is no structure of values. */
function isContent({ where, type, value }: Field): boolean {
  return (
    type === 'bytes' || (type === 'text' && value.length >= 16 && (where === 'body' || where.endsWith(' content')))
  );
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\w-]+/g) ?? [];
}

/** The value that a word stands in, on both sides. */
interface Whole {
  recorded: string;
  incoming: string;
  /** It is a secret, of which the recording has a placeholder. */
  isSecret: boolean;
}

/** How a recorded value was used. */
interface Use {
  /** This request was the first to have it. */
  isFirst: boolean;
  /** Its own answer repeats it. */
  isAnswered: boolean;
  /** Other requests have it. */
  isAskedAgain: boolean;
  /** It stands in the path or query of a request. */
  isAddress: boolean;
}

function mayBeAnother(
  strength: Strength,
  use: Use,
  { part, name }: { part: string; name: string },
  { isRead, isEcho, status, method }: RecordedFacts,
): boolean {
  const accepted = isAccepted({ status });
  const missing = status === 404 || status === 410;
  if (isRead && isEcho !== true) {
    // what was there before the client named it is a thing; what is asked for and not there yet is a name to come
    if (missing) return use.isFirst && (strength === 'strong' || use.isAskedAgain);
    const isNamed = thingNames.test(name) || referenceNames.test(name);
    return accepted && strength === 'strong' && use.isFirst && !use.isAnswered && use.isAskedAgain && !isNamed;
  }
  if (!accepted || !use.isFirst) return false;
  const isRepeated = use.isAnswered || use.isAskedAgain || labels.has(name);
  if (strength === 'strong') return isRepeated || !referenceNames.test(name);
  const namesThing = use.isAddress && (use.isAskedAgain || part === 'path');
  if (strength === 'mixed') return namesThing || (isRepeated && !referenceNames.test(name) && !thingNames.test(name));
  // what a POST goes to is there already (RFC 9110 §9.3.3): a word in its path is no name that the client gives
  if (part === 'path' && method === 'POST') return false;
  return namesThing && (use.isAnswered || use.isAskedAgain);
}

/** What a client labels the parts of one message with (RFC 2045 §7): whatever it is, it makes it for this message. */
const labels: ReadonlySet<string> = new Set(['contentid']);

function isAccepted({ status }: Pick<RecordedFacts, 'status'>): boolean {
  return (status >= 200 && status < 400) || status === 101;
}

/** The spellings of one name: the run that it stands in, the whole value, and by itself where it is long enough. */
function namesOf(pair: WordPair, whole: Whole): [recorded: string, incoming: string][] {
  const names: [string, string][] = [[pair.recordedRun, pair.incomingRun]];
  if (whole.recorded !== pair.recordedRun && whole.recorded.length <= 200) names.push([whole.recorded, whole.incoming]);
  if (pair.recorded !== pair.recordedRun && pair.recorded.length >= 4) names.push([pair.recorded, pair.incoming]);
  return names;
}

function bindingOf(correlation: Correlation, recorded: string, incoming: string): 'same' | 'other' | undefined {
  const [current, meaning] = [correlation.current(recorded), correlation.recorded(incoming)];
  if (current === undefined && meaning === undefined) return undefined;
  return current === incoming && (meaning ?? recorded) === recorded ? 'same' : 'other';
}

function sizeOf({ value: recorded }: Field, { value: incoming }: Field): Announcement {
  return { recorded, incoming, isPiece: false, cost: 0, isKnown: true, isSecret: false, isSize: true };
}

function announcements(names: readonly [string, string][], isKnown: boolean, isSecret: boolean): Announcement[] {
  return names.map(([recorded, incoming], i) => {
    const isPiece =
      i > 0 && isPartOf(recorded, names[0]?.[0] ?? '') && recorded.length < 8 && /^(?:\d+|[A-Za-z]+)$/.test(recorded);
    return { recorded, incoming, isPiece, cost: i > 0 ? 0 : costOf(recorded, incoming), isKnown, isSecret };
  });
}

/** That two names have not even their parts in common is harder to believe. */
function costOf(recorded: string, incoming: string): number {
  return differingWords(recorded, incoming) === undefined ? 2 : 1;
}

function isPartOf(word: string, run: string): boolean {
  return word !== run && run.includes(word);
}

/** Two values of random characters of one length that fall into other words: base64 and its kin. */
function asWholes(recorded: string, incoming: string): WordPair[] | undefined {
  const isOneWord = (text: string): boolean => /^[\w+=-]{8,200}$/.test(text) || looksRandom(text);
  if (recorded.length !== incoming.length || !isOneWord(recorded) || !isOneWord(incoming)) return undefined;
  return [wholePair(recorded, incoming)];
}

function wholePair(recorded: string, incoming: string): WordPair {
  return { recorded, incoming, recordedRun: recorded, incomingRun: incoming };
}
