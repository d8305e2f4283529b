import { headerPairs } from '../../http/index.js';
import type { Side } from './compared-sides.js';

const word = /[\w-]+/g;

/**
 * The first exchange (by its place in `sides`) whose answer gave out each of `values`. What the server gave comes back
 * in a replay as it was recorded, so it is not volatile, however much it differs from run to run.
 */
export function firstGiven(sides: readonly Side[], values: ReadonlySet<string>): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  const odd = [...values].filter((value) => !/^[\w-]+$/.test(value));
  const note = (value: string, place: number): void => {
    if (values.has(value) && !first.has(value)) first.set(value, place);
  };
  for (const [place, { answer, facts }] of sides.entries()) {
    const headers = headerPairs(facts.responseHeaders).map(({ value }) => value);
    for (const text of [...answer.map(({ field }) => field.value), ...headers]) {
      for (const [found] of text.matchAll(word)) note(found, place);
      for (const value of odd) if (text.includes(value)) note(value, place);
    }
  }
  return first;
}
