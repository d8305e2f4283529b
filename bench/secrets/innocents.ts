import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Chance } from './chance.js';
import { answers, sends, type Planted } from './planted.js';

/** Something that looks like a secret to who reads badly, and holds none. */
export interface Innocent {
  name: string;
  plant: (chance: Chance) => Planted;
}

const json = 'application/json';
const of = (name: string, plant: Innocent['plant']): Innocent => ({ name, plant });
const inJson = (name: string, value: (chance: Chance) => unknown): Innocent =>
  of(name, (c) => answers(json, JSON.stringify(value(c))));
const sha256 = (c: Chance): string => createHash('sha256').update(c.word(4)).digest('hex');
const cookie = (name: string, pair: (chance: Chance) => string): Innocent =>
  of(name, (c) => ({ headers: ['Cookie', pair(c)], answer: { headers: ['Set-Cookie', `${pair(c)}; Path=/`] } }));

export const innocents: readonly Innocent[] = [
  inJson('ids of things', (c) => ({
    id: c.uuid(),
    orderId: c.base62(24),
    customer: `cus_${c.base62(14)}`,
    ulid: c.text('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26),
  })),
  inJson('digests', (c) => ({
    sha256: sha256(c),
    commit: c.hex(40),
    md5: c.hex(32),
    integrity: `sha384-${c.bytes(48).toString('base64')}`,
  })),
  inJson('yes and no', () => ({ password: true, token: false, apiKey: null, secret: 0, hasPassword: true })),
  inJson('values that say nothing', () => ({ password: '', token: 'null', secret: 'undefined', api_key: 'none' })),
  inJson('values to be filled in', () => ({
    password: '{{password}}',
    token: '${TOKEN}',
    secret: '<secret>',
    pwd: '********',
  })),
  inJson('errors of fields', () => ({
    errors: { password: ['is too short (minimum is 8 characters)'], token: ['is invalid'] },
  })),
  inJson('messages of a form', () => ({
    labels: { password: 'Password', newPassword: 'New password', otp: 'Code from your phone' },
  })),
  inJson('a schema', () => ({
    properties: { password: { type: 'string', format: 'password', minLength: 8 }, token: { type: 'string' } },
  })),
  inJson('a policy', (c) => ({
    passwordPolicy: { minLength: c.between(8, 20), requireDigits: true },
    tokenLifetime: 3600,
  })),
  inJson('kinds of tokens', (c) => ({
    token_type: 'Bearer',
    expires_in: c.between(60, 9000),
    scope: 'read:users write:users',
  })),
  inJson('usage of a model', (c) => ({
    usage: { prompt_tokens: c.between(1, 9999), completion_tokens: c.between(1, 9999), total_tokens: 12345678 },
  })),
  inJson('places in a list', (c) => ({
    nextPageToken: c.base62(40),
    cursor: c.base62(32),
    continuationToken: c.base62(44),
    next_token: c.base62(20),
  })),
  inJson('keys of tables', (c) => ({
    key: c.base62(20),
    sortKey: c.uuid(),
    partition_key: c.hex(32),
    cacheKey: sha256(c),
    objectKey: `a/${c.uuid()}.png`,
  })),
  inJson('keys for all to see', (c) => ({
    publicKey: `MCowBQYDK2VwAyEA${c.bytes(32).toString('base64')}`,
    publishableKey: `pk_live_${c.base62(24)}`,
  })),
  inJson('a set of keys', (c) => ({
    keys: [
      { kty: 'RSA', kid: c.base62(20), use: 'sig', alg: 'RS256', n: c.bytes(128).toString('base64url'), e: 'AQAB' },
    ],
  })),
  inJson('codes that all know', (c) => ({
    code: 'E1042',
    countryCode: 'DE',
    zipCode: c.digits(5),
    error_code: c.digits(6),
    promoCode: 'SPRING2026',
    statusCode: 200,
  })),
  inJson('times', () => ({
    password_changed_at: '2026-11-21T06:00:00Z',
    tokenExpiresAt: '2026-12-01T00:00:00.000Z',
    sessionStart: 1_764_000_000,
  })),
  inJson('addresses', (c) => ({
    tokenUrl: 'https://login.example/oauth/token',
    password_reset_url: `https://a.example/reset/${c.word(3)}`,
    jwks_uri: 'https://a.example/.well-known/jwks.json',
  })),
  inJson('names of classes', () => ({
    exception: 'com.example.auth.TokenExpiredException',
    handler: 'PasswordResetServiceImpl',
    bean: 'sessionCookieManager',
  })),
  inJson('words', (c) => ({
    keyboard: c.base62(20),
    monkey: c.base62(20),
    compass: c.base62(20),
    author: c.base62(20),
    passenger: c.base62(20),
  })),
  inJson('a sentence about passwords', () => ({
    message: 'Your password must have 8 characters. Forgot your password? Reset the token.',
    title: 'Password',
  })),
  inJson('a list of permissions', () => ({
    scopes: ['tokens:read', 'secrets:list', 'password:reset'],
    role: 'secret-manager-viewer',
  })),
  inJson('events', (c) => ({
    type: 'user.password_changed',
    id: `evt_${c.base62(24)}`,
    request: { id: `req_${c.base62(14)}`, idempotency_key: c.uuid() },
  })),
  inJson('a picture', (c) => ({ mime: 'image/png', data: `iVBORw0KGgo${c.bytes(120).toString('base64')}` })),
  inJson('counters', (c) => ({ sessionCount: c.between(1, 99_999_999), secretCount: 12, failedPins: 3, pinned: true })),
  inJson('coordinates', () => ({ lat: 50.737_430_1, lon: 7.098_206_8, hash: 'u1hcy', bearing: 271.5 })),
  inJson('telephones and accounts', (c) => ({
    phone: `+49${c.digits(10)}`,
    iban: `DE${c.digits(20)}`,
    orderNumber: c.digits(12),
  })),
  inJson('a lock file', (c) => ({
    packages: { 'node_modules/js-tokens': { version: '4.0.0', integrity: `sha512-${c.bytes(64).toString('base64')}` } },
  })),
  inJson('options of a client', () => ({
    auth: { type: 'oauth2', flow: 'client_credentials' },
    session: { store: 'redis', ttl: 600 },
  })),
  inJson('a token of a language', () => ({
    tokens: [
      { type: 'Identifier', value: 'getUserPassword' },
      { type: 'Punctuator', value: '(' },
    ],
  })),
  inJson('what a session is about', (c) => ({
    session: { title: 'Opening keynote', room: 'Hall 4', speakers: [c.word(3)] },
    sessions: [c.uuid(), c.uuid()],
  })),
  inJson('signatures of methods', () => ({ signature: 'getToken(String userId, int maxAge)', method: 'POST' })),
  inJson('a cookie banner', () => ({
    cookies: 'accepted',
    cookiePolicy: 'https://a.example/cookies',
    cookieConsent: 'analytics-and-marketing-2',
  })),
  cookie('preferences', () => 'theme=solarized-dark-contrast; lang=de-DE; view=ProductListViewV2Compact'),
  cookie('a path in a cookie', () => 'last=/assets/app/v2/theme1/main.css'),
  cookie('measuring', (c) => `_ga=GA1.2.${c.digits(9)}.${c.digits(10)}; _gid=GA1.2.${c.digits(9)}.${c.digits(10)}`),
  cookie('a list in a cookie', () => 'consent=analytics-and-marketing-2; seen=1.2.3.4.5.6.7.8.9; bucket=b-17'),
  of('headers that name requests', (c) => ({
    headers: [
      'X-Request-Id',
      c.uuid(),
      'Traceparent',
      `00-${c.hex(32)}-${c.hex(16)}-01`,
      'Idempotency-Key',
      c.uuid(),
      'If-None-Match',
      `"${c.hex(32)}"`,
    ],
    answer: {
      headers: [
        'ETag',
        `W/"${c.hex(40)}"`,
        'X-Amz-Request-Id',
        c.base62(16),
        'X-Amz-Id-2',
        c.bytes(56).toString('base64'),
        'Vary',
        'Authorization, Cookie',
      ],
    },
  })),
  of('headers of rules', (c) => ({
    answer: {
      headers: [
        'Access-Control-Allow-Headers',
        'Authorization, X-Api-Key, X-CSRF-Token',
        'WWW-Authenticate',
        'Bearer realm="api", error="invalid_token"',
        'Content-Security-Policy',
        `script-src 'sha256-${c.bytes(32).toString('base64')}'`,
        'Set-Cookie',
        'lang=de; Path=/; HttpOnly',
      ],
    },
  })),
  of('digests in headers', (c) => ({
    headers: ['Content-MD5', c.bytes(16).toString('base64'), 'Digest', `SHA-256=${c.bytes(32).toString('base64')}`],
    answer: { headers: ['Repr-Digest', `sha-256=:${c.bytes(32).toString('base64')}:`] },
  })),
  of('a query of ids', (c) => ({
    target: `?id=${c.uuid()}&v=${c.hex(8)}&code_language=de&sort_key=${c.base62(16)}&keywords=password+manager`,
  })),
  of('a path of things', (c) => ({ target: `/tokens/${c.uuid()}/secrets-manager/password-policies/${c.word(3)}` })),
  of('a path with a verb', () => ({ target: '/token/introspect/password/reset-requested/verify-email-address' })),
  of('a file of a build', (c) => ({ target: `/static/js/reset-password.${c.hex(20)}.js?v=${c.hex(12)}` })),
  of('a script', () =>
    answers(
      'application/javascript',
      'const token = getToken(); let password = form.password.value; if (!token) throw new Error("no token: log in"); export const apiKey = process.env.API_KEY; function setSecret(secret) { this.secret = secret; }',
    ),
  ),
  of('a style', () => answers('text/css', '.password-field::after{content:"secret"} #token{color:#a1b2c3}')),
  of('a page with a form', () =>
    answers(
      'text/html',
      '<form action="/login"><label for="password">Password:</label><input type="password" name="password" id="password" placeholder="Enter your password"><button name="login" value="password">Go</button><a href="/reset-password">Forgot password?</a></form>',
    ),
  ),
  of('a page of help', () =>
    answers(
      'text/html',
      '<h2>Tokens</h2><p>Create a token: open Settings, choose Secrets. The password: at least eight letters.</p><code>Authorization: Bearer &lt;token&gt;</code>',
    ),
  ),
  of('a document', () =>
    answers('text/markdown', '# Secrets\n\nSet `API_KEY=<your key>` and `PASSWORD=$PASSWORD`. Token: see below.\n'),
  ),
  of('SQL', () =>
    answers('text/plain', 'SELECT token, password_hash FROM sessions WHERE token_type = :type ORDER BY pin_count'),
  ),
  of('a log', (c) =>
    answers(
      'text/plain',
      `INFO token refreshed for user ${c.uuid()} in 12ms; session closed; password ok; key=${c.hex(12)}\n`,
    ),
  ),
  of('an element', (c) =>
    answers(
      'application/xml',
      `<r><tokenType>Bearer</tokenType><keyId>${c.uuid()}</keyId><author>${c.base62(20)}</author><passwordRequired>true</passwordRequired></r>`,
    ),
  ),
  of('a listing of a bucket', (c) =>
    answers(
      'application/xml',
      `<ListBucketResult><Key>a/${c.uuid()}.bin</Key><ETag>&quot;${c.hex(32)}&quot;</ETag><NextContinuationToken>${c.bytes(30).toString('base64')}</NextContinuationToken></ListBucketResult>`,
    ),
  ),
  of('a public key', (c) =>
    answers(
      'application/x-pem-file',
      `-----BEGIN PUBLIC KEY-----\n${c.bytes(90).toString('base64')}\n-----END PUBLIC KEY-----\n`,
    ),
  ),
  of('a certificate', (c) =>
    answers(
      'application/x-pem-file',
      `-----BEGIN CERTIFICATE-----\n${c.bytes(180).toString('base64')}\n-----END CERTIFICATE-----\n`,
    ),
  ),
  of('a column of CSV', (c) =>
    answers('text/csv', `id,token_type,key_id,author\n1,Bearer,${c.uuid()},${c.base62(20)}\n`),
  ),
  of('settings', () =>
    answers(
      'application/yaml',
      'auth:\n  type: password\n  token_url: https://a.example/token\n  password_policy: strong\n  tokenizer: bert-base\n',
    ),
  ),
  of('an upload', (c) => sends('application/octet-stream', c.bytes(256))),
  of('a file that is packed', (c) =>
    answers('application/gzip', gzipSync(`name,author\n${c.word(3)},${c.base62(22)}\n`)),
  ),
  of('protobuf', (c) =>
    sends(
      'application/x-protobuf',
      Buffer.concat([Buffer.from([10, 24]), Buffer.from(c.base62(24)), Buffer.from([16, 7])]),
    ),
  ),
  of('a form', (c) =>
    sends(
      'application/x-www-form-urlencoded',
      `grant_type=client_credentials&client_id=${c.base62(20)}&scope=tokens+secrets&response_type=code&token_type_hint=access_token`,
    ),
  ),
  of('what names an upload', (c) => ({
    target: `?uploadId=${c.base62(60)}&partNumber=3&X-Amz-Date=20261121T060000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=600`,
  })),
];
