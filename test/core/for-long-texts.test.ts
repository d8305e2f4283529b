import { expect, test } from 'vitest';
import { forLongTexts } from '../../src/core/for-long-texts.js';

test.each<[RegExp, string, string]>([
  [/\w{8,}/g, 'x', '!'],
  [/[\w+/-]{20,}={0,2}/g, '+', '!'],
  [/(?<![A-Za-z0-9])pypi-[\w-]{32,}(?![\w])/g, '-', '!'],
  [/[^\s"'\]\\]{8,}/g, 'é', '"'],
])('%s finds the same, in texts of many megabytes as well', (pattern, one, end) => {
  const long = forLongTexts(pattern);
  for (const length of [0, 7, 8, 20, 32, 33, 100]) {
    const text = `a pypi-${one.repeat(length)}${end} ${one.repeat(length)}`;
    expect(text.match(long)).toEqual(text.match(pattern));
  }
  const huge = `pypi-${one.repeat(12_000_000)}${end}`;
  expect(huge.match(long)?.map(({ length }) => length > 11_000_000)).toEqual([true]);
});

test('what has a limit stays as it is', () => {
  for (const pattern of [/\w{8,20}/g, /[a-z]{3,}?x/, /\d{2}/]) expect(forLongTexts(pattern)).toEqual(pattern);
});
