import type { Recording } from '../../store/recording.js';
import { redactionOf, redactorOf } from '../request/incoming-request.js';
import { contextOf, sidesOf, takePairs, type ComparedExchange, type Side } from './compared-sides.js';
import { hashTexts } from '../request/field.js';
import { differenceOfResponses } from './responses-agree.js';
import { differingPlaces, looksMade, type DifferingPlace } from './differing-places.js';
import { firstGiven } from './given-values.js';
import { generalized } from './generalize.js';
import type { ReplayRule } from '../rules/replay-rule.js';
import { RuleSet } from '../rules/rule-set.js';
import { isIn, pathSegmentOf } from '../request/field-path.js';

export interface LearnOptions {
  /** Rules that hold already: what they say is not learned again. */
  known?: readonly ReplayRule[];
  /** Both are runs of one test, one right after the other, so that what differs is not a change of the test. */
  sameTest?: boolean;
}

/** A place that differs between two recordings, and that has to be equal all the same. */
export interface Undecided extends ComparedExchange {
  where: string;
  before: string;
  after: string;
  why: string;
}

export interface Learned {
  rules: ReplayRule[];
  undecided: Undecided[];
}

interface Found {
  place: DifferingPlace;
  pair: Pair;
  rule: ReplayRule;
}

type Pair = readonly [before: Side, after: Side];

/**
 * Which places of requests differ between two recordings of a test although they mean the same: all of their values
 * differ, the answers do not (but for those very values), and the server did not give them. Whatever leaves room for
 * another meaning (an amount, a change of the test, responses that differ) stays as strict as it was, and is told.
 */
export async function learnRules(
  before: Recording,
  after: Recording,
  { known = [], sameTest = false }: LearnOptions = {},
): Promise<Learned> {
  const context = { ...contextOf(before, after), rules: new RuleSet(known) };
  const [left, right] = [await sidesOf(before, context), await sidesOf(after, context)];
  const sides = [[...left], [...right]] as const;
  const order = sides.map((all) => new Map(all.map((side, i) => [side, i])));
  const equal = takePairs(left, right, ({ key }) => key);
  const pairs = [...equal, ...likePairs(left, right)];
  const noise = noiseOf(equal);
  const found = pairs.flatMap((pair) => placesOf(pair, before, after));
  const values = new Set(found.flatMap(({ place }) => [place.before, place.after]));
  const given = sides.map((all) => firstGiven(all, values));
  const firstRequested = sides.map((all) => firstRequestedIn(all, values));
  const isSecret = secretsOf(before, after);
  const learned: Found[] = [];
  const undecided: Undecided[] = [];
  for (const each of found) {
    const { place, pair } = each;
    const at = pair.map((side, i) => order[i]?.get(side) ?? 0);
    const { before: past, after: present } = place;
    const both = (test: (value: string, side: 0 | 1) => boolean): boolean => test(past, 0) && test(present, 1);
    if (both((value, side) => (given[side]?.get(value) ?? Infinity) < (at[side] as number))) continue;
    if (both((value, side) => (firstRequested[side]?.get(value) ?? Infinity) < (at[side] as number))) continue; // bound by then
    const why =
      isSecret(past) || isSecret(present)
        ? 'it is a secret'
        : (doubtOf(place, sameTest) ?? reasonOf(pair, noise) ?? doubtOfValues(each, sides));
    if (why === undefined) learned.push(each);
    else undecided.push({ ...lineOf(pair[1]), where: place.where, before: past, after: present, why });
  }
  const rules = generalized(
    learned.map(({ rule }) => rule),
    sides.flat(),
  );
  return { rules: rules.map((rule) => withExceptions(rule, sides)), undecided };
}

/** Requests of the same shape, the nearest with each other; only where both recordings have as many of them. */
function likePairs(left: readonly Side[], right: readonly Side[]): Pair[] {
  const pairs: Pair[] = [];
  const others = grouped(right, shapeOf);
  for (const [shape, sides] of grouped(left, shapeOf)) {
    const rest = [...(others.get(shape) ?? [])];
    if (rest.length !== sides.length) continue;
    for (const side of sides) {
      const distances = rest.map((other) => differingPlaces(side, other)?.length ?? Infinity);
      const nearest = distances.indexOf(Math.min(...(rest.length > maxCompared ? distances.slice(0, 1) : distances)));
      const [other] = rest.splice(nearest, 1);
      if (other !== undefined) pairs.push([side, other]);
    }
  }
  return pairs;
}

function grouped(sides: readonly Side[], keyOf: (side: Side) => string): Map<string, Side[]> {
  const groups = new Map<string, Side[]>();
  for (const side of sides) {
    const group = groups.get(keyOf(side));
    if (group === undefined) groups.set(keyOf(side), [side]);
    else group.push(side);
  }
  return groups;
}

/** Of more requests of one shape, the first goes with the first. */
const maxCompared = 50;

function shapeOf({ request, prepared }: Side): string {
  const places = [...prepared.line, ...prepared.body].map(({ field }) => field.where);
  const { method, host, port, path } = request;
  return `${method} ${host}:${port} ${path.split('/').length} ${hashTexts(places)}`;
}

/** Requests that differ in most of their values are two different ones. */
function placesOf(pair: Pair, before: Recording, after: Recording): Found[] {
  const places = differingPlaces(...pair) ?? [];
  const { line, body, headers } = pair[0].prepared;
  const values = line.length + body.length + headers.length - 2; // method and host never differ
  if (places.length > 3 && places.length > values / 2) return [];
  return places.map((place) => ({ place, pair, rule: ruleFor(place, pair[0], before, after) }));
}

function ruleFor(place: DifferingPlace, { request, prepared }: Side, before: Recording, after: Recording): ReplayRule {
  const { method, host, port, scheme } = request;
  const template = prepared.line.find(({ field }) => isIn('path', field))?.template ?? request.path;
  const segment = pathSegmentOf(place.where) ?? -1;
  const path = template
    .split('/')
    // eslint-disable-next-line no-control-regex -- marks of what is volatile have them, so that no text looks like one
    .map((text, i) => (segment >= 0 && i - 1 === segment ? '*' : text.replace(/\u0000\w+\u0000/g, '*')))
    .join('/');
  const standard = port === (scheme === 'https' ? 443 : 80);
  const name = host.includes(':') ? `[${host}]` : host;
  const seen = [place.before, place.after].map((value) => (value.length > 60 ? `${value.slice(0, 60)}…` : value));
  return {
    ...{ where: place.where, is: 'volatile', method, host: standard ? host : `${name}:${port}`, path },
    learned: { from: [before.info.recordingId, after.info.recordingId], seen },
  };
}

/** Places at which the responses to equal requests differ, by what was asked, so that they say nothing about it. */
function noiseOf(pairs: readonly Pair[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byPlace = new Map<string, Set<string>>();
  for (const [{ answer: before, prepared, place }, { answer: after, prepared: other }] of pairs) {
    const noise = byPlace.get(place) ?? new Set();
    byPlace.set(place, noise);
    if (prepared.volatileValues.some(({ value }, i) => value !== other.volatileValues[i]?.value)) continue;
    const past = new Map(before.map((field) => [field.field.where, field]));
    for (const { field, template } of after) {
      const known = past.get(field.where);
      if (known !== undefined && known.template !== template && field.where !== 'status') noise.add(field.where);
    }
  }
  return byPlace;
}

/** The first exchange whose request has each value. */
function firstRequestedIn(sides: readonly Side[], values: ReadonlySet<string>): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [at, { prepared }] of sides.entries()) {
    for (const { value, kind } of prepared.volatileValues)
      if (kind === 'id' && values.has(value) && !first.has(value)) first.set(value, at);
  }
  return first;
}

function secretsOf(...recordings: Recording[]): (value: string) => boolean {
  const redactors = recordings.flatMap(({ info }) => redactorOf(redactionOf(info)) ?? []);
  return (value) =>
    redactors.some((redactor) => (value.match(/[\w.+/=-]{8,}/g) ?? []).some((text) => redactor.isPlaceholder(text)));
}

const meaningful =
  /price|amount|cost|total|balance|salary|quantity|\bqty\b|\bsum\b|currency|password|^(?:page|offset|limit|size|count|sort|order|lang|locale)$/i;

/** Why a place may mean something, by itself. */
function doubtOf({ name, before, after }: DifferingPlace, sameTest: boolean): string | undefined {
  if (meaningful.test(name)) return `“${name}” means something`;
  if (sameTest || (looksMade(before) && looksMade(after))) return undefined;
  return 'the test may have changed';
}

const none: ReadonlySet<string> = new Set();

function reasonOf([before, after]: Pair, noise: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const places = differingPlaces(before, after) ?? [];
  const where = differenceOfResponses(before.answer, after.answer, places, noise.get(before.place) ?? none);
  return where === undefined ? undefined : `the answers differ too, in ${where}`;
}

type BothSides = readonly [readonly Side[], readonly Side[]];

/**
 * A value that both recordings have at this place is one of a few, and not made anew each time. That says nothing of
 * values that are plainly made, but for that they are others.
 */
function doubtOfValues({ rule, place }: Found, sides: BothSides): string | undefined {
  const common = valuesOfBoth(rule, sides);
  const isMade = looksMade(place.before) && looksMade(place.after) && common.every(mayBeException);
  if (common.length === 0 || (isMade && common.length <= maxExceptions)) return undefined;
  return `both recordings have “${(common[0] ?? '').slice(0, 40)}”`;
}

const maxExceptions = 50;

function mayBeException(value: string): boolean {
  return value.length <= 200;
}

/** The rule without the values that both recordings have. */
function withExceptions(rule: ReplayRule, sides: BothSides): ReplayRule {
  const common = valuesOfBoth(rule, sides).filter(mayBeException).slice(0, maxExceptions);
  return common.length === 0 ? rule : { ...rule, except: common };
}

function valuesOfBoth(rule: ReplayRule, [before, after]: BothSides): string[] {
  const past = valuesAt(rule, before);
  return [...valuesAt(rule, after)].filter((value) => past.has(value));
}

function valuesAt(rule: ReplayRule, sides: readonly Side[]): Set<string> {
  const scope = new RuleSet([rule]);
  const segment = pathSegmentOf(rule.where) ?? -1;
  const values = sides
    .filter(({ request }) => scope.of(request) !== undefined)
    .flatMap(({ request, prepared }) => {
      if (segment >= 0) return request.path.split('/')[segment + 1] ?? [];
      const fields = [...prepared.line, ...prepared.body, ...prepared.headers];
      return fields.filter(({ field }) => field.where === rule.where).map(({ field }) => field.value);
    });
  return new Set(values);
}

function lineOf({ index, method, url }: Side): ComparedExchange {
  return { index, method, url };
}
