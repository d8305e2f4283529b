import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { recordedAt, Replay, type Recorded } from '../../../helpers/replaying.js';

const host = 'http://assets.test';
const now = recordedAt + 40 * 86_400_000;
const script = `export const built = "${new Date(recordedAt).toISOString()}";`;
const digest = (name: string, data = script): Buffer => createHash(name).update(data).digest();
const asset: Recorded = { url: `${host}/app.js`, responseHeaders: ['Content-Type', 'text/javascript'], answer: script };
const page = (text: string): Recorded => ({
  url: `${host}/`,
  responseHeaders: ['Content-Type', 'text/html'],
  answer: text,
});

test.each<[string, Recorded[]]>([
  [
    'an integrity attribute',
    [page(`<script src=app.js integrity="sha384-${digest('sha384').toString('base64')}"></script>`)],
  ],
  ['a list of integrity values', [page(`"sha512-${digest('sha512').toString('base64')}"`)]],
  [
    'a file of its own beside it',
    [{ url: `${host}/app.js.sha1`, answer: `${digest('sha1').toString('hex')}  app.js\n` }],
  ],
  [
    'an index',
    [{ url: `${host}/index`, answer: { files: [{ path: 'app.js', sha256: digest('sha256').toString('hex') }] } }],
  ],
  [
    'a header of another answer',
    [{ url: `${host}/x`, responseHeaders: ['X-Next', digest('md5').toString('base64url')] }],
  ],
  ['a later request', [{ url: `${host}/check?digest=sha256:${digest('sha256').toString('hex')}` }]],
  ['a detached signature', [{ url: `${host}/app.js.asc`, answer: '-----BEGIN PGP SIGNATURE-----' }]],
])('what is named by %s stays as it was, byte by byte', async (_, others) => {
  const replay = new Replay([...others, asset], { now });
  expect((await replay.ask(asset)).text).toBe(script);
});

test('what has its own digest in its URL stays as it was', async () => {
  const url = `${host}/blobs/sha256:${digest('sha256').toString('hex')}`;
  expect((await new Replay([{ ...asset, url }], { now }).ask(url)).text).toBe(script);
});

test.each<[string, string, string[]]>([
  ['PGP clear text', `-----BEGIN PGP SIGNED MESSAGE-----\n\nDate: ${new Date(recordedAt).toUTCString()}\n`, []],
  [
    'XML',
    `<a at="${new Date(recordedAt).toISOString()}"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></a>`,
    [],
  ],
  [
    'a JWS in JSON',
    `{"payload":"eyJhIjoxfQ","at":"${new Date(recordedAt).toISOString()}","signature":"c2lnbmF0dXJlLW9mLXRoaXM"}`,
    [],
  ],
  [
    'a header with a MAC',
    `{"at":"${new Date(recordedAt).toISOString()}"}`,
    ['X-Hub-Signature-256', `sha256=${digest('sha256', 'with a key').toString('hex')}`],
  ],
])('what is signed stays as it was: %s', async (_, text, headers) => {
  const signed: Recorded = { url: `${host}/signed`, answer: text, responseHeaders: headers };
  expect((await new Replay([signed], { now }).ask(signed)).text).toBe(text);
});

test('a body that nothing names is told anew, also where the recording names another by its digest', async () => {
  const other = digest('sha384', 'another').toString('base64');
  const replay = new Replay([page(`integrity="sha384-${other}"`), asset], { now });
  expect((await replay.ask(asset)).text).toContain(new Date(now - 1000).toISOString().slice(0, 16));
});

test('a digest in its own headers alone is made anew with it', async () => {
  const told = await new Replay([{ ...asset, responseHeaders: ['X-Sum', digest('sha256').toString('hex')] }], {
    now,
  }).ask(asset);
  expect(told.text).not.toBe(script);
  expect(told.headers).toEqual(['X-Sum', digest('sha256', told.text).toString('hex')]);
});

test('a token’s hash of another token is that of what the other became', async () => {
  const token = (claims: object): string =>
    [{ alg: 'RS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
    '.c2lnbmF0dXJlLW9mLXRoaXM';
  const halfHash = (text: string): string => digest('sha256', text).subarray(0, 16).toString('base64url');
  const seconds = recordedAt / 1000 + 7;
  const access = token({ sub: 'ada', exp: seconds + 3600 });
  const answer = { id_token: token({ at_hash: halfHash(access), iat: seconds }), access_token: access };
  const told = (
    await new Replay([{ url: `${host}/token`, answer }], { now }).ask(`${host}/token`)
  ).json() as typeof answer;
  const claims = JSON.parse(Buffer.from(told.id_token.split('.')[1] ?? '', 'base64url').toString()) as {
    at_hash: string;
  };
  expect(told.access_token).not.toBe(access);
  expect(claims.at_hash).toBe(halfHash(told.access_token));
});
