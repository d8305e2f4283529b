import { expect, test } from 'vitest';
import { makeCorpus } from '../../../bench/secrets/corpus.js';
import { measure } from '../../../bench/secrets/measure.js';
import { isMet } from '../../../bench/secrets/report.js';
import { Search } from '../../../bench/secrets/search.js';
import { tempFolder } from '../../helpers/temp-folder.js';

test.each([11, 12])(
  'of a corpus by chance (seed %i) hardly a secret is stored, what is innocent stays, and all is replayed',
  async (seed) => {
    const { failures, ...figures } = await measure(await tempFolder(), makeCorpus(seed, 400));
    expect(isMet({ ...figures, failures }), JSON.stringify(failures)).toBe(true);
  },
);

test('one seed makes one corpus, and another one another', () => {
  expect(makeCorpus(5, 50)).toEqual(makeCorpus(5, 50));
  expect(makeCorpus(6, 50)).not.toEqual(makeCorpus(5, 50));
});

test.each<[string, (secret: string) => string | Buffer]>([
  ['plain', (secret) => `x${secret}y`],
  ['Base64', (secret) => Buffer.from(`ab${secret}c`).toString('base64')],
  ['percent', (secret) => Array.from(Buffer.from(secret), (byte) => `%${byte.toString(16)}`).join('')],
  ['hex', (secret) => Buffer.from(secret).toString('hex')],
  ['JSON in JSON', (secret) => JSON.stringify(JSON.stringify({ a: secret }))],
  ['entities', (secret) => secret.replace(/./g, (one) => `&#${one.charCodeAt(0)};`)],
  ['UTF-16', (secret) => Buffer.from(secret, 'utf16le')],
])('what the search of the corpus looks for is found in %s, and nothing is that is not there', (_, write) => {
  const secret = 'kT7"w/9<Lm+2&pQx';
  expect(new Search(Buffer.from(write(secret))).has(secret)).toBe(true);
  expect(new Search(Buffer.from(write(secret))).has('kT7"w/9<Lm+2&pQy')).toBe(false);
});
