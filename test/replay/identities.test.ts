import { describe, expect, test } from 'vitest';
import type { RawHeaders } from '../../src/http/index.js';
import { redacted } from '../helpers/redacted-replay.js';
import { form, json, Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

/*
 * Who somebody is was there before the test, unless the recording shows that the client made him known. So the answers
 * that were given to one user are given to no other one: not by his name, nor by his token or key.
 */

const host = 'http://shop.test';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tokenOf = (user: string): string => `tok_${Buffer.from(`${user}-session-of-shop`).toString('base64url')}9x`;
const answered = (value: object): Pick<Recorded, 'answer' | 'responseHeaders'> => ({
  answer: JSON.stringify(value),
  responseHeaders: json,
});
const post = (target: string, value: object, answer: object, status = 200): Recorded => ({
  ...{ method: 'POST', url: host + target, headers: json, body: JSON.stringify(value), status },
  ...answered(answer),
});

type Flow = (user: string, password: string) => Recorded;

const logins: Record<string, Flow> = {
  'a login in JSON': (user, password) => post('/login', { user, password }, { token: tokenOf(user), user }),
  'a login whose answer does not name him': (user, password) =>
    post('/login', { user, password }, { token: tokenOf(user) }),
  'a session that is created for an address': (user, password) =>
    post('/api/sessions', { email: `${user}@shop.test`, password }, { token: tokenOf(user), email: user }, 201),
  'the password grant of OAuth': (username, password) => ({
    ...{ method: 'POST', url: `${host}/oauth/token`, headers: form },
    body: `grant_type=password&username=${username}&password=${password}`,
    ...answered({ access_token: tokenOf(username) }),
  }),
  'a login in GraphQL': (user, password) =>
    post(
      '/graphql',
      {
        query: 'mutation L($user: String!, $p: String!) { login(user: $user, password: $p) { token user { name } } }',
        variables: { user, p: password, password },
      },
      { data: { login: { token: tokenOf(user), user: { name: user } } } },
    ),
  'a session without a password': (user) => post('/session', { user }, { token: tokenOf(user), user }),
  'a login by PUT': (login, secret) => ({
    ...post('/session', { login, secret }, { token: tokenOf(login), login }),
    method: 'PUT',
  }),
  'a login whose path names him': (user, password) =>
    post(`/users/${user}/login`, { password }, { token: tokenOf(user), user }),
  'an operation of any name that asks for a password': (user, password) =>
    post('/v1/identity', { user, password }, { token: tokenOf(user), user }),
  'an account of Basic': (user, password) => ({
    ...{ url: `${host}/me`, headers: ['Authorization', `Basic ${base64(`${user}:${password}`)}`] },
    ...answered({ user, balance: 5 }),
  }),
  'a write with an account of Basic': (user, password) => ({
    ...post('/orders', { sku: 'tea' }, { ordered: user }),
    headers: [...json, 'Authorization', `Basic ${base64(`${user}:${password}`)}`],
  }),
};

const whatFollows: Record<string, (user: string) => Recorded[]> = {
  nothing: () => [],
  'what is asked with the token': (user) => [
    { url: `${host}/mine`, headers: ['Authorization', `Bearer ${tokenOf(user)}`], ...answered({ name: user }) },
  ],
  'his page': (user) => [{ url: `${host}/users/${user}`, ...answered({ name: user, balance: 42 }) }],
  'a search for him': (user) => [{ url: `${host}/orders?user=${user}`, ...answered({ orders: [`${user}-1`] }) }],
};

const twoUsers: readonly (readonly [string, string])[] = [
  ...([
    ['ada', 'bob'],
    ['alice', 'carol'],
    ['alice1', 'bobby2'],
    ['user-4821', 'user-9917'],
  ] as const),
  ...([
    ['admin', 'guest'],
    ['qa_user_01', 'qa_user_02'],
    ['test.a8f3', 'test.c91d'],
    ['7f3a9c', 'b81e22'],
  ] as const),
];

const asIncoming = ({ method, url, headers, body }: Recorded): Incoming => ({
  url,
  ...(method === undefined ? {} : { method }),
  ...(headers === undefined ? {} : { headers }),
  ...(body === undefined ? {} : { body }),
});

describe.each(Object.entries(logins))('%s', (_, login) => {
  test.each(Object.entries(whatFollows))('is no answer for another user, followed by %s', async (_, follows) => {
    for (const [user, other] of twoUsers) {
      const exchanges = [login(user, 'hunter2x'), ...follows(user)];
      for (const password of ['hunter2x', 'letmein9']) {
        for (const replay of [redacted(exchanges).replay, new Replay(exchanges)]) {
          const { notes } = await replay.ask(asIncoming(login(other, password)));
          expect(notes.miss, `${user} → ${other}`).toBeDefined();
        }
      }
    }
  });

  test('is an answer for the user himself', async () => {
    for (const [user] of twoUsers) {
      const { replay } = redacted([login(user, 'hunter2x')]);
      expect((await replay.ask(asIncoming(login(user, 'hunter2x')))).notes.miss).toBeUndefined();
    }
  });
});

const hex = (start: string): string => start.repeat(8).slice(0, 32);
const jwt = (claims: object, signature: string): string =>
  [
    ...[{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')),
    signature,
  ].join('.');
const [one, two] = ['5c8f6f0e-9a51-4a0e-a6a4-7d2f1d1e7b11', '9e1b7c34-0d2f-4d8a-8b93-1c0a5f6e2d77'];

describe.each<[string, RawHeaders, RawHeaders]>([
  ['a name in Basic', ['Authorization', `Basic ${base64('ada:x')}`], ['Authorization', `Basic ${base64('bob:x')}`]],
  [
    'a password in Basic',
    ['Authorization', `Basic ${base64('administrator:a8f3c91db2e7')}`],
    ['Authorization', `Basic ${base64('administrator:c72e8b1fa0d4')}`],
  ],
  [
    'a key in Basic',
    ['Authorization', `Basic ${base64('sk_test_a8f3c91db2e7aa91:')}`],
    ['Authorization', `Basic ${base64('sk_test_c72e8b1fa0d4bb17:')}`],
  ],
  ['a token', ['Authorization', `Bearer ${hex('a8f3')}`], ['Authorization', `Bearer ${hex('c72e')}`]],
  ['a token that is a UUID', ['Authorization', `Bearer ${one}`], ['Authorization', `Bearer ${two}`]],
  ['a token of another scheme', ['Authorization', `Token ${hex('a8f3')}`], ['Authorization', `Token ${hex('c72e')}`]],
  ['a key', ['X-Api-Key', hex('a8f3')], ['X-Api-Key', hex('c72e')]],
  ['a key that is a UUID', ['Api-Key', one], ['Api-Key', two]],
  ['a subscription', ['Ocp-Apim-Subscription-Key', hex('a8f3')], ['Ocp-Apim-Subscription-Key', hex('c72e')]],
  ['the id of a user', ['X-User-Id', one], ['X-User-Id', two]],
  ['the id of a tenant', ['X-Tenant', one], ['X-Tenant', two]],
  [
    'the subject of a token',
    ['Authorization', `Bearer ${jwt({ sub: one }, 'c2lnbmF0dXJlLW9uZQ')}`],
    ['Authorization', `Bearer ${jwt({ sub: two }, 'c2lnbmF0dXJlLXR3bw')}`],
  ],
  [
    'the address in a token',
    ['Authorization', `Bearer ${jwt({ sub: 1, email: 'ada-a8f3c91db2@x.test' }, 'c2lnbmF0dXJlLW9uZQ')}`],
    ['Authorization', `Bearer ${jwt({ sub: 1, email: 'ada-c72e8b1fa0@x.test' }, 'c2lnbmF0dXJlLXR3bw')}`],
  ],
])('%s', (_, recorded, incoming) => {
  test.each(['GET', 'POST'])('that no answer told is no other one (%s)', async (method) => {
    const ask = (headers: RawHeaders): Incoming => ({
      method,
      url: `${host}/me`,
      headers: [...json, ...headers],
      body: '{}',
    });
    const exchanges = [{ ...ask(recorded), ...answered({ user: 'ada' }) }];
    for (const replay of [redacted(exchanges).replay, new Replay(exchanges)]) {
      expect((await replay.ask(ask(incoming))).notes.miss).toBeDefined();
      expect((await replay.ask(ask(recorded))).json()).toEqual({ user: 'ada' });
    }
  });

  test('of a recorded user is not that of another recorded one', async () => {
    const ask = (target: string, headers: RawHeaders): Incoming => ({ url: host + target, headers });
    const { replay } = redacted([
      { ...ask('/admin', recorded), ...answered({ user: 'ada' }) },
      { ...ask('/me', incoming), ...answered({ user: 'bob' }) },
    ]);
    expect((await replay.ask(ask('/admin', incoming))).notes.miss).toBeDefined();
    expect((await replay.ask(ask('/me', incoming))).json()).toEqual({ user: 'bob' });
  });
});

test('a rule lets the token and the account of each machine be another one', async () => {
  const info = { rules: [{ where: 'header authorization *', is: 'volatile' }] };
  const ask = (authorization: string): Incoming => ({ url: `${host}/me`, headers: ['Authorization', authorization] });
  for (const [recorded, incoming] of [
    [`Bearer ${one}`, `Bearer ${two}`],
    [`Basic ${base64('ada:hunter2x')}`, `Basic ${base64('bob:letmein9')}`],
  ] as const) {
    const replay = new Replay([{ ...ask(recorded), answer: 'hi' }], { info });
    expect((await replay.ask(ask(incoming))).text).toBe('hi');
  }
});

describe('somebody whom the client makes known', () => {
  const signups: Record<string, Flow> = {
    'by an operation that says so': (user, password) => post('/auth/register', { user, password }, { user }),
    'among the users': (user, password) => post('/api/users', { user, password }, { id: 7, user }, 201),
    'in GraphQL': (user, password) =>
      post(
        '/graphql',
        { query: 'mutation ($user: String!) { signUp(user: $user) { name } }', variables: { user, password } },
        { data: { signUp: { name: user } } },
      ),
    'by an operation of any name, before he logs in': (user, password) =>
      post('/v1/identity', { user, password }, { user }),
  };

  test.each(Object.entries(signups))('may be another one in each run: %s', async (_, signup) => {
    for (const [user, other] of [
      ['user-4821', 'user-9917'],
      ['a8f3c91db2', 'c72e8b1fa0'],
      ['qa7f3a9c', 'qab81e22'],
    ] as const) {
      const flow = (name: string, password: string): Recorded[] => [
        signup(name, password),
        post('/login', { user: name, password }, { token: tokenOf(name), user: name }),
        {
          ...{ url: `${host}/basic/${name}`, headers: ['Authorization', `Basic ${base64(`${name}:${password}`)}`] },
          ...answered({ name }),
        },
      ];
      const { replay } = redacted(flow(user, 'hunter2x'));
      const [made, login, basic] = flow(other, 'hunter2x').map(asIncoming) as [Incoming, Incoming, Incoming];
      expect((await replay.ask(made)).notes.miss, `${user} → ${other}`).toBeUndefined();
      expect((await replay.ask(login)).json()).toMatchObject({ user: other });
      expect((await replay.ask(basic)).json()).toEqual({ name: other });
    }
  });
});

test('what protects a session is the client’s own, as are its device and its requests', async () => {
  const ask = (value: string): Incoming => ({
    ...{ method: 'POST', url: `${host}/orders`, body: '{"sku":"tea"}' },
    headers: [...json, 'X-CSRF-Token', value, 'Cookie', `csrf=${value}`, 'X-Device-Id', value, 'X-Request-Id', value],
  });
  const { replay } = redacted([{ ...ask(one), ...answered({ ok: true }) }]);
  expect((await replay.ask(ask(two))).json()).toEqual({ ok: true });
});
