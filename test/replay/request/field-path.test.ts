import { expect, test } from 'vitest';
import { anyElementOf, containerOf, fieldPath, isIn, pathSegmentOf } from '../../../src/replay/request/field-path.js';

test.each([
  ['method', 'method', ''],
  ['query page', 'query', 'page'],
  ['query a b', 'query', 'a b'],
  ['path', 'path', ''],
  ['path[2]', 'path', '[2]'],
  ['header if-none-match', 'header', 'if-none-match'],
  ['json $.items[2].qty', 'json', '$.items[2].qty'],
  ['json $[0]', 'json', '$[0]'],
  ['part[file] filename', 'part', '[file] filename'],
  ['proto 3.1', 'proto', '3.1'],
])('%s is in the part %s, at "%s"', (where, part, path) => {
  expect(fieldPath(where)).toEqual({ part, path });
  expect(isIn(fieldPath(where).part, { where })).toBe(true);
});

test('a part whose name another begins with is another part', () => {
  expect(isIn('path', { where: 'pathology $.x' })).toBe(false);
  expect(isIn('part', { where: 'path' })).toBe(false);
  expect(isIn('header', { where: 'headers x' })).toBe(false);
  expect(fieldPath('jsonp x')).toEqual({ part: 'other', path: 'jsonp x' });
});

test('a segment of the path has its number, and nothing else has', () => {
  expect(pathSegmentOf('path[2]')).toBe(2);
  for (const where of ['path', 'json $[2]', 'path[x]', 'query path[2]']) expect(pathSegmentOf(where)).toBeUndefined();
});

test('elements of arrays become any element, segments of a path stay', () => {
  expect(anyElementOf('json $.a[0].b[12]')).toBe('json $.a[*].b[*]');
  expect(anyElementOf('path[2]')).toBe('path[2]');
});

test('a container is what stands before the field’s own name', () => {
  expect(containerOf({ where: 'json $.due.year', name: 'year' })).toBe('json $.due.');
  expect(containerOf({ where: 'json $[0]', name: '' })).toBeUndefined();
});
