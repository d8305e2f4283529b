import { expect, test } from 'vitest';
import { editJson, NotJson } from '../../src/overrides/json-edit.js';

const document = `{
  "total" : 12.50,
  "big": 12345678901234567890,
  "items": [ {"id":1,"name":"tea"},  {"id":2, "name":"caf\\u00e9"} ],
  "user":{}
}
`;

test('only the named value changes: every other byte stays as it was', () => {
  const { text, changed } = editJson(document, { '$.total': 0 });
  expect(text).toBe(document.replace('12.50', '0'));
  expect(changed).toBe(1);
});

test.each([
  ['$.items[*].name', 'x', document.replace('"tea"', '"x"').replace('"caf\\u00e9"', '"x"')],
  ['$.items[?@.id == 2].name', 'milk', document.replace('"caf\\u00e9"', '"milk"')],
  ['$..id', null, document.replace('"id":1', '"id":null').replace('"id":2', '"id":null')],
  ['$.items[-1].id', 9, document.replace('"id":2', '"id":9')],
  ['$', [1], document.replace(/^\{[\s\S]*\}/, '[1]')],
])('%s finds what RFC 9535 says', (path, value, wanted) => {
  expect(editJson(document, { [path]: value }).text).toBe(wanted);
});

test('a path that names one place adds it where its parent is there, and nowhere else', () => {
  expect(JSON.parse(editJson(document, { '$.user.name': 'Ann' }).text)).toMatchObject({ user: { name: 'Ann' } });
  expect(JSON.parse(editJson(document, { "$['new key']": [1] }).text)).toMatchObject({ 'new key': [1] });
  expect(JSON.parse(editJson(document, { '$.items[2]': 3 }).text)).toMatchObject({ items: [{}, {}, 3] });
  expect(editJson(document, { '$.gone.name': 1 }).text).toBe(document);
  expect(editJson(document, { '$.gone[*].name': 1 })).toEqual({ text: document, changed: 0 });
});

test('$delete takes a value out with its key and comma', () => {
  const { text } = editJson(document, { '$.total': { $delete: true }, '$.items[0]': { $delete: true } });
  expect(JSON.parse(text)).toEqual({ ...withBig(), items: [{ id: 2, name: 'caf\u00e9' }], user: {} });
  expect(text).toContain('12345678901234567890');
  expect(JSON.parse(editJson('[1,2,3]', { '$[*]': { $delete: true } }).text)).toEqual([]);
});

test('what is not JSON is refused', () => {
  expect(() => editJson('<html>', { '$.a': 1 })).toThrow(NotJson);
});

function withBig(): object {
  // eslint-disable-next-line no-loss-of-precision -- what JSON.parse makes of it
  return { big: 12345678901234567890 };
}
