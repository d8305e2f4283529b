import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createRedactor, redactionOptions, type RedactionInfo } from '../../../src/har/redaction/index.js';

const salt = createHash('sha256').update('a recording').digest('hex').slice(0, 32);
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/* What both kinds of rules have in common: those of earlier recordings must go on as they are. */
describe.each([
  ['by exact names', 1],
  ['by the meaning of names', 2],
] as const)('redaction %s', (_rules, formatVersion) => {
  function info(options: Partial<Omit<RedactionInfo, 'formatVersion'>> = {}): RedactionInfo {
    return { formatVersion, salt, ...redactionOptions.parse({}), ...options };
  }

  describe('headers', () => {
    test.each([
      ['Authorization', 'Bearer 2YotnFZFEjr1zCsicMWpAA', /^Bearer \d[A-Z][a-z]{3}[A-Z]{4}/, '2YotnFZFEjr1zCsicMWpAA'],
      ['Authorization', `Bearer ${jwt}`, /^Bearer eyJhbGciOiJIUzI1NiJ9\.eyJzdWIiOiIxIn0\./, 'dBjftJeZ4CVP'],
      ['X-Api-Key', 'k-1234567890abcdef', /^[a-z]-\d{10}[a-z]{6}$/, '1234567890'],
      [
        'Cookie',
        'lang=en; session=s3cr3tv4lue99; theme=dark',
        /^lang=en; session=\w{13}; theme=dark$/,
        's3cr3tv4lue99',
      ],
      ['Set-Cookie', 'sid=s3cr3tv4lue99; Path=/; HttpOnly', /^sid=\w{13}; Path=\/; HttpOnly$/, 's3cr3tv4lue99'],
      [
        'Location',
        'https://a/cb?access_token=s3cr3tv4lue99&x=1',
        /^https:\/\/a\/cb\?access_token=\w{13}&x=1$/,
        's3cr3tv4lue99',
      ],
      [
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKID/x, Signature=abcdef0123456789',
        /Credential=AKID\/x, Signature=[a-f]{6}\d{10}$/,
        'abcdef0123456789',
      ],
    ])('%s: %s', (name, value, form, secret) => {
      const [, redacted = ''] = createRedactor(info()).headers([name, value]);
      expect(redacted).toMatch(form);
      expect(redacted).not.toContain(secret);
      expect(redacted).toHaveLength(value.length);
    });

    test('Basic keeps the user, and its form', () => {
      const value = `Basic ${Buffer.from('tea:hunter2hunter2').toString('base64')}`;
      const [, redacted = ''] = createRedactor(info()).headers(['authorization', value]);
      expect(Buffer.from(redacted.slice(6), 'base64').toString()).toMatch(/^tea:(?!hunter2)[a-z]{6}\d[a-z]{6}\d$/);
    });

    test('others stay as they are', () => {
      const headers = ['Content-Type', 'application/json', 'Accept', '*/*', 'Authorization-Hint', 'none'];
      expect(createRedactor(info()).headers(headers)).toEqual(headers);
    });
  });

  describe('bodies', () => {
    test('JSON at any depth, JSON in strings, numbers; the layout stays', () => {
      const text =
        '{ "user" : "tea", "password":"corr\\"ect horse", "pin": 1234, "deep": [{"accessToken" : "s3cr3tv4lue99"}], "s": "{\\"api_key\\":\\"s3cr3tv4lue77\\"}" }';
      const redacted = createRedactor(info()).text(text, 'application/json');
      expect(redacted).toHaveLength(text.length);
      expect(redacted).toMatch(/^\{ "user" : "tea", "password":"[a-z]{4}\\"[a-z]{3} [a-z]{5}", "pin": \d{4}, /);
      expect(redacted).not.toMatch(/corr|horse|1234|s3cr3t/);
      const { s } = JSON.parse(redacted) as { s: string };
      expect(Object.keys(JSON.parse(s) as object)).toEqual(['api_key']);
    });

    test.each([
      [
        'application/x-www-form-urlencoded',
        'user=tea&password=p%40ss-word1&x=1',
        /^user=tea&password=[a-z]%40[a-z]{2}-[a-z]{4}\d&x=1$/,
      ],
      [
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter22\r\n--b--',
        /"password"\r\n\r\n[a-z]{6}\d{2}\r\n--b--$/,
      ],
      ['text/html', `<a href="?t=${jwt}">`, /^<a href="\?t=eyJ\w+\.eyJ\w+\.[\w-]{43}">$/],
    ])('%s', (type, text, form) => {
      const redacted = createRedactor(info()).text(text, type);
      expect(redacted).toMatch(form);
      expect(redacted).not.toBe(text);
    });

    test('binary ones are left alone', () => {
      expect(createRedactor(info()).body(Buffer.from([0xff, 0xd8, 0x01]), 'application/json')).toBeUndefined();
      expect(createRedactor(info()).body(Buffer.from('"password":"x"'), 'image/png')).toBeUndefined();
    });
  });

  test('one secret is one placeholder wherever it stands, once a rule has found it; different ones stay different', () => {
    const redactor = createRedactor(info());
    const [, first] = redactor.headers(['X-Api-Key', 's3cr3tv4lue99']);
    expect(redactor.url('https://a/users/s3cr3tv4lue99?b=s3cr3tv4lue99')).toBe(`https://a/users/${first}?b=${first}`);
    expect(redactor.headers(['X-Api-Key', 's3cr3tv4lue98'])[1]).not.toBe(first);
    expect(createRedactor(info({ salt: '0'.repeat(32) })).headers(['X-Api-Key', 's3cr3tv4lue99'])[1]).not.toBe(first);
  });

  describe('what is short', () => {
    test('is no secret where it is a token or a cookie: nobody could rely on it', () => {
      const redactor = createRedactor(info());
      const headers = ['Set-Cookie', 'sid=abc; Path=/', 'Authorization', 'Bearer x.y.z', 'X-Api-Key', 'k-1'];
      expect(redactor.headers(headers)).toEqual(headers);
      expect(redactor.text('{"token":"t-12345","sessionId":7}', 'application/json')).toBe(
        '{"token":"t-12345","sessionId":7}',
      );
    });

    test('is one where people type it, and different ones stay different', () => {
      const redactor = createRedactor(info());
      const placeholders = ['hunter2', 'hunter3', 'x', 'tea'].map((value) =>
        redactor.text(JSON.stringify({ password: value }), 'application/json'),
      );
      expect(new Set(placeholders).size).toBe(4);
      expect(placeholders.join()).not.toMatch(/hunter|tea/);
      expect(redactor.short).toHaveLength(4);
    });

    test('is known again by what the recording says', () => {
      const recording = createRedactor(info());
      const text = '{"otp":"493021"}';
      const recorded = recording.text(text, 'application/json');
      const replaying = createRedactor(info({ short: recording.short }), { comeBack: true });
      expect(replaying.text(recorded, 'application/json')).toBe(recorded);
      expect(replaying.text(text, 'application/json')).toBe(recorded);
      expect(replaying.text('{"otp":"493022"}', 'application/json')).not.toBe(recorded);
    });
  });

  test('the placeholder of Base64 is Base64 that strict decoders take, and is known again', () => {
    for (let length = 16; length < 48; length += 1) {
      const bytes = createHash('sha512').update(String(length)).digest().subarray(0, length);
      for (const encoding of ['base64', 'base64url'] as const) {
        const secret = bytes.toString(encoding);
        const [, placeholder = ''] = createRedactor(info()).headers(['X-Api-Key', secret]);
        expect(placeholder).not.toBe(secret);
        expect(Buffer.from(placeholder, encoding).toString(encoding)).toBe(placeholder);
        expect(createRedactor(info(), { comeBack: true }).headers(['X-Api-Key', placeholder])[1]).toBe(placeholder);
      }
    }
  });

  test('a placeholder of any token is known again', () => {
    for (let n = 0; n < 300; n += 1) {
      const secret = createHash('sha512')
        .update(String(n))
        .digest(n % 2 === 0 ? 'hex' : 'base64url')
        .slice(0, 8 + (n % 40));
      const [, placeholder = ''] = createRedactor(info()).headers(['X-Api-Key', secret]);
      expect(createRedactor(info(), { comeBack: true }).headers(['X-Api-Key', placeholder])[1]).toBe(placeholder);
    }
  });

  test('a placeholder that comes back stands for itself', () => {
    const [, placeholder = ''] = createRedactor(info()).headers(['X-Api-Key', 's3cr3tv4lue99']);
    const replaying = createRedactor(info(), { comeBack: true });
    expect(replaying.headers(['X-Api-Key', placeholder, 'X-Api-Key', 's3cr3tv4lue99'])).toEqual([
      'X-Api-Key',
      placeholder,
      'X-Api-Key',
      placeholder,
    ]);
  });

  test('own names and patterns are secrets, and kept names are none', () => {
    const redactor = createRedactor(
      info({ headers: ['X-Device'], fields: ['tax_id'], patterns: ['IBAN ?(\\w+)'], keep: ['token'] }),
    );
    expect(redactor.headers(['x-device', 'abcdefghij'])[1]).not.toBe('abcdefghij');
    expect(redactor.text('{"taxId":"12-345","token":"stays","t":"IBAN DE0212345678"}', 'application/json')).toMatch(
      /^\{"taxId":"(?!12-345)\d{2}-\d{3}","token":"stays","t":"IBAN (?!DE0212345678)[A-Z]{2}\d{10}"\}$/,
    );
  });

  describe('own names of any letters', () => {
    const redactor = createRedactor(
      info({ fields: ['Größe', 'kunden nummer', '密码', 'has:colon', '_'], keep: ['пароль'] }),
    );
    test.each([
      ['JSON', '{"größe":"s3cr3t","a":1}', 'application/json'],
      ['JSON, composed otherwise', `{"${'größe'.normalize('NFD')}":"s3cr3t","a":1}`, 'application/json'],
      ['JSON, escaped', '{"gr\\u00f6\\u00DFe":"s3cr3t","a":1}', 'application/json'],
      ['JSON in a string', JSON.stringify({ s: '{"gr\\u00f6\\u00dfe":"s3cr3t"}' }), 'application/json'],
      ['JSON, with a space', '{"kunden nummer" : "s3cr3t"}', 'application/json'],
      ['JSON, of another script', '[{"密码":"s3cr3t"}]', 'application/json'],
      ['JSON, with punctuation', '{"x":":","has:colon":"s3cr3t"}', 'application/json'],
      ['JSON, of punctuation', '{"_":"s3cr3t"}', 'application/json'],
      ['a form', 'gr%C3%B6%C3%9Fe=s3cr3t&a=1', 'application/x-www-form-urlencoded'],
      ['a form, with a space', 'kunden+nummer=s3cr3t', 'application/x-www-form-urlencoded'],
      [
        'parts',
        '--x\r\nContent-Disposition: form-data; name="密码"\r\n\r\ns3cr3t\r\n--x--',
        'multipart/form-data; boundary=x',
      ],
    ])('are found in %s', (_, text, type) => {
      const redacted = redactor.text(text, type);
      expect(redacted).not.toContain('s3cr3t');
      expect(redacted).toHaveLength(text.length);
    });

    test.each([
      ['{"名前":"s3cr3t","gre":"s3cr3t","nummer":"s3cr3t","-":"s3cr3t"}', 'application/json'],
      ['["密码",":","s3cr3t"]', 'application/json'],
      ['{"a":"密码","b":"s3cr3t"}', 'application/json'],
      ['名前=s3cr3t&gre=s3cr3t&%2D=s3cr3t', 'application/x-www-form-urlencoded'],
    ])('leave others alone: %s', (text, type) => {
      expect(redactor.text(text, type)).toBe(text);
    });
  });

  test('credentials of Basic are replaced also where they are echoed', () => {
    const redactor = createRedactor(info());
    const sent = Buffer.from('tea:hunter2hunter2').toString('base64');
    const [, redacted = ''] = redactor.headers(['Authorization', `Basic ${sent}`]);
    const echo = `{"headers":{"Authorization":"Basic ${sent}"},"url":"/?a=${encodeURIComponent(sent)}"}`;
    const placeholder = redacted.slice('Basic '.length);
    expect(redactor.text(echo, 'application/json')).toBe(
      `{"headers":{"Authorization":"Basic ${placeholder}"},"url":"/?a=${encodeURIComponent(placeholder)}"}`,
    );
  });

  test('a secret with half of a surrogate pair is replaced like others', () => {
    const redacted = createRedactor(info()).text('{"password":"s3cr3t-value\\ud800"}', 'application/json');
    expect(redacted).not.toContain('s3cr3t-value');
    expect(JSON.parse(redacted)).toEqual({ password: expect.stringMatching(/^.{13}$/s) as string });
  });

  test.each([
    ['backslashes', '\\'],
    ['letters', 'q'],
    ['quotes', '"'],
  ])('a megabyte of %s is looked through in one go', (_, character) => {
    // by a pattern that begins again at each character it would take an hour
    const plain = Buffer.from(character.repeat(1024 * 1024));
    const redactor = createRedactor(info());
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      expect(redactor.body(plain, type)).toBeUndefined();
    }
  });
});
