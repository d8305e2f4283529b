import { describe, expect, test } from 'vitest';
import { textField, type Field } from '../../../../src/replay/request/field.js';
import {
  canonicalName,
  hasLongWord,
  isPlainWord,
  normalizers,
  normalizersFor,
  type NormalizerContext,
} from '../../../../src/replay/volatile/normalizers/index.js';
import { prepareField } from '../../../../src/replay/volatile/volatile-value.js';
import { recordedAt } from '../../../helpers/replaying.js';

const window = { from: recordedAt / 1000 - 400 * 86_400, to: recordedAt / 1000 + 400 * 86_400 };
const known: NormalizerContext = { windows: [window], appVersions: ['5.1'], names: new Set() };

/** `name=value`, or a value that stands in a path when it begins with a slash, else under the name `value`. */
function fieldOf(example: string): Field {
  if (example.startsWith('/')) return textField('path', '', example);
  const [, name = 'value', value = ''] = /^(?:([A-Za-z_][\w -]*)=(?!=|$))?(.*)$/s.exec(example) ?? [];
  return textField(`query ${name}`, name, value);
}

describe.each(normalizers)('the normalizer $name', ({ name, examples, find }) => {
  test.each(examples.found)('finds %s', (example) => {
    expect(find(fieldOf(example), known)).not.toEqual([]);
  });

  test.each(examples.leftAlone)('leaves %s alone', (example) => {
    expect(find(fieldOf(example), known)).toEqual([]);
  });

  test('is among those that are asked about what it finds, whatever is left out for speed', () => {
    const fields = normalizers.flatMap(({ examples: { found } }) => found.map(fieldOf));
    for (const field of fields.filter((one) => find(one, known).length > 0)) {
      const incoming = normalizersFor(field.name)[hasLongWord(field.value) ? 'any' : 'wordless'];
      expect(incoming.map((normalizer) => normalizer.name)).toContain(name);
      expect([field.value, isPlainWord(field.name, field.value, known)]).toEqual([field.value, false]);
    }
  });

  test('has a summary and examples of both kinds', () => {
    expect([name, examples.found.length > 0, examples.leftAlone.length > 0]).toEqual([name, true, true]);
  });
});

/** Ordinary values of many kinds: none of them is volatile, for any normalizer. */
const ordinary = [
  ...[
    'Ada Lovelace',
    'en-US',
    'EUR',
    'new',
    'true',
    '17',
    '4.5',
    '-3',
    '1250',
    '12.50',
    '1000000',
    '0.25',
    '48.208174',
  ],
  ...['+43 664 1234567', '0043664123456', '4111111111111111', 'AT611904300234573201', '978-3-16-148410-0', '10115'],
  ...['1984-05-06', '1999', '12:30', '23:59:59', '5.12.0', '1.2.3-beta.4', 'v2', '192.168.0.1', 'fe80::1'],
  ...['sku-1234', 'SKU123456', 'iphone-15-pro-max-256gb-blue', 'report-final-2', 'checkout2', 'mp4', 'h264', 'utf8'],
  ...['12345678', '123456789', '987654321012', 'deadbeef', 'abcdefghijklmnop', 'getUserProfileByAccountId'],
  ...['/api/v1/users/42/orders', '/a/b/c.html', '/photos/IMG_1234.jpg', 'https://shop.test/a?page=2#top'],
  ...['a rather long sentence about nothing in particular, with 3 numbers like 42 and 1000 in it'],
];

test.each(ordinary)('no normalizer finds anything in %s', (value) => {
  expect(prepareField(fieldOf(value.startsWith('/') ? value : `field=${value}`), known).volatileValues).toEqual([]);
});

test('a number within a generated file name belongs to it', () => {
  const { template, volatileValues } = prepareField(textField('path', '', '/photos/PXL_1795255200123_0042.jpg'), known);
  expect(volatileValues.map(({ kind, value, word }) => [kind, value, word])).toEqual([
    ['time', '1795255200123', 'PXL_1795255200123_0042'],
    ['noise', '0042', 'PXL_1795255200123_0042'],
  ]);
  expect(template).toBe('/photos/PXL_\0time\0_\0noise\0.jpg');
});

test('names are compared without case and separators', () => {
  expect(['X-Request-Id', 'request_id', 'requestId'].map(canonicalName)).toEqual(Array(3).fill('requestid'));
});
