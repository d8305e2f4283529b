import { describe, expect, test } from 'vitest';
import { canonicalNumber, parseJsonText } from '../../../../src/replay/request/text/json-text.js';

describe('JSON text', () => {
  test('keeps each value with its place', () => {
    const text = ' {"a": [1.50, "x\\"y", true], "b": {}} ';
    const node = parseJsonText(text);
    expect(node?.type).toBe('object');
    if (node?.type !== 'object') return;
    const [a, b] = node.members;
    expect([a?.key, b?.key, b?.value.type]).toEqual(['a', 'b', 'object']);
    if (a?.value.type !== 'array') throw new Error('not an array');
    expect(a.value.items.map((item) => text.slice(item.start, item.end))).toEqual(['1.50', '"x\\"y"', 'true']);
    expect(a.value.items[1]).toMatchObject({ value: 'x"y' });
  });

  test('keeps a member that stands twice', () => {
    const node = parseJsonText('{"a":1,"a":2}');
    expect(node).toMatchObject({ members: [{ key: 'a' }, { key: 'a' }] });
  });

  test.each(['', '{', '{"a"}', '[1,]', '01', '1 2', "{'a':1}", '"\\x"', 'nul', `${'['.repeat(600)}${']'.repeat(600)}`])(
    'refuses %j',
    (text) => {
      expect(parseJsonText(text)).toBeUndefined();
    },
  );
});

test.each([
  ['1.50', '1.5'],
  ['15e-1', '1.5'],
  ['1e3', '1000'],
  ['-0', '0'],
  ['-0.0', '0'],
  ['0.00120', '0.0012'],
  ['9007199254740993', '9007199254740993'],
  ['9007199254740993.0', '9007199254740993'],
  ['1e400', '1e400'],
  ['10e399', '1e400'],
])('the number %s has the one spelling %s', (raw, expected) => {
  expect(canonicalNumber(raw)).toBe(expected);
});
