import { describe, expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../helpers/replaying.js';

const shop = 'http://shop.test';
const get = (path: string, answer = '', more: Partial<Recorded> = {}): Recorded => ({
  url: `${shop}${path}`,
  answer,
  ...more,
});
const post = (path: string, answer = 'ok', more: Partial<Recorded> = {}): Recorded => ({
  method: 'POST',
  url: `${shop}${path}`,
  headers: json,
  body: '{}',
  answer,
  ...more,
});

describe('an answer belongs to the state that it was given in', () => {
  const likes = [get('/video/7', '41'), post('/video/7/like'), get('/video/7', '42'), get('/video/7', '42')];

  test('one more read before the write still sees what was before it', async () => {
    const replay = new Replay(likes);
    expect(await replay.texts(get('/video/7'), get('/video/7'), post('/video/7/like'), get('/video/7'))).toEqual([
      ...['41', '41', 'ok', '42'],
    ]);
  });

  test('one read fewer leaves no stale answer for after it', async () => {
    const replay = new Replay([get('/cart', '0'), get('/cart', '0'), post('/cart/items'), get('/cart', '1')]);
    expect(await replay.texts(get('/cart'), post('/cart/items'), get('/cart'))).toEqual(['0', 'ok', '1']);
  });

  test('also where the write went to another path', async () => {
    const replay = new Replay([
      get('/stock', '2'),
      post('/buy', '1 left'),
      get('/stock', '1'),
      post('/buy', '0 left'),
      get('/stock', '0'),
    ]);
    expect(await replay.texts(post('/buy'), post('/buy'), get('/stock'), get('/stock'))).toEqual([
      '1 left',
      '0 left',
      '0',
      '0',
    ]);
  });

  test('a write to the same resource explains a change, those to its neighbours do not', async () => {
    const put = (path: string): Recorded => post(path, 'ok', { method: 'PUT' });
    const replay = new Replay([
      ...[get('/k/1', 'a0'), get('/k/2', 'b0'), put('/k/1'), put('/k/2'), get('/k/1', 'a1'), get('/k/2', 'b1')],
    ]);
    expect(await replay.texts(get('/k/1'), put('/k/1'), get('/k/1'), get('/k/1'), get('/k/2'))).toEqual([
      ...['a0', 'ok', 'a1', 'a1', 'b0'],
    ]);
  });

  test('a client without a cache gets the whole of what it now is, though the recorded one asked for changes only', async () => {
    const ask = (tag: string): Partial<Recorded> => ({ headers: ['If-None-Match', tag] });
    const gives = (tag: string): Partial<Recorded> => ({ responseHeaders: ['ETag', tag] });
    const replay = new Replay([
      get('/doc', 'a', gives('"1"')),
      get('/doc', '', { ...ask('"1"'), ...gives('"1"'), status: 304 }),
      post('/doc'),
      get('/doc', 'b', { ...ask('"1"'), ...gives('"2"') }),
    ]);
    expect(await replay.texts(get('/doc'), post('/doc'), get('/doc'), get('/doc'))).toEqual(['a', 'ok', 'b', 'b']);
  });

  test('a client with a cache gets what has changed, though the recorded one asked for the whole', async () => {
    const asks: Partial<Recorded> = { headers: ['If-None-Match', '"1"'] };
    const gives = (tag: string): Partial<Recorded> => ({ responseHeaders: ['ETag', tag] });
    const replay = new Replay([
      get('/doc', 'a', gives('"1"')),
      get('/doc', '', { ...asks, ...gives('"1"'), status: 304 }),
      post('/doc'),
      get('/doc', 'b', gives('"2"')),
    ]);
    const incoming = get('/doc', '', asks);
    expect(await replay.texts(get('/doc'), post('/doc'), incoming)).toEqual(['a', 'ok', 'b']);
  });

  test('what only reports changes nothing', async () => {
    const replay = new Replay([
      get('/job', 'pending'),
      post('/beacon', ''),
      get('/job', 'running'),
      get('/job', 'done'),
    ]);
    expect(await replay.texts(post('/beacon'), get('/job'), get('/job'), get('/job'))).toEqual([
      '',
      'pending',
      'running',
      'done',
    ]);
  });

  test('a write that changed nothing between two equal answers is none that counts', async () => {
    const replay = new Replay([
      ...[
        get('/feed', 'one'),
        post('/seen'),
        get('/feed', 'one'),
        post('/post'),
        get('/feed', 'two'),
        post('/seen'),
        get('/feed', 'two'),
      ],
    ]);
    expect(await replay.texts(get('/feed'), post('/post'), get('/feed'))).toEqual(['one', 'ok', 'two']);
  });

  test('follows the user: another user’s write comes when it comes', async () => {
    const as = (user: string, recorded: Recorded): Recorded => ({
      ...recorded,
      headers: [...(recorded.headers ?? []), 'Authorization', `Bearer ${user}-token`],
    });
    const replay = new Replay([
      as('ada', get('/todos', '[]')),
      as('bob', post('/todos', 'bob’s')),
      as('ada', post('/todos', 'ada’s')),
      as('ada', get('/todos', '[tea]')),
    ]);
    expect(await replay.texts(as('bob', post('/todos')), as('ada', get('/todos')))).toEqual(['bob’s', '[]']);
    expect(await replay.texts(as('ada', post('/todos')), as('ada', get('/todos')))).toEqual(['ada’s', '[tea]']);
  });

  test('polling more or fewer times than recorded reaches the end', async () => {
    const job = ['pending', 'running', 'done'].map((state) => get('/jobs/1', state));
    const replay = new Replay([post('/jobs'), ...job]);
    expect(await replay.texts(post('/jobs'), ...Array.from({ length: 5 }, () => get('/jobs/1')))).toEqual([
      ...['ok', 'pending', 'running', 'done', 'done', 'done'],
    ]);
  });
});

describe('a long poll', () => {
  const recorded = [
    get('/poll', 'nothing', { atMs: 0, waitMs: 1000 }),
    get('/poll', 'hi', { atMs: 1100, waitMs: 420 }),
    post('/publish', 'ok', { atMs: 1500, waitMs: 15 }),
    get('/poll', 'nothing', { atMs: 1600, waitMs: 1000 }),
  ];

  test('answers after its publish', async () => {
    const replay = new Replay(recorded);
    const order: string[] = [];
    const note = (text: string): number => order.push(text);
    note((await replay.ask(get('/poll'))).text);
    const waiting = replay.ask(get('/poll')).then(({ text }) => note(text));
    await new Promise((resolve) => setTimeout(resolve, 30));
    note((await replay.ask(post('/publish'))).text);
    await waiting;
    note((await replay.ask(get('/poll'))).text);
    expect(order).toEqual(['nothing', 'ok', 'hi', 'nothing']);
  });

  test.each([
    ['the id that the server made', '{"id": "m-58a1c7"}', '{"text": "hi"}', '{"messages": ["m-58a1c7"]}', 5],
    ['the text that was written', 'ok', '{"text": "good morning"}', '{"messages": [{"text": "good morning"}]}', 1],
    ['the same, in the same moment', 'ok', '{"text": "good morning"}', 'event: good morning', 0],
  ])(
    'waits for the write that brought what it tells, however soon that came: %s',
    async (_, id, body, told, leadMs) => {
      const replay = new Replay([
        get('/poll', told, { atMs: 1000, waitMs: leadMs + 4 }),
        post('/publish', id, { body, atMs: 1000 + leadMs, waitMs: 3 }),
      ]);
      const order: string[] = [];
      const waiting = replay.ask(get('/poll')).then(({ text }) => order.push(text));
      await new Promise((resolve) => setTimeout(resolve, 100));
      order.push((await replay.ask(post('/publish', '', { body }))).text);
      await waiting;
      expect(order).toEqual([id, told]);
    },
  );

  test('waits for no write that it tells nothing of', async () => {
    const replay = new Replay([
      get('/me', '{"name": "ada"}', { atMs: 1000, waitMs: 20 }),
      post('/visits', '{"id": "v-58a1c7"}', { body: '{"page": "home"}', atMs: 1005, waitMs: 3 }),
      get('/also/me', '{"name": "ada", "page": "start"}', { atMs: 1100, waitMs: 40 }),
      post('/visits', '{"id": "v-99a1c7"}', { body: '{"name": "ada"}', atMs: 1105, waitMs: 3 }),
    ]);
    const startedAt = performance.now();
    expect(await replay.texts(get('/me'), get('/also/me'))).toEqual([
      '{"name": "ada"}',
      '{"name": "ada", "page": "start"}',
    ]);
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });

  test('that comes after its publish is answered at once', async () => {
    const replay = new Replay(recorded);
    expect(await replay.texts(get('/poll'), post('/publish'), get('/poll'), get('/poll'))).toEqual([
      'nothing',
      'ok',
      'hi',
      'nothing',
    ]);
  });
});

describe('a write past the last recorded one', () => {
  test('is a miss, not booked as if it were new', async () => {
    const replay = new Replay([post('/buy', '{"left":0}')]);
    await replay.ask(post('/buy'));
    expect((await replay.ask(post('/buy'))).status).toBe(502);
    expect(replay.replayer.misses()[0]?.reason).toBe('recorded once, and asked once more');
  });

  test('repeats when it was refused, when it only reports, and when it is a PUT', async () => {
    const replay = new Replay([
      post('/buy', 'sold out', { status: 409 }),
      post('/collect', ''),
      { ...post('/profile', 'saved'), method: 'PUT' },
    ]);
    for (const request of [post('/buy'), post('/collect'), { ...post('/profile'), method: 'PUT' }]) {
      const first = await replay.ask(request);
      expect((await replay.ask(request)).text).toBe(first.text);
    }
    expect(replay.replayer.misses()).toEqual([]);
  });

  test('repeats when its POST only asks', async () => {
    const query = { body: '{"query":"{films{id}}"}' };
    const replay = new Replay([
      post('/graphql', 'films', query),
      post('/search', 'hits'),
      post('/shop.Shop/GetItem', 'item'),
    ]);
    const requests = [post('/graphql', '', query), post('/search'), post('/shop.Shop/GetItem')];
    expect(await replay.texts(...requests, ...requests)).toEqual(['films', 'hits', 'item', 'films', 'hits', 'item']);
  });
});
