import { describe, expect, test } from 'vitest';
import { UserPattern, whyRefused } from '../../src/core/user-pattern.js';
import { createRedactor, redactionInfo, redactionOptions } from '../../src/har/redaction/index.js';
import { mockRequest } from '../../src/overrides/model.js';

const groupsOf = (found: readonly (string | undefined)[] | null | undefined): (string | undefined)[] | undefined =>
  found === null || found === undefined ? undefined : [...found];

describe('a pattern of a user', () => {
  test.each([
    ['ACME-[0-9]{6}', 'an ACME-123456, an ACME-654321'],
    ['IBAN ?(\\w+)', 'IBAN DE44500105175407324931 and IBANAT61'],
    ['(?<id>a+)(b)?', 'aab a b'],
    ['\\u0041\\x42|\\/x', 'AB /x'],
    ['^(\\d+)\\.(\\d+)$', '5.2'],
    ['[^\\s"]+@[\\w.-]+', 'to "ada@shop.test" and bob@b.test'],
    ['ü|ß|\\p{Lu}', 'größe ÜBER'],
    ['nothing', 'of that'],
  ])('finds what a RegExp finds: %s', (source, text) => {
    const pattern = new UserPattern(source);
    const same = new RegExp(source, source.includes('\\p') ? 'u' : '');
    expect(groupsOf(pattern.exec(text))).toEqual(groupsOf(same.exec(text)));
    expect(pattern.test(text)).toBe(same.test(text));
    const marked = (all: string, ...groups: unknown[]): string =>
      `<${all}|${typeof groups[0] === 'string' ? groups[0] : ''}>`;
    const every = new RegExp(same.source, `${same.flags}g`);
    expect(text.replace(pattern, marked)).toBe(
      text.replace(every, (all: string, ...rest: unknown[]) =>
        marked(all, typeof rest[0] === 'string' ? rest[0] : undefined),
      ),
    );
  });

  test.each(['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){20}$', '(\\w+\\s?)+!$'])(
    'stops nobody: %s on a text that makes a RegExp try for ever',
    (source) => {
      const text = `${'a'.repeat(100_000)}\n?`;
      expect(new UserPattern(source).test(text)).toBe(false);
    },
  );

  test.each([
    ['(?<=a)b', /looks around/],
    ['a(?!b)', /looks around/],
    ['(a)\\1', /refers back/],
    ['(', /Unterminated|group/],
    ['a{1,5000}', /repeats too often/],
  ])('that cannot be matched so is refused by name, wherever it is given: %s', (source, why) => {
    expect(() => new UserPattern(source)).toThrow(why);
    expect(whyRefused(source)).toMatch(why);
    const faults = [
      redactionOptions.safeParse({ patterns: [source] }),
      mockRequest.safeParse({ predicate: { params: { q: { $regex: source } } }, response: { status: 204 } }),
    ];
    for (const { success, error } of faults) {
      expect(success).toBe(false);
      expect(JSON.stringify(error?.issues)).toMatch(why);
    }
  });

  test('of a recording that was made before, and that cannot be matched so, is passed over', () => {
    const info = redactionInfo.parse({ formatVersion: 2, salt: '0'.repeat(32), patterns: ['(?<=x)y', 'ACME-\\d+'] });
    expect(createRedactor(info).text('xy ACME-123456', 'text/plain')).toMatch(/^xy [A-Z]{4}-\d{6}$/);
    expect(createRedactor(info).text('xy ACME-123456', 'text/plain')).not.toContain('123456');
  });
});
