import { expect, test } from 'vitest';
import { wildcard } from '../../src/core/wildcard.js';
import { seeded } from '../helpers/seeded.js';

/** What it means, in the terms of a backtracking engine: right, and slow. */
function byExpression(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
}

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*.example.com', 'api.example.com', true],
  ['*.example.com', 'example.com', false],
  ['a*b*c', 'a-c-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*ab*ab', 'ab', false],
  ['*ab*ab', 'abab', true],
  ['/a.b', '/axb', false],
  ['/users/*/orders', '/users/1\n2/orders', true],
])('%j and %j: %j', (pattern, text, fits) => {
  expect(wildcard(pattern)(text)).toBe(fits);
});

test('any pattern of few letters fits the texts that it means, and no others', () => {
  const random = seeded(7);
  const word = (letters: string, most: number): string =>
    Array.from(
      { length: Math.floor(random() * (most + 1)) },
      () => letters[Math.floor(random() * letters.length)],
    ).join('');
  for (let i = 0; i < 20_000; i++) {
    const [pattern, text] = [word('ab*', 8), word('ab', 12)];
    expect([pattern, text, wildcard(pattern)(text)]).toEqual([pattern, text, byExpression(pattern).test(text)]);
  }
});

test('a pattern of many stars looks at a long text about as often as one of few', () => {
  const text = 'a'.repeat(100_000);
  let looks = 0;
  const counted = Object.assign(Object(text) as string, {
    indexOf: (piece: string, at: number) => {
      looks += 1;
      return text.indexOf(piece, at);
    },
  });
  expect(wildcard(`${'*a'.repeat(50)}*b`)(counted)).toBe(false);
  expect(wildcard(`${'*a'.repeat(50)}*`)(counted)).toBe(true);
  expect(looks).toBeLessThanOrEqual(100);
});
