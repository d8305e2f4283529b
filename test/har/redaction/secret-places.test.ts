import { describe, expect, test } from 'vitest';
import { createRedactor, meaningOfName, redactionOptions, type Redactor } from '../../../src/har/redaction/index.js';

const redactor = (): Redactor =>
  createRedactor({ formatVersion: 2, salt: '00112233445566778899aabbccddeeff', ...redactionOptions.parse({}) });
const secret = 'x7Kq93zPw2LmBv4T';
const text = (written: string, mediaType = 'text/plain'): string => redactor().text(written, mediaType);
const base64 = (plain: string): string => Buffer.from(plain).toString('base64');
const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const map = (name: string, value: string): Buffer =>
  field(4, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]));

describe('a secret is replaced', () => {
  test.each<[string, string, string]>([
    ['in a column of a table', `id,client_secret,city\n1,${secret},Bonn\n2,"a""b-${secret}",Ulm\n`, 'text/csv'],
    ['in a column between tabs', `id\tapi key\n1\t${secret}\n`, 'text/tab-separated-values'],
    ['in the cell beside its name', `<tr><td>db_password</td><td>${secret}</td></tr>`, 'text/html'],
    ['in a list of terms', `<dl><dt>api_key:</dt> <dd><code>${secret}</code></dd></dl>`, 'text/html'],
    ['as an option', `$ deploy --client-secret=${secret} --force`, 'text/plain'],
    [
      'in a JSON Patch',
      `[{"op":"replace","path":"/user/password","value":"${secret}"}]`,
      'application/json-patch+json',
    ],
    ['by a name with escapes', `{"pass\\u0077ord":"${secret}"}`, 'application/json'],
    ['in settings, be it a word', `db:\n  password: ${secret}\n`, 'application/yaml'],
    ['in a string with escapes', `{ login(password: "a\\"b${secret}") }`, 'application/graphql'],
    ['by a name that is percent-encoded', `<https://a.test/?%E5%AF%86%E7%A0%81=${secret}>; rel=next`, 'text/plain'],
  ])('%s', (_, written, mediaType) => {
    const now = text(written, mediaType);
    expect(now).not.toContain(secret);
    expect(now).toHaveLength(written.length);
  });

  test.each([
    ['standard', (plain: string) => base64(plain)],
    ['for URLs', (plain: string) => Buffer.from(plain).toString('base64url')],
  ])('in a text in Base64 (%s), which is written as it was', (_, encode) => {
    const inner = JSON.stringify({ id: 1, password: secret });
    const now = JSON.parse(text(JSON.stringify({ state: encode(inner) }), 'application/json')) as { state: string };
    const decoded = Buffer.from(now.state, 'base64').toString();
    expect(decoded).not.toContain(secret);
    expect(encode(decoded)).toBe(now.state);
    expect(redactor().url(`https://a.test/cb?state=${encode(inner)}`)).not.toContain(encode(inner).slice(16));
  });

  test('in an entry of a map in protobuf, by its length', () => {
    const body = map('api_key', secret);
    const now = redactor().body(body, 'application/x-protobuf');
    expect(now?.toString('latin1')).not.toContain(secret);
    expect(now).toHaveLength(body.length);
  });

  test('as a parameter of an Authorization by any name, and as a subprotocol of a WebSocket', () => {
    const told = redactor().headers([
      'Authorization',
      `Custom realm="a", app_secret="${secret}", objectkey="${secret}x"`,
    ]);
    expect(told[1]).toMatch(new RegExp(`^Custom realm="a", app_secret="(?!${secret}").{16}", objectkey="`));
    const protocols = redactor().headers(['Sec-WebSocket-Protocol', `graphql-ws, bearer.${secret}`]);
    expect(protocols[1]).toMatch(/^graphql-ws, bearer\./);
    expect(protocols[1]).not.toContain(secret);
  });

  test('a short one once, also in a part of a form that holds JSON', () => {
    const info = { formatVersion: 2 as const, salt: '00112233445566778899aabbccddeeff', ...redactionOptions.parse({}) };
    const form =
      '--b\r\nContent-Disposition: form-data; name="m"\r\nContent-Type: application/json\r\n\r\n{"otp":"493021"}\r\n--b--\r\n';
    const first = createRedactor(info);
    const recorded = first.body(Buffer.from(form), 'multipart/form-data; boundary=b');
    expect(first.short).toHaveLength(1);
    const live = createRedactor({ ...info, short: first.short }, { comeBack: true });
    expect(live.body(Buffer.from(form), 'multipart/form-data; boundary=b')).toEqual(recorded);
  });
});

describe('what only looks like a secret stays', () => {
  test.each<[string, string, string]>([
    ['a column that says something of one', `id,token_type,key_id\n1,Bearer,${secret}\n`, 'text/csv'],
    ['a table that describes fields', '<tr><td>new_password</td><td>string</td><td>required</td></tr>', 'text/html'],
    ['a term that is explained', '<dl><dt>Token</dt><dd>A word that opens something.</dd></dl>', 'text/html'],
    ['an option that is no secret', `$ deploy --token-type=${secret} --no-password`, 'text/plain'],
    ['a patch of something else', `[{"op":"replace","path":"/user/keyboard","value":"${secret}"}]`, 'application/json'],
    ['a schema in settings', 'password:\n  type: string\ntoken_url: https://a.test/token\n', 'application/yaml'],
    [
      'a text in Base64',
      JSON.stringify({ note: base64('the author of this page is a passenger') }),
      'application/json',
    ],
    [
      'bytes in Base64',
      JSON.stringify({ data: Buffer.from('89504e470d0a1a0a00fffe8081c3280a00', 'hex').toString('base64') }),
      'application/json',
    ],
    ['a number that is none', '{"secret":0,"failedPins":3,"password":true}', 'application/json'],
    ['what is to be filled in', 'export API_KEY=$API_KEY PASSWORD=%PASSWORD% TOKEN=${TOKEN}', 'text/plain'],
    ['a placeholder in a page', '<code>Authorization: Bearer &lt;token&gt;</code>', 'text/html'],
  ])('%s', (_, written, mediaType) => {
    expect(text(written, mediaType)).toBe(written);
  });

  test('an entry of a map in protobuf by another name, and a body whose lengths do not fit', () => {
    for (const body of [map('sort_key', secret), Buffer.concat([map('api_key', secret).subarray(0, 20)])])
      expect(redactor().body(body, 'application/x-protobuf')).toBeUndefined();
  });
});

test.each(
  'kata_sandi mậtKhẩu passord adgangskode LOZINKA şifre 암호 סיסמה รหัสผ่าน كلمة_المرور pw pre_shared_key wifiKey session_ticket samlAssertion api_key_v2 secretanswers acmerecoverykey partnerPin mqtt_pass cardPinCode'.split(
    ' ',
  ),
)('%s names a secret', (name) => {
  expect(meaningOfName(name)).toBeDefined();
});

test.each(
  'keyword key_words boarding_pass gpio_pin sessions movie_ticket ticket failedPins saml_response_url assertion_count password_v2_length kata mot word secret_word_count postal_pin'.split(
    ' ',
  ),
)('%s names none', (name) => {
  expect(meaningOfName(name)).toBeUndefined();
});
