import type { Key as InkKey } from 'ink';
import { expect, test } from 'vitest';
import { keysOf } from '../../src/tui/keys.js';

const nothing = {} as InkKey;

test('text that comes in one piece is the same as typed character by character', () => {
  expect(keysOf('l3s\r', nothing)).toEqual([
    { name: 'text', text: 'l' },
    { name: 'text', text: '3' },
    { name: 'text', text: 's' },
    { name: 'enter' },
  ]);
  expect(keysOf('e\u0301', nothing)).toEqual([{ name: 'text', text: 'e\u0301' }]);
});

test('Ctrl-C is found in the middle of other input too', () => {
  expect(keysOf('c', { ctrl: true } as InkKey)).toEqual([{ name: 'ctrl-c' }]);
  expect(keysOf('ab\u0003', nothing).at(-1)).toEqual({ name: 'ctrl-c' });
});

test('both codes that terminals send for Backspace are Backspace', () => {
  expect(keysOf('', { delete: true } as InkKey)).toEqual([{ name: 'backspace' }]);
  expect(keysOf('', { backspace: true } as InkKey)).toEqual([{ name: 'backspace' }]);
});

test('controls that mean nothing here, and Alt with a letter, are not text', () => {
  expect(keysOf('b', { ctrl: true } as InkKey)).toEqual([]);
  expect(keysOf('x', { meta: true } as InkKey)).toEqual([]);
  expect(keysOf('\u0000\u001f', nothing)).toEqual([]);
});
