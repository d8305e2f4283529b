import { expect, test } from 'vitest';
import { everyMatch } from '../../../../src/replay/request/text/every-match.js';

const cases: [RegExp, string][] = [
  [/\d+/g, 'a1b22c333'],
  [/x*/g, 'xxayx'],
  [/(?<=a)b/g, 'abcab'],
  [/z/g, 'none'],
  [/(?<day>\d\d)\./gu, '21.11.2026'],
];

test.each(cases)('%s matches what matchAll matches in %s', (pattern, text) => {
  const found = everyMatch(pattern, text);
  expect(found.map((match) => [match.index, ...match])).toEqual(
    [...text.matchAll(pattern)].map((match) => [match.index, ...match]),
  );
});

test('a pattern that was used elsewhere starts anew', () => {
  const pattern = /\d/g;
  pattern.test('12');
  expect(everyMatch(pattern, '12').map(([digit]) => digit)).toEqual(['1', '2']);
});
