import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { form, json, Replay, type Incoming } from '../helpers/replaying.js';
import { oneOf, seeded } from '../helpers/seeded.js';

const host = 'http://login.test';
const random = (seed: string): string => createHash('sha256').update(seed).digest('base64url');
const authorize = (seed: string, client = 'spa'): string =>
  `${host}/oauth2/auth?${new URLSearchParams({
    ...{ client_id: client, response_type: 'code', state: random(`s${seed}`), nonce: random(`n${seed}`) },
    ...{ code_challenge: random(`c${seed}`), code_challenge_method: 'S256', redirect_uri: 'http://app.test/cb' },
  }).toString()}`;

const places: [place: string, at: (value: string) => Incoming][] = [
  ['a parameter', (value) => ({ url: `${host}/login?goto=${encodeURIComponent(value)}` })],
  [
    'a parameter in a parameter',
    (value) => ({ url: `${host}/a?next=${encodeURIComponent(`/login?goto=${encodeURIComponent(value)}`)}` }),
  ],
  [
    'a form',
    (value) => ({
      method: 'POST',
      url: `${host}/login`,
      headers: form,
      body: `user=ada&return_to=${encodeURIComponent(value)}`,
    }),
  ],
  ['JSON', (value) => ({ method: 'POST', url: `${host}/login`, headers: json, body: JSON.stringify({ goto: value }) })],
  ['a path with a query', (value) => ({ url: `${host}/login?goto=${encodeURIComponent(value.slice(host.length))}` })],
];

describe.each(places)('a URL in %s', (_, at) => {
  test('has the fields of its query: what is made anew in it may differ, in any order', async () => {
    const replay = new Replay([{ ...at(authorize('1')), answer: 'login' }]);
    expect((await replay.ask(at(authorize('2')))).text).toBe('login');
  });

  test('is another one where another thing is asked for', async () => {
    const replay = new Replay([{ ...at(authorize('1')), answer: 'login' }]);
    expect((await replay.ask(at(authorize('2', 'other')))).status).toBe(502);
    expect((await replay.ask(at(authorize('2').replace('/oauth2/auth', '/oauth2/other')))).status).toBe(502);
  });
});

test('a state that is base64 of characters by chance is a token, in every run', async () => {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_~.';
  const chance = seeded(43);
  const state = (): string => btoa(Array.from({ length: 43 }, () => oneOf(chance, [...alphabet])).join(''));
  for (let run = 0; run < 100; run++) {
    const ask = (): string => `${host}/authorize?client_id=spa&state=${encodeURIComponent(state())}`;
    expect((await new Replay([{ url: ask(), answer: 'ok' }]).ask(ask())).text).toBe('ok');
  }
});

test.each([
  ['GI9QhB8.MyAdpTLmcCNKt-g3ZoK2qHQdpKSXXZwKhYa', 'MTonkVJk1BjpnKCBROFYcZCryk.DYlBGIXfL4QCrHLY'],
  ['e6u40Y6HzeTQUOFbKNb0u5wvBEYhoS.2v96PLpdS7vU', 'ID3y6IrV0K8wpisj0ur5Klyfjx8kykSsqWffZjv3-MC'],
])('so is one whose own letters look like no token: base64 of %s and of %s', async (one, other) => {
  const ask = (text: string): string => `${host}/authorize?client_id=spa&state=${encodeURIComponent(btoa(text))}`;
  expect((await new Replay([{ url: ask(one), answer: 'ok' }]).ask(ask(other))).text).toBe('ok');
  expect((await new Replay([{ url: ask(other), answer: 'ok' }]).ask(ask(one))).text).toBe('ok');
});

test.each([
  ['who it is about', 'user=ada;role=admin;page=overview', 'user=bob;role=admin;page=overview'],
  ['a page', 'the-second-page-of-orders', 'the-third-page-of-orders'],
  ['a cursor', '{"after":1000001,"limit":20}', '{"after":2000001,"limit":20}'],
])('base64 of a text says what the text says: %s', async (_, one, other) => {
  const ask = (text: string): string => `${host}/list?at=${encodeURIComponent(btoa(text))}`;
  expect((await new Replay([{ url: ask(one), answer: 'one' }]).ask(ask(other))).status).toBe(502);
});
