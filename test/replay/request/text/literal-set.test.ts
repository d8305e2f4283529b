import { expect, test } from 'vitest';
import { LiteralSet } from '../../../../src/replay/request/text/literal-set.js';
import { between, oneOf, seeded } from '../../../helpers/seeded.js';

function setOf(literals: readonly string[]): LiteralSet {
  const set = new LiteralSet();
  for (const literal of literals) set.add(literal);
  return set;
}

/** What `indexOf` finds, one literal after another. */
function oneByOne(literals: readonly string[], text: string): [string, number[]][] {
  return [...new Set(literals)].flatMap((literal): [string, number[]][] => {
    const places: number[] = [];
    for (let at = text.indexOf(literal); at !== -1; at = text.indexOf(literal, at + literal.length)) places.push(at);
    return places.length === 0 ? [] : [[literal, places]];
  });
}

test.each([1, 2, 3, 4])('finds all at once what indexOf finds one by one (seed %i)', (seed) => {
  const random = seeded(seed);
  const word = (length: number): string => Array.from({ length }, () => oneOf(random, [...'ab:é'])).join('');
  for (let round = 0; round < 50; round++) {
    const literals = Array.from({ length: 20 }, () => word(between(random, 4, 7)));
    const text = word(between(random, 0, 120));
    expect(setOf(literals).foundIn(text)).toEqual(oneByOne(literals, text));
  }
});

test('one at the end of the text is found, one that is cut off is not', () => {
  expect(setOf(['+43 664', '+43 6649']).foundIn('call +43 664')).toEqual([['+43 664', [5]]]);
});

test('what is too short to be looked for is refused', () => {
  expect(() => setOf(['a:b'])).toThrow('Too short');
});
