import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ReplayRule } from '../../src/replay/rules/replay-rule.js';
import { redacted } from '../helpers/redacted-replay.js';
import { json, recordedAt, type Recorded } from '../helpers/replaying.js';

const host = 'http://shop.test';
const login = (password: string) => ({
  method: 'POST',
  url: `${host}/login`,
  headers: json,
  body: JSON.stringify({ user: 'ada', password }),
});

test('a client that knows a secret finds its answer, and one with another secret does not', async () => {
  for (const [right, wrong] of [
    ['correct-horse-7', 'correct-horse-8'],
    ['hunter2', 'hunter3'],
    ['x', 'y'],
  ] as const) {
    const { replay, published } = redacted([{ ...login(right), answer: '{"ok":true}', responseHeaders: json }]);
    expect(published).not.toContain(`"${right}`);
    expect((await replay.ask(login(wrong))).notes.miss).toBeDefined();
    expect((await replay.ask(login(right))).json()).toEqual({ ok: true });
  }
});

test('a wrong password and the right one keep their answers, in any order', async () => {
  const { replay } = redacted([
    { ...login('bad'), status: 401, answer: 'no' },
    { ...login('tea'), answer: 'yes' },
  ]);
  expect(await replay.texts(login('tea'), login('bad'))).toEqual(['yes', 'no']);
});

test('a token that the replay hands out opens what it opened', async () => {
  const headers = (token: string) => ['Authorization', `Bearer ${token}`];
  const token = 'tok_2YotnFZFEjr1zCsicMWpAA';
  const { replay, published } = redacted([
    { ...login('hunter22'), answer: JSON.stringify({ token }), responseHeaders: json },
    { url: `${host}/me`, headers: headers(token), answer: 'ada' },
  ]);
  expect(published).not.toContain(token);
  const given = (await replay.ask(login('hunter22'))).json() as { token: string };
  expect((await replay.ask({ url: `${host}/me`, headers: headers(given.token) })).text).toBe('ada');
});

test('a token that is signed anew opens what it opened', async () => {
  const key = createSecretKey(Buffer.from('a key that the backend and the test know'));
  const jwt = (exp: number): string => {
    const signed = [{ alg: 'HS256' }, { sub: 'ada', exp }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
  };
  const seconds = recordedAt / 1000;
  const bearer = (token: string) => ({ url: `${host}/me`, headers: ['Authorization', `Bearer ${token}`] });
  const { replay } = redacted(
    [
      { ...login('hunter22'), waitMs: 0, answer: JSON.stringify({ token: jwt(seconds + 60) }), responseHeaders: json },
      { ...bearer(jwt(seconds + 60)), answer: 'ada' },
    ],
    { jwtKeys: [{ key }], now: recordedAt + 86_400_000 },
  );
  const given = (await replay.ask(login('hunter22'))).json() as { token: string };
  expect(given.token).toBe(jwt(seconds + 86_460));
  expect((await replay.ask(bearer(given.token))).text).toBe('ada');
});

test('a code of a few digits that the replay hands out comes back as itself', async () => {
  const { replay, published } = redacted([
    { url: `${host}/code`, answer: '{"otp":"493021"}', responseHeaders: json },
    { method: 'POST', url: `${host}/verify`, headers: json, body: '{"otp":"493021"}', answer: 'ok' },
  ]);
  expect(published).not.toContain('493021');
  const body = (await replay.ask(`${host}/code`)).text;
  expect((await replay.ask({ method: 'POST', url: `${host}/verify`, headers: json, body })).text).toBe('ok');
});

test('an answer that echoes a secret of the client has the client’s own', async () => {
  const key = 'key-4f9d0c2be871a356';
  const { replay, published } = redacted([
    {
      url: `${host}/whoami`,
      headers: ['X-Api-Key', key],
      answer: JSON.stringify({ user: 'ada', key, link: `/keys/${key}` }),
      responseHeaders: [...json, 'X-Key', key],
    },
  ]);
  expect(published).not.toContain(key);
  const answer = await replay.ask({ url: `${host}/whoami`, headers: ['X-Api-Key', key] });
  expect(answer.json()).toEqual({ user: 'ada', key, link: `/keys/${key}` });
  expect(answer.headers.at(answer.headers.indexOf('X-Key') + 1)).toBe(key);
});

const shortSecrets = ['tea', '4821', 'a"b', 'naïve', 'x'];
test.each(shortSecrets)(
  'an answer echoes a short secret of the client (%s) as its own, wherever it is named',
  async (pin) => {
    const answer = JSON.stringify({
      ...{
        password: pin,
        profile: { passwords: [pin, 'other-1'] },
        said: `user=ada&password=${encodeURIComponent(pin)}`,
      },
      ...{ inner: JSON.stringify({ user: 'ada', password: pin }), greeting: 'tea 4821 naïve x' },
    });
    const { replay, published } = redacted([
      { ...login(pin), answer, responseHeaders: [...json, 'X-Password', pin.replace('ï', 'i')] },
      { ...login('another'), status: 401, answer: '{"password":"another"}', responseHeaders: json },
    ]);
    expect(published).not.toContain(JSON.stringify(JSON.stringify({ password: pin })).slice(2, -2));
    const asked = await replay.ask(login(pin));
    const { greeting, password, profile, said, inner } = JSON.parse(answer) as Record<string, unknown>;
    expect(asked.json()).toMatchObject({ greeting, password, said, inner });
    expect(asked.json()).toMatchObject({
      profile: { passwords: [(profile as { passwords: string[] }).passwords[0], expect.any(String)] },
    });
    expect((await replay.ask(login('another'))).text).toBe('{"password":"another"}');
  },
);

test('a session too short to be a secret is as it was', async () => {
  const { replay } = redacted([{ url: `${host}/`, answer: 'hi', responseHeaders: ['Set-Cookie', 'sid=abc; Path=/'] }]);
  expect((await replay.ask(`${host}/`)).headers).toContain('sid=abc; Path=/');
});

test.each([
  ['by chance', 'x7Kq93zPw2LmBv4T', 'Qw8Rt5Yu1Io9PaSd'],
  ['typed', 'hunter22-and-more', 'dragon77-and-less'],
])('another password for the same user is never answered as the recorded one: %s', async (_, recorded, other) => {
  const enter = (password: string): Recorded => ({
    ...{ method: 'POST', url: `${host}/login`, headers: json, body: JSON.stringify({ user: 'ada', password }) },
    answer: '{"welcome":"ada"}',
  });
  const { replay } = redacted([enter(recorded)]);
  expect((await replay.ask(enter(other))).status).toBe(502);
  expect((await replay.ask(enter(recorded))).status).toBe(200);
});

describe.each([
  ['by a UUID', '0b0c6f0e-7a38-4e2b-9a55-0d3b1a2c4d5e', '7d9f1c52-1b5e-4c0a-8f65-3f2e9d8c7b6a'],
  ['by a number', 'user4668', 'user91207'],
  ['by a number behind a line', 'user_24448', 'user_17634'],
  ['by an address', 'ada+a3f9c1@shop.test', 'ada+07be42@shop.test'],
])('somebody new, named %s, signs up and in with a password of his own:', (_, recorded, incoming) => {
  const send = (path: string, user: string, password: string): Recorded => ({
    ...{ method: 'POST', url: host + path, headers: json, body: JSON.stringify({ user, password }) },
    ...{ status: 201, answer: JSON.stringify({ user }) },
  });
  const flow = (user: string, password: string): Recorded[] => [
    send('/users', user, password),
    send('/sessions', user, password),
    { url: `${host}/users/${encodeURIComponent(user)}`, answer: JSON.stringify({ user }) },
  ];
  const learned: ReplayRule = { where: 'json $.user', is: 'volatile', method: '*', host: '*', path: '*' };

  test.each([
    ['one word', 'x7Kq93zPw2LmBv4T', 'Qw8Rt5Yu1Io9PaSd'],
    ['two words', 'Pw-4a5730b8f49c7979', 'Pw-0843be1d0e58a8e1'],
    ['marks', 'S3cret!pass#1207', 'S3cret!pass#9934'],
    ['marks alone between', 'aB3!xZ9$kL5&mN', 'qR7!wE2$tY8&uI'],
  ])('%s', async (_words, password, other) => {
    for (const rules of [[], [learned]]) {
      const { replay } = redacted(flow(recorded, password), { rules });
      for (const request of flow(incoming, other)) expect((await replay.ask(request)).text).toBe(request.answer);
      expect((await replay.ask(send('/sessions', incoming, 'An0ther-Passw0rd99'))).status).toBe(502);
    }
  });
});
