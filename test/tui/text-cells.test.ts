import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { cellsOf, clean, cutEnd, cutMiddle, fit, shorten } from '../../src/tui/text-cells.js';

test('wide characters take two cells, combining ones none', () => {
  expect(cellsOf('abc')).toBe(3);
  expect(cellsOf('漢字')).toBe(4);
  expect(cellsOf('e\u0301')).toBe(1);
  expect(cellsOf('👍🏽')).toBe(2);
});

test('text of simple scripts, which is measured without looking for clusters, has the width that it is known for', () => {
  const characters = Array.from({ length: 0xd800 - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
  expect(characters.filter((character) => cellsOf(character) !== stringWidth(character))).toEqual([]);
});

test('what is cut at its end says so, and is no wider than asked', () => {
  expect(cutEnd('abcdef', 6)).toBe('abcdef');
  expect(cutEnd('abcdef', 4)).toBe('abc…');
  expect(cutEnd('漢字漢字', 4)).toBe('漢…');
  expect(cutEnd('abc', 0)).toBe('');
});

test('of a long URL beginning and end stay', () => {
  expect(cutMiddle('/assets/some/where/app.js', 11)).toBe('/asse…pp.js');
  expect(cutMiddle('abc', 1)).toBe('…');
  expect(cutMiddle('漢字かな', 5)).toBe('漢…な');
});

test.each(['plain text', '漢字かな交じり文', 'e\u0301e\u0301e\u0301', '👩‍👩‍👧 family', ''])(
  '"%s" is fitted to every width exactly',
  (text) => {
    for (let cells = 0; cells < 24; cells += 1) {
      expect(cellsOf(fit(text, cells))).toBe(cells);
      expect(cellsOf(fit(text, cells, 'right', cutMiddle))).toBe(cells);
    }
  },
);

test('nothing that drives a terminal or turns text around is left in what is shown', () => {
  expect(clean('\u001b[2J\u009b31m\r\n\u202eabc\u200d\u0007')).toBe('�[2J�31m���abc��');
  expect(clean('naïve 漢字 ☕')).toBe('naïve 漢字 ☕');
});

test('a very long text is kept short, beginning and end of it', () => {
  expect(shorten(`a${'x'.repeat(100_000)}z`, 5)).toBe('ax…xz');
  expect(shorten('short', 5)).toBe('short');
});
