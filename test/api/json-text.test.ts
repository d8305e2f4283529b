import { expect, test } from 'vitest';
import { readJson } from '../../src/api/json-text.js';

test.each(['{}', '[]', 'null', '"x"', '-1.5e3', '{"a":[1,{"b":"\\u00e9\\n"}]}', ' \r\n\t{"a" : 1}\n'])(
  '%j is read as JSON.parse reads it',
  async (text) => {
    expect(await readJson(text)).toEqual({ value: JSON.parse(text) as unknown });
  },
);

test.each([
  ['{', 'line 1, column 2: a comma or the closing brace was expected'],
  ['[1', 'line 1, column 3: a comma or the closing bracket was expected'],
  ['{"a"}', 'line 1, column 5: a colon was expected'],
  ['{"a":}', 'line 1, column 6: a value was expected'],
  ['{"a":1 "b":2}', 'line 1, column 8: a comma was expected'],
  [
    '{\n  "a": 1,\n  "b": tru\n}',
    'line 3, column 8: neither true, false, null nor a number; text and names stand in double quotes',
  ],
  ['{"a":1,}', 'line 1, column 8: the name of a member in double quotes was expected'],
  ["{'a':1}", 'line 1, column 2: neither true, false, null nor a number; text and names stand in double quotes'],
  ['{a:1}', 'line 1, column 2: neither true, false, null nor a number; text and names stand in double quotes'],
  ['{"a":1} x', 'line 1, column 9: neither true, false, null nor a number; text and names stand in double quotes'],
  ['{"a":1} {}', 'line 1, column 9: the end was expected'],
  ['{"a":"b', 'line 1, column 6: the closing quote was expected'],
  ['{"a":"\\x"}', 'line 1, column 6: one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u was expected'],
  ['// no\n{}', 'line 1, column 1: a value was expected, and JSON has no comments'],
  ['', 'line 1, column 1: a value was expected'],
])('%j is no JSON, and the place is told', async (text, fault) => {
  expect(await readJson(text)).toEqual({ fault });
});

test('a text without end that goes deep is refused, too', async () => {
  expect(await readJson('['.repeat(1_000_000))).toEqual({ fault: expect.any(String) as string });
});
