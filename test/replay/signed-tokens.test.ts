import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { writeVarint } from '../../src/http/index.js';
import { redacted } from '../helpers/redacted-replay.js';
import { json, recordedAt, Replay, type Recorded } from '../helpers/replaying.js';

const issuer = 'https://id.test';
const month = 30 * 86_400_000;
const seconds = recordedAt / 1000;

type Jwk = JsonWebKey & { kid?: string; alg?: string; use?: string; x5c?: string[]; x5t?: string };

interface Signer {
  alg: string;
  kid?: string;
  privateKey: KeyObject;
  jwk: Jwk;
}

function signer(alg: string, kid?: string, members: object = {}): Signer {
  const { privateKey, publicKey } = pairFor(alg);
  const jwk = { ...publicKey.export({ format: 'jwk' }), ...(kid === undefined ? {} : { kid }), use: 'sig', ...members };
  return { alg, privateKey, jwk, ...(kid === undefined ? {} : { kid }) };
}

function pairFor(alg: string): { privateKey: KeyObject; publicKey: KeyObject } {
  if (/^[RP]S/.test(alg)) return generateKeyPairSync('rsa', { modulusLength: 1536 });
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519');
  const namedCurve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', ES256K: 'secp256k1' }[alg] ?? 'P-256';
  return generateKeyPairSync('ec', { namedCurve });
}

const hashOf = (alg: string): string | null => (alg === 'EdDSA' ? null : `sha${/\d+/.exec(alg)?.[0]}`);
const padding = (alg: string): object =>
  alg.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: 'ieee-p1363' };
const coded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(by: Signer, claims: object = {}, head: object = by.kid === undefined ? {} : { kid: by.kid }): string {
  const payload = { iss: issuer, aud: 'web', sub: 'ada', iat: seconds, exp: seconds + 3600, ...claims };
  const signed = `${coded({ alg: by.alg, typ: 'JWT', ...head })}.${coded(payload)}`;
  const data = Buffer.from(signed);
  const signature = sign(hashOf(by.alg), data, { key: by.privateKey, ...padding(by.alg) });
  return `${signed}.${signature.toString('base64url')}`;
}

const answer = (path: string, value: object, more: Partial<Recorded> = {}): Recorded => ({
  ...{ url: issuer + path, answer: JSON.stringify(value), responseHeaders: json, waitMs: 0 },
  ...more,
});
const discovery = answer('/.well-known/openid-configuration', {
  issuer,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ['RS256'],
});
const keySet = (...signers: Signer[]): Recorded => answer('/jwks', { keys: signers.map(({ jwk }) => jwk) });
const issued = (...tokens: string[]): Recorded =>
  answer('/token', { id_token: tokens[0], access_token: tokens[1] ?? tokens[0] });

/** What a client that checks its tokens does: by the keys that discovery leads it to, at its own time. */
async function claimsOf(replay: Replay, jwt: string): Promise<{ sub: string; exp: number; iat: number }> {
  const { jwks_uri } = (await replay.ask(discovery)).json() as { jwks_uri: string };
  const { keys } = (await replay.ask(jwks_uri)).json() as { keys: Jwk[] };
  const [head = '', payload = '', signature = ''] = jwt.split('.');
  const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; kid?: string };
  const fitting = keys.filter((key) => kid === undefined || key.kid === kid);
  const isSigned = fitting.some((jwk) => {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return verify(
      hashOf(alg),
      Buffer.from(`${head}.${payload}`),
      { key, ...padding(alg) },
      Buffer.from(signature, 'base64url'),
    );
  });
  if (!isSigned) throw new Error('signature verification failed');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string; exp: number; iat: number };
  if (claims.exp * 1000 <= replay.now || claims.iat * 1000 > replay.now)
    throw new Error('"exp" claim timestamp check failed');
  return claims;
}

async function tokens(replay: Replay): Promise<{ id_token: string; access_token: string }> {
  return (await replay.ask(issued(''))).json() as { id_token: string; access_token: string };
}

/** The same exchanges, with their secrets and without. */
const published: [string, (exchanges: Recorded[]) => Replay][] = [
  ['as they were', (exchanges) => new Replay(exchanges, { now: recordedAt + month })],
  ['without their secrets', (exchanges) => redacted(exchanges, { now: recordedAt + month }).replay],
];

describe.each(published)('tokens recorded %s are valid a month later for a client that checks them', (_, replayOf) => {
  test.each(['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA'])('signed by %s', async (alg) => {
    const by = signer(alg, 'key-1');
    const replay = replayOf([discovery, keySet(by), issued(token(by))]);
    const { id_token } = await tokens(replay);
    const { exp } = await claimsOf(replay, id_token);
    expect(Math.abs(exp - (seconds + 3600 + month / 1000))).toBeLessThan(2);
  });

  test('whatever the client asks for first, and as often as it asks', async () => {
    const by = signer('ES256', 'key-1');
    const replay = replayOf([discovery, keySet(by), issued(token(by))]);
    const { keys } = (await replay.ask(`${issuer}/jwks`)).json() as { keys: Jwk[] };
    const [first, second] = [await tokens(replay), await tokens(replay)];
    expect(second).toEqual(first);
    expect((await replay.ask(`${issuer}/jwks`)).json()).toEqual({ keys });
    expect((await claimsOf(replay, first.id_token)).sub).toBe('ada');
  });

  test('by one of several keys, each by its own', async () => {
    const [one, two] = [signer('RS256', '2026-10'), signer('RS256', '2026-11')];
    const replay = replayOf([discovery, keySet(one, two), issued(token(one), token(two, { sub: 'bob' }))]);
    const { id_token, access_token } = await tokens(replay);
    expect((await claimsOf(replay, id_token)).sub).toBe('ada');
    expect((await claimsOf(replay, access_token)).sub).toBe('bob');
    await expect(claimsOf(replay, id_token.replace(/^[^.]+/, coded({ alg: 'RS256', kid: '2026-11' })))).rejects.toThrow(
      'signature',
    );
  });

  test('without a kid, where one key fits', async () => {
    const [rsa, ec] = [signer('RS256', 'a'), signer('ES256', 'b')];
    const replay = replayOf([discovery, keySet(rsa, ec), issued(token(rsa, {}, {}), token(ec, {}, {}))]);
    const { id_token, access_token } = await tokens(replay);
    expect([(await claimsOf(replay, id_token)).sub, (await claimsOf(replay, access_token)).sub]).toEqual([
      'ada',
      'ada',
    ]);
  });

  test('in a key set without any kid', async () => {
    const by = signer('RS256');
    const replay = replayOf([discovery, keySet(by), issued(token(by))]);
    expect((await claimsOf(replay, (await tokens(replay)).id_token)).sub).toBe('ada');
  });

  test('that never expire, too, as their key is another one', async () => {
    const by = signer('RS256', 'key-1');
    const claims = { exp: 9_999_999_999, iat: 1_500_000_000 };
    const replay = replayOf([discovery, keySet(by), issued(token(by, claims))]);
    expect(await claimsOf(replay, (await tokens(replay)).id_token)).toMatchObject(claims);
  });

  test('and open what they opened', async () => {
    const by = signer('ES256', 'key-1');
    const jwt = token(by);
    const me = (bearer: string): Recorded =>
      answer('/me', { name: 'Ada' }, { headers: ['Authorization', `Bearer ${bearer}`] });
    const replay = replayOf([discovery, keySet(by), issued(jwt), me(jwt)]);
    const { access_token } = await tokens(replay);
    expect((await replay.ask(me(access_token))).json()).toEqual({ name: 'Ada' });
  });
});

test('a token in protobuf is signed so, too, before anybody has asked for the keys', async () => {
  const by = signer('RS256', 'key-1');
  const field = Buffer.from(token(by));
  const message = Buffer.concat([Buffer.from([0x0a]), writeVarint(BigInt(field.length)), field]);
  const login: Recorded = {
    ...{ method: 'POST', url: `${issuer}/auth.Login`, answer: message, waitMs: 0 },
    responseHeaders: ['Content-Type', 'application/x-protobuf'],
  };
  const replay = new Replay([login, discovery, keySet(by)], { now: recordedAt + month });
  const { text } = await replay.ask(login);
  expect((await claimsOf(replay, text.slice(text.indexOf('eyJ')))).sub).toBe('ada');
});

describe('a replayed key set', () => {
  test('has keys of the same kind and size, with all else that it said but certificates of the old ones', async () => {
    const signers = [
      signer('RS256', 'a', { alg: 'RS256', x5c: ['MIIB'], x5t: 'abc', 'x5t#S256': 'def', own: { a: [1] } }),
      signer('ES384', 'b'),
      signer('EdDSA', 'c'),
    ];
    const replay = new Replay([keySet(...signers)], { now: recordedAt + month });
    const { keys } = (await replay.ask(`${issuer}/jwks`)).json() as { keys: Jwk[] };
    keys.forEach((key, i) => {
      const { x5c: _c, x5t: _t, 'x5t#S256': _s, ...rest } = signers[i]?.jwk as Jwk & { 'x5t#S256'?: string };
      expect(Object.keys(key)).toEqual(Object.keys(rest));
      expect({ ...key, n: '', x: '', y: '' }).toEqual({ ...rest, n: '', x: '', y: '' });
      expect([key.n?.length, key.x?.length]).toEqual([rest.n?.length, rest.x?.length]);
      expect(key.n === undefined ? key.x : key.n).not.toBe(rest.n ?? rest.x);
    });
  });

  test.each<[string, object]>([
    ['keys for encryption', { ...signer('RS256', 'a').jwk, use: 'enc' }],
    ['private keys', { ...signer('ES256', 'a').privateKey.export({ format: 'jwk' }), kid: 'a' }],
    ['shared keys', { kty: 'oct', k: 'AAAA', kid: 'a' }],
    ['keys of a kind that nobody knows', { kty: 'XYZ', x: 'AAAA' }],
  ])('keeps %s', async (_, key) => {
    const replay = new Replay([answer('/jwks', { keys: [key] })], { now: recordedAt + month });
    expect((await replay.ask(`${issuer}/jwks`)).json()).toEqual({ keys: [key] });
  });

  test('stays as it is where no date moves', async () => {
    const by = signer('RS256', 'a');
    const replay = new Replay([keySet(by), issued(token(by))], { dates: 'off', now: recordedAt + month });
    expect((await replay.ask(`${issuer}/jwks`)).json()).toEqual({ keys: [by.jwk] });
  });

  test('is told with the key that was given for it', async () => {
    const by = signer('RS256', 'a');
    const jwtKeys = [{ kid: 'a', key: by.privateKey }];
    const replay = new Replay([discovery, keySet(by), issued(token(by))], { jwtKeys, now: recordedAt + month });
    expect((await replay.ask(`${issuer}/jwks`)).json()).toEqual({ keys: [by.jwk] });
    expect((await claimsOf(replay, (await tokens(replay)).id_token)).sub).toBe('ada');
  });
});

describe('a token stays as it was signed', () => {
  test('where its signature was wrong when it was recorded', async () => {
    const [by, other] = [signer('RS256', 'a'), signer('RS256', 'a')];
    const replay = new Replay([discovery, keySet(by), issued(token(other))], { now: recordedAt + month });
    await expect(claimsOf(replay, (await tokens(replay)).id_token)).rejects.toThrow('signature');
  });

  test('where it names a key that no set has, and the recording lacks its signature', async () => {
    const [by, other] = [signer('RS256', 'a'), signer('RS256', 'b')];
    const { replay } = redacted([discovery, keySet(by), issued(token(other))], { now: recordedAt + month });
    await expect(claimsOf(replay, (await tokens(replay)).id_token)).rejects.toThrow('signature');
  });
});

describe.each([true, false])('a token signed by a secret of the client (redacted: %s)', (isRedacted) => {
  const secret = 'correct+horse/battery-staple-7';
  const hs256 = (): string => {
    const signed = `${coded({ alg: 'HS256' })}.${coded({ aud: 'web', sub: 'ada', iat: seconds, exp: seconds + 60 })}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const asForm = new URLSearchParams({ client_id: 'web', client_secret: secret, grant_type: 'code' }).toString();
  const asBasic = `Basic ${Buffer.from(`web:${secret}`).toString('base64')}`;
  const form = 'application/x-www-form-urlencoded';

  test.each<[string, Partial<Recorded>]>([
    ['in a form', { headers: ['Content-Type', form], body: asForm }],
    ['as JSON', { headers: json, body: JSON.stringify({ client_id: 'web', client_secret: secret }) }],
    ['as Basic', { headers: ['Authorization', asBasic] }],
  ])('is signed by the one that it sends %s', async (_, request) => {
    const exchange = answer('/token', { id_token: hs256() }, { method: 'POST', ...request });
    const now = recordedAt + month;
    const replay = isRedacted ? redacted([exchange], { now }).replay : new Replay([exchange], { now });
    const { id_token } = (await replay.ask(exchange)).json() as { id_token: string };
    const [head = '', payload = '', signature] = id_token.split('.');
    expect(id_token).not.toBe(hs256());
    expect(signature).toBe(createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url'));
  });
});
