import { expect, test } from 'vitest';
import { mockRequest } from '../../src/overrides/model.js';

const isTaken = (headers: Record<string, string>): boolean =>
  (['request', 'response'] as const).every((part) => {
    const { success, error } = mockRequest.safeParse({ predicate: {}, [part]: { headers: { PUT: headers } } });
    const other = error?.issues.some(({ path }) => !path.includes('headers')) === true;
    expect(other).toBe(false);
    return success;
  });

test('a header that no connection could carry is refused when the mock is made, whatever control character it holds', () => {
  const codes = [...Array.from({ length: 32 }, (_, code) => code), 127].filter((code) => code !== 9);
  for (const code of codes) {
    expect(isTaken({ 'X-A': `a${String.fromCharCode(code)}b` }), String(code)).toBe(false);
    expect(isTaken({ [`X${String.fromCharCode(code)}A`]: 'b' }), String(code)).toBe(false);
  }
  expect(isTaken({ 'X-A': '€' })).toBe(false);
  expect(isTaken({ 'X A': 'b' })).toBe(false);
});

test('what a connection carries is taken: tabs, spaces, Latin-1, nothing', () => {
  for (const value of ['', 'a\tb', ' a  b ', 'café', '\u00a0\u00ff', "!#$%&'*+-.^_`|~"])
    expect(isTaken({ 'X-A': value })).toBe(true);
});
