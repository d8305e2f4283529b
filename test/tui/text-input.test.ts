import { expect, test } from 'vitest';
import type { Key } from '../../src/tui/keys.js';
import { editText, textInput, type TextInput } from '../../src/tui/text-input.js';

function after(input: TextInput, ...keys: Key[]): TextInput {
  return keys.reduce((current, key) => editText(current, key) ?? current, input);
}

test('text is put in and taken out where the cursor is', () => {
  const input = after(textInput('30ms'), { name: 'left' }, { name: 'left' }, { name: 'text', text: '0' });
  expect(input).toEqual({ text: '300ms', cursor: 3 });
  expect(after(input, { name: 'backspace' })).toEqual({ text: '30ms', cursor: 2 });
});

test('the cursor moves by what people take for characters', () => {
  const input = after(textInput('a👩‍👩‍👧b'), { name: 'left' }, { name: 'backspace' });
  expect(input).toEqual({ text: 'ab', cursor: 1 });
});

test('Ctrl-U empties the line, Ctrl-W takes the last word', () => {
  expect(after(textInput('300ms --jitter 5ms'), { name: 'ctrl-w' }).text).toBe('300ms --jitter ');
  expect(after(textInput('300ms --jitter 5ms'), { name: 'ctrl-u' })).toEqual({ text: '', cursor: 0 });
});

test('at either end the cursor stays', () => {
  expect(after(textInput('a'), { name: 'home' }, { name: 'left' }, { name: 'backspace' })).toEqual({
    text: 'a',
    cursor: 0,
  });
  expect(after(textInput('a'), { name: 'right' })).toEqual({ text: 'a', cursor: 1 });
});

test('a key that does not edit is left to others', () => {
  expect(editText(textInput('a'), { name: 'tab' })).toBeUndefined();
});
