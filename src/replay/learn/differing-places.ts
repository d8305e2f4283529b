import type { Side } from './compared-sides.js';
import { pairUp } from '../request/field.js';
import { mark, type PreparedField, type VolatileValue } from '../volatile/volatile-value.js';
import { isIn } from '../request/field-path.js';

/** A place at which two requests that are else the same have other values. */
export interface DifferingPlace {
  /** As rules have it. */
  where: string;
  /** What the value is called; empty when it has no name. */
  name: string;
  before: string;
  after: string;
}

/**
 * Undefined when the requests are not the same one with other values: one has places that the other has not, or their
 * paths differ in more than one segment.
 */
export function differingPlaces(a: Side, b: Side): DifferingPlace[] | undefined {
  if (a.request.method !== b.request.method || a.request.host !== b.request.host) return undefined;
  const places: DifferingPlace[] = [];
  for (const [past, present] of [
    ...pairUp(a.prepared.line, b.prepared.line),
    ...pairUp(a.prepared.body, b.prepared.body),
  ]) {
    if ((past ?? present)?.optional === true) continue;
    if (past === undefined || present === undefined) return undefined;
    if (past.field.type === 'literal' && past.field.value !== present.field.value) return undefined;
    const found = isIn('path', past.field) ? segments(past, present, a) : [...inField(past, present, a)];
    if (found === undefined) return undefined;
    places.push(...found);
  }
  return [...places, ...inHeaders(a, b)];
}

function* inField(past: PreparedField, present: PreparedField, { facts }: Side): Iterable<DifferingPlace> {
  const { where, name, value: before } = past.field;
  const after = present.field.value;
  if (before === after) return;
  const same = past.template === present.template && past.field.type === present.field.type;
  if (
    !same ||
    (facts.isRead &&
      past.volatileValues.some((volatileValue, i) => isOtherId(volatileValue, present.volatileValues[i])))
  )
    yield { where, name, before, after };
}

/** What names a thing that is read has to be the same, even where it looks like an id that is made anew. */
function isOtherId({ kind, value }: VolatileValue, other: VolatileValue | undefined): boolean {
  return kind === 'id' && value !== other?.value;
}

function segments(past: PreparedField, present: PreparedField, { facts }: Side): DifferingPlace[] | undefined {
  const [left, right] = [past, present].map(({ template }) => template.split('/')) as [string[], string[]];
  const [from, to] = [past, present].map(({ field }) => field.value.split('/')) as [string[], string[]];
  if (left.length !== right.length) return undefined;
  if (left.length !== from.length || right.length !== to.length) return left.join() === right.join() ? [] : undefined;
  const found = from.flatMap((before, i) => {
    const after = to[i] as string;
    const isOther =
      left[i] !== right[i] || (facts.isRead && before !== after && left[i]?.includes(mark('id')) === true);
    return isOther ? [{ where: `path[${i - 1}]`, name: '', before, after }] : [];
  });
  const isMade = ({ before, after }: DifferingPlace): boolean => [before, after].every(looksMade);
  return found.length > 1 || !found.every(isMade) ? undefined : found;
}

/** Headers that have to be equal, and are not. */
function inHeaders(a: Side, b: Side): DifferingPlace[] {
  const answer = { status: a.facts.status, headers: a.facts.responseHeaders };
  return pairUp(a.prepared.headers, b.prepared.headers).flatMap(([past, present]) => {
    if (past === undefined || present === undefined || past.template === present.template) return [];
    const [recorded, incoming] = [past.field, present.field];
    if (
      past.matcher.mayDiffer?.({ recorded, incoming, answer, isServerCookie: () => true, isRenewed: () => false }) ===
      true
    )
      return [];
    return [{ where: recorded.where, name: recorded.name, before: recorded.value, after: incoming.value }];
  });
}

/** Whether a value was rather made by a program than chosen by a person. */
export function looksMade(value: string): boolean {
  return (value.length >= 4 && /\d/.test(value)) || value.length >= 16;
}
