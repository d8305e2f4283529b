import { expect, test } from 'vitest';
import { escapeSegment, isCutSegment, unescapeSegment } from '../../src/store/segment.js';
import { seeded, textOf } from '../helpers/seeded.js';

const hostile = [
  '../../etc/passwd',
  '/etc/passwd',
  '..',
  '.',
  '...',
  'a/../b',
  'a\\b',
  'C:\\Windows',
  'CON',
  'con',
  'nul.txt',
  'LPT1',
  'a\0b',
  'a\nb',
  'trailing.',
  'trailing ',
  '.hidden',
  'a*?"<>|b',
  '~',
  '~~0123456789abcdef0123456789abcdef',
  'x~01234567',
  '%2E%2E',
  'größe 中文 🎉',
  'e\u0301',
  'é',
  'current.json',
  '__proto__',
  'x'.repeat(300),
  'é'.repeat(300),
  'X'.repeat(300),
  'A'.repeat(175),
];

test.each(hostile)('%j becomes one harmless segment, and back', (text) => {
  const segment = escapeSegment(text);
  expect(segment).toMatch(/^[A-Za-z0-9_%~-]([A-Za-z0-9_.%~-]*[A-Za-z0-9_%~-])?$/);
  expect(segment.length).toBeLessThanOrEqual(180);
  expect(segment).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
  if (isCutSegment(segment)) expect(unescapeSegment(segment)).toBeUndefined();
  else expect(unescapeSegment(segment)).toBe(text);
});

test('plain ids stay as they are', () => {
  for (const text of ['checkout', 'login_2', '4.2.0', 'a-b.c']) expect(escapeSegment(text)).toBe(text);
});

test('different texts get segments that differ even where upper and lower case are one', () => {
  const random = seeded(20261121);
  const texts = new Set([...hostile, ...['Checkout', 'checkout', 'CheckOut', 'CHECKOUT']]);
  for (let i = 0; i < 20_000; i++) texts.add(textOf(random, 'aAbBäÄ./%~01 -_\0', 12));
  texts.delete('');
  const segments = new Set([...texts].map((text) => escapeSegment(text).toLowerCase()));
  expect(segments.size).toBe(texts.size);
});

test('random texts come back', () => {
  const random = seeded(7);
  for (let i = 0; i < 5_000; i++) {
    const text = textOf(random, 'aZ09._-~%/\\: \u00e9\u4e2d\u{1f389}', 40);
    const segment = escapeSegment(text);
    if (text !== '' && !isCutSegment(segment)) expect(unescapeSegment(segment)).toBe(text);
  }
});

test('a folder that somebody else made is none of ours', () => {
  for (const name of ['Checkout', '.DS_Store', 'a b', 'x~01234567', '%', '%2', '%FF', 'con']) {
    expect(unescapeSegment(name)).toBeUndefined();
  }
});
