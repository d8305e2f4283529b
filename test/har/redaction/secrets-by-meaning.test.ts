import { describe, expect, test } from 'vitest';
import { createRedactor, redactionOptions, type Redactor } from '../../../src/har/redaction/index.js';
import { seeded } from '../../helpers/seeded.js';

/* Names are put together by chance from words, so that the rules have to know what they mean, and not which they are. */

const redactor = (): Redactor =>
  createRedactor({ formatVersion: 2, salt: '00112233445566778899aabbccddeeff', ...redactionOptions.parse({}) });

const owners = [
  'db',
  'user',
  'smtp',
  'stripe',
  'my',
  'partner',
  'admin',
  'github',
  'mqtt',
  'billing',
  'x-acme',
  'ldap',
  'legacy',
  'aws',
];
const secrets = [
  ...[
    'password',
    'passwd',
    'passphrase',
    'secret',
    'token',
    'api key',
    'access token',
    'client secret',
    'auth token',
    'session token',
  ],
  ...[
    'refresh token',
    'private key',
    'signing key',
    'csrf token',
    'id token',
    'security token',
    'encryption key',
    'session id',
    'credentials',
  ],
];
const innocents = [
  ...[
    'token type',
    'token count',
    'password policy',
    'password hint',
    'secret name',

    'public key',
    'sort key',
    'primary key',
    'next page token',
  ],
  ...[
    'keyboard',
    'author',
    'authority',
    'passenger',
    'secretary',
    'tokenizer',
    'max tokens',
    'session count',
    'signature method',
    'cache key',
  ],
  ...[
    'continuation token',
    'has password',
    'monkey',
    'key id',
    'auth method',
    'token expires at',
    'partition key',
    'description',
    'compass',
  ],
];
const plural = (name: string): string =>
  /s$/i.test(name) ? name : `${name}${name === name.toUpperCase() ? 'S' : 's'}`;
const spellings: ((words: string[]) => string)[] = [
  (words) => words.join('_'),
  (words) => words.join('-'),
  (words) => words.join('.'),
  (words) => words.join('_').toUpperCase(),
  (words) => words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join(''),
  (words) => words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(''),
];
const places: [place: string, tell: (name: string, value: string, redactor: Redactor) => string][] = [
  ['a header', (name, value, r) => r.headers([name.replaceAll(/[._]/g, '-'), value]).join()],
  ['a query', (name, value, r) => r.url(`https://a.test/x?page=2&${name}=${encodeURIComponent(value)}`)],
  ['a fragment', (name, value, r) => r.url(`https://a.test/x#${name}=${encodeURIComponent(value)}&b=1`)],
  [
    'a form',
    (name, value, r) => r.text(`a=1&${name}=${encodeURIComponent(value)}`, 'application/x-www-form-urlencoded'),
  ],
  ['JSON', (name, value, r) => r.text(JSON.stringify({ a: [{ b: { [name]: value } }] }), 'application/json')],
  [
    'a list in JSON',
    (name, value, r) => r.text(JSON.stringify({ [plural(name)]: [value, `${value}x1`] }), 'application/json'),
  ],
  [
    'JSON in a string',
    (name, value, r) => r.text(JSON.stringify({ body: JSON.stringify({ [name]: value }) }), 'application/json'),
  ],
  ['lines of JSON', (name, value, r) => r.text(`{"a":1}\n{"${name}":"${value}"}\n`, 'application/x-ndjson')],
  ['an element', (name, value, r) => r.text(`<a><ns:${name}>${value}</ns:${name}></a>`, 'application/xml')],
  ['an attribute', (name, value, r) => r.text(`<a b="c" ${name}="${value}"/>`, 'text/xml')],
  [
    'a field of a page',
    (name, value, r) => r.text(`<input type="hidden" name="${name}" value="${value}">`, 'text/html'),
  ],
  ['a log', (name, value, r) => r.text(`failed: ${name}=${value}, retrying`, 'text/plain')],
  [
    'GraphQL',
    (name, value, r) =>
      r.text(JSON.stringify({ query: 'mutation { a }', variables: { input: { [name]: value } } }), 'application/json'),
  ],
  [
    'a literal of GraphQL',
    (name, value, r) =>
      r.text(`mutation { a(${name.replaceAll(/[.-]/g, '_')}: "${value}") { id } }`, 'application/graphql'),
  ],
  [
    'a part of a form',
    (name, value, r) =>
      r.text(
        `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--b--\r\n`,
        'multipart/form-data; boundary=b',
      ),
  ],
  [
    'a part beside bytes',
    (name, value, r) =>
      (
        r.body(
          Buffer.concat([
            Buffer.from(
              `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`,
            ),
            Buffer.from([0xff, 0xfe, 0x00, 0x80]),
            Buffer.from('\r\n--b--\r\n'),
          ]),
          'multipart/form-data; boundary=b',
        ) ?? Buffer.from(value)
      ).toString('latin1'),
  ],
];

const random = seeded(20261201);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const value = (): string =>
  Array.from({ length: 24 }, () => pick([...'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789'])).join('');
const nameOf = (words: string): string =>
  pick(spellings)([...(random() < 0.6 ? [pick(owners)] : []), ...words.split(' ')]);

describe.each(places)('in %s', (_, tell) => {
  test('what is called a secret is replaced, in any spelling', () => {
    const leaked: string[] = [];
    for (const words of secrets) {
      for (let i = 0; i < 4; i++) {
        const [name, secret] = [nameOf(words), value()];
        if (tell(name, secret, redactor()).includes(secret)) leaked.push(name);
      }
    }
    expect(leaked).toEqual([]);
  });

  test('what is called otherwise stays', () => {
    const replaced: string[] = [];
    for (const words of innocents) {
      const [name, plain] = [nameOf(words), value()];
      const told = tell(name, plain, redactor());
      if (!told.includes(plain)) replaced.push(name);
    }
    expect(replaced).toEqual([]);
  });
});

test.each<[string, string, string]>([
  ['GitHub', 'ghp_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'],
  ['Stripe', 'sk_live_', '51H8xYzABCdefGHIjkl0Mno'],
  ['AWS', 'AKIA', 'IOSFODNN7EXAMPLF'],
  ['Slack', 'xoxb-', '123456789012-abcdefGHIJKL'],
  ['Google', 'AIza', 'SyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1v'],
  ['npm', 'npm_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'],
  ['a database', 'postgres://app:', 'hunter2-Hunter3'],
])('a format of %s is known wherever it stands, and what clients check of it stays', (_, prefix, rest) => {
  const text = `see ${prefix}${rest}${prefix.includes('://') ? '@db.test/app' : ''} in the log`;
  const told = redactor().text(text, 'text/plain');
  expect(told).toContain(`see ${prefix}`);
  expect(told).not.toContain(rest);
  expect(told).toHaveLength(text.length);
  const named = redactor().text(JSON.stringify({ api_key: prefix + rest }), 'application/json');
  expect(named).toContain(`"${prefix.slice(0, 4)}`);
});

test.each([
  ['percent-encoded', (secret: string) => encodeURIComponent(secret)],
  ['base64', (secret: string) => Buffer.from(secret).toString('base64')],
  ['hexadecimal', (secret: string) => Buffer.from(secret).toString('hex')],
  ['in a sentence', (secret: string) => `it is "${secret}".`],
  ['behind an escaped line break', (secret: string) => `a\\n${secret}\\nb`],
  ['behind a percent-encoded character', (secret: string) => `a%3D${secret}%26`],
])('a secret that was found is replaced wherever else it stands: %s', (_, spelled) => {
  const found = redactor();
  const secret = 'x7Kq+93/zPw2Lm';
  found.text(JSON.stringify({ password: secret }), 'application/json');
  expect(found.text(`value ${spelled(secret)}`, 'text/plain')).not.toContain(spelled(secret));
});

test('a password that is a word is replaced where it is named, and stays a word elsewhere', () => {
  const found = redactor();
  for (const word of ['Sunshine', 'dragonfly', 'secretary']) {
    expect(found.text(JSON.stringify({ password: word }), 'application/json')).not.toContain(`:"${word}"`);
    const text = `<${word}Minimum>8</${word}Minimum> Your ${word} has ${word}Policy`;
    expect(found.text(text, 'text/xml')).toBe(text);
  }
});

test('cookies are secrets by their names, or where a server hides random ones from scripts', () => {
  const found = redactor();
  const path = '/assets/app/v2/theme1/main.css';
  for (const plain of [`theme=${path}`, 'consent=analytics-and-marketing-2', 'view=ProductListViewV2Compact'])
    expect(found.headers(['Cookie', plain])).toEqual(['Cookie', plain]);
  const secret = value();
  expect(found.headers(['Set-Cookie', `acme=${secret}; Path=/; HttpOnly`]).join()).not.toContain(secret);
  expect(found.headers(['Cookie', `acme=${secret}`]).join()).not.toContain(secret);
  for (const name of [
    'sid',
    'connect.sid',
    'PHPSESSID',
    'JSESSIONID',
    'auth',
    'access_token',
    'remember_me',
    '__Host-session',
  ])
    expect(found.headers(['Cookie', `${name}=${secret}1`]).join()).not.toContain(secret);
});

test('a link with what proves who may follow it', () => {
  for (const path of ['/reset-password/', '/invite/', '/token/', '/magic-link/', '/verify-email/']) {
    const secret = value();
    expect(redactor().url(`https://a.test${path}${secret}/go`)).not.toContain(secret);
  }
  expect(redactor().url('https://a.test/token/introspect?x=1')).toBe('https://a.test/token/introspect?x=1');
});

test('many secrets cost as many, not their square', () => {
  const found = redactor();
  const text = (n: number): string => JSON.stringify({ token: `${value()}${n}`, text: 'word '.repeat(200) });
  for (let n = 0; n < 3000; n++) found.text(text(n), 'application/json');
  expect(found.text('nothing here', 'text/plain')).toBe('nothing here');
});
