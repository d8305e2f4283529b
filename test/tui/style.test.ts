import { expect, test } from 'vitest';
import { cutLine, lineCells, paint, spread, tableLine } from '../../src/tui/style.js';
import { textOf } from './samples.js';

test('a line is cut to its width, in the cell that goes over', () => {
  const line = [{ text: 'abc' }, { text: '漢字' }, { text: 'def' }];
  expect(textOf(cutLine(line, 6))).toBe('abc漢…');
  expect(textOf(cutLine(line, 10))).toBe('abc漢字def');
});

test('with no colour wanted, weight and inversion still tell what stands out', () => {
  const line = [
    { text: 'FAIL', tone: 'alarm' as const },
    { text: ' ok', tone: 'good' as const },
  ];
  expect(paint(line, false)).toBe('\u001b[1m\u001b[7mFAIL\u001b[0m ok');
  expect(paint(line, true)).toContain('\u001b[31m');
});

test('of two ends that do not fit, the left one gives way', () => {
  const line = spread([{ text: 'a long beginning' }], [{ text: 'end' }], 12);
  expect(textOf(line)).toBe('a long … end');
  expect(lineCells(spread([{ text: 'a' }], [{ text: 'b' }], 12))).toBe(12);
});

test('a row of a table has the width of its columns, whatever is in it', () => {
  const columns = [
    { key: 'a', caption: 'A', cells: 4 },
    { key: 'b', caption: 'B', cells: 5, align: 'right' as const },
  ];
  expect(textOf(tableLine(columns, { a: { text: 'much too long' }, b: { text: '漢' } }))).toBe('muc…    漢');
});
