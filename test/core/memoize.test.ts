import { expect, test } from 'vitest';
import { memoizeText } from '../../src/core/memoize.js';

test('a text is computed once, and again only after so many others that the memory is full', () => {
  const computed: string[] = [];
  const length = memoizeText((text) => {
    computed.push(text);
    return text.length === 0 ? undefined : text.length;
  }, 2);
  expect([length('ab'), length('ab'), length(''), length('')]).toEqual([2, 2, undefined, undefined]);
  expect(computed).toEqual(['ab', '']);
  expect([length('abc'), length('ab')]).toEqual([3, 2]);
  expect(computed).toEqual(['ab', '', 'abc', 'ab']);
});
