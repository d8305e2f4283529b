import { expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../../helpers/replaying.js';

const shop = 'http://shop.test';
const session = (n: number): string => `4de51f4e-f8e7-4f61-a12a-f32821d45d2${n}`;

/** What is read with one session, and answered with the next. */
const read = (path: string, sent: number, given: number, answer = path): Recorded => ({
  url: shop + path,
  headers: ['Cookie', `sid=${session(sent)}`],
  answer,
  responseHeaders: ['Set-Cookie', `sid=${session(given)}; Path=/; HttpOnly`],
});
const write = (sent: number, given: number): Recorded => ({
  ...read('/cart', sent, given, 'added'),
  ...{ method: 'POST', body: '{"sku":1}' },
  headers: [...json, 'Cookie', `sid=${session(sent)}`],
});
const login: Recorded = {
  ...{ method: 'POST', url: `${shop}/login`, body: 'user=ada', answer: 'in' },
  responseHeaders: ['Set-Cookie', `sid=${session(1)}; Path=/`],
};
const sentWith = (recorded: Recorded, n: number): Recorded => ({
  ...recorded,
  headers: (recorded.headers ?? []).map((value) => (value.startsWith('sid=') ? `sid=${session(n)}` : value)),
});

const recorded = [
  login,
  read('/cart', 1, 2, 'empty'),
  read('/cart', 2, 3, 'empty'),
  write(3, 4),
  read('/cart', 4, 5, '1'),
];

test('a session that is renewed with each answer stays one session, however many pages were read', async () => {
  const more = new Replay(recorded);
  const pages = [1, 2, 3].map((n) => read('/cart', n, 0));
  expect(await more.texts(login, ...pages, write(3, 4), read('/cart', 4, 0), read('/cart', 5, 0))).toEqual([
    ...['in', 'empty', 'empty', 'empty', 'added', '1', '1'],
  ]);
  const fewer = new Replay(recorded);
  expect(await fewer.texts(login, read('/cart', 1, 0), sentWith(write(3, 4), 2), read('/cart', 4, 0))).toEqual([
    ...['in', 'empty', 'added', '1'],
  ]);
  expect([...more.replayer.misses(), ...fewer.replayer.misses()]).toEqual([]);
});

test('a session before a login, or of somebody else, is another one', async () => {
  const replay = new Replay([
    read('/', 7, 7),
    { ...login, headers: ['Cookie', `sid=${session(7)}`] },
    { ...read('/callback', 7, 1), status: 302 },
    ...recorded.slice(1),
  ]);
  expect((await replay.ask(read('/cart', 7, 0))).status).toBe(502);
  expect((await replay.ask(read('/cart', 8, 0))).status).toBe(502);
});

test('so does a token in a header', async () => {
  const page = (sent: string, given: string, answer: string): Recorded => ({
    ...{ url: `${shop}/me`, headers: ['X-Auth-Token', sent], answer, responseHeaders: ['X-Auth-Token', given] },
  });
  const replay = new Replay([page(session(1), session(2), 'ada'), page(session(2), session(3), 'ada')]);
  const pages = [1, 2, 3, 3].map((n) => page(session(n), '', ''));
  expect(await replay.texts(...pages)).toEqual(['ada', 'ada', 'ada', 'ada']);
  expect((await replay.ask(page(session(9), '', ''))).status).toBe(502);
});
