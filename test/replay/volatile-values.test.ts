import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { header } from '../../src/http/index.js';
import { form, json, Replay, recordedAt, type Recorded } from '../helpers/replaying.js';

const shop = 'http://shop.test';
const ids = [
  '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  '9b2d7c1e-80a4-4f36-a1d5-6e0c4b8f7a92',
  'c81e728d-9d4c-4f63-8f06-7f89cc14862c',
  'e4da3b7f-bbce-4345-9777-2b0674a318d5',
  '1679091c-5a88-4faf-8fb5-e6087eb1b2dc',
  '8f14e45f-ceea-467a-9a36-dedd4bea2543',
] as const;
const [a, b, a2, b2, server, other] = ids;

const post = (path: string, body: object, answer: Recorded['answer'] = { ok: true }): Recorded => ({
  method: 'POST',
  url: `${shop}${path}`,
  headers: json,
  body: JSON.stringify(body),
  answer,
});
const incoming = ({ method, url, headers, body }: Recorded): Recorded => ({ method, url, headers, body });

describe('an id that the client makes', () => {
  const order = (id: string, lines: string[]): Recorded => ({
    ...post('/orders', { id, lines }, { id, state: 'new' }),
    status: 201,
    responseHeaders: ['Content-Type', 'application/json', 'Location', `/orders/${id}`],
  });
  const recorded: Recorded[] = [
    order(a, ['x']),
    order(b, ['y']),
    { url: `${shop}/orders/${b}`, answer: { id: b, links: { pay: `/orders/${b}/pay` } } },
    { url: `${shop}/orders/${a}`, answer: { id: a } },
    { url: `${shop}/orders`, answer: { ids: [a, b], upper: a.toUpperCase(), bare: b.replaceAll('-', '') } },
  ];

  test('comes back in later answers, headers and bodies, in any spelling', async () => {
    const replay = new Replay(recorded);
    const created = await replay.ask(incoming(order(a2, ['x'])));
    expect([created.json(), header(created.headers, 'location')]).toEqual([{ id: a2, state: 'new' }, `/orders/${a2}`]);
    await replay.ask(incoming(order(b2, ['y'])));
    expect((await replay.ask(`${shop}/orders/${a2}`)).json()).toEqual({ id: a2 });
    expect((await replay.ask(`${shop}/orders/${b2}`)).json()).toMatchObject({ links: { pay: `/orders/${b2}/pay` } });
    expect((await replay.ask(`${shop}/orders`)).json()).toEqual({
      ids: [a2, b2],
      upper: a2.toUpperCase(),
      bare: b2.replaceAll('-', ''),
    });
  });

  test('stands for one thing: another one is a miss, never somebody else’s answer', async () => {
    const replay = new Replay(recorded);
    await replay.ask(incoming(order(a2, ['x'])));
    expect((await replay.ask(`${shop}/orders/${other}`)).status).toBe(502);
    expect((await replay.ask(incoming(order(other, ['z'])))).status).toBe(502);
  });

  test('tells parallel requests apart, whatever their order', async () => {
    const replay = new Replay(recorded);
    const answers = await Promise.all(
      [order(b2, ['y']), order(a2, ['x'])].map((request) => replay.ask(incoming(request))),
    );
    expect(answers.map((answer) => answer.json())).toEqual([
      { id: b2, state: 'new' },
      { id: a2, state: 'new' },
    ]);
    expect((await replay.ask(`${shop}/orders/${b2}`)).json()).toMatchObject({ id: b2 });
  });

  test('comes back as it was when nothing else has changed', async () => {
    const replay = new Replay(recorded);
    await replay.ask(incoming(order(a, ['x'])));
    expect((await replay.ask(`${shop}/orders/${a}`)).json()).toEqual({ id: a });
  });
});

describe('an id that the server made', () => {
  const recorded: Recorded[] = [
    post('/items', { name: 'tea' }, { id: server }),
    { url: `${shop}/items/${server}`, answer: { name: 'tea' } },
  ];

  test('is compared as it was given', async () => {
    const replay = new Replay(recorded);
    await replay.ask(incoming(post('/items', { name: 'tea' })));
    expect((await replay.ask(`${shop}/items/${server}`)).json()).toEqual({ name: 'tea' });
    expect((await replay.ask(`${shop}/items/${other}`)).status).toBe(502);
  });
});

describe('an id that was there before', () => {
  test('in a path that is read is another thing when it is another', async () => {
    const replay = new Replay([{ url: `${shop}/users/${a}`, answer: { id: a, name: 'Ada' } }]);
    expect((await replay.ask(`${shop}/users/${other}`)).status).toBe(502);
    expect((await replay.ask(`${shop}/users/${a}`)).status).toBe(200);
  });

  test('that names whom a write is for is another one’s when it is another', async () => {
    const replay = new Replay([post('/transfers', { to_account: a, amount: 10 })]);
    expect((await replay.ask(incoming(post('/transfers', { to_account: other, amount: 10 })))).status).toBe(502);
  });
});

describe('values that are made to be used once', () => {
  test('may be anything, and equal ones go with equal ones', async () => {
    const pay = (key: string, amount: number, answer: object): Recorded => ({
      ...post('/payments', { amount, request_id: key }, answer),
      headers: [...json, 'Idempotency-Key', key],
    });
    const replay = new Replay([
      pay(a, 10, { payment: 1 }),
      pay(a, 10, { payment: 1, replayed: true }),
      pay(b, 10, { payment: 2 }),
    ]);
    const answers = [];
    for (const key of [a2, a2, b2, a2]) answers.push((await replay.ask(incoming(pay(key, 10, {})))).json());
    expect(answers).toEqual([
      { payment: 1 },
      { payment: 1, replayed: true },
      { payment: 2 },
      { payment: 1, replayed: true },
    ]);
    expect((await replay.ask(incoming(pay(other, 20, {})))).status).toBe(502);
  });

  test('a header that must be there is missed when it is not', async () => {
    const replay = new Replay([{ ...post('/payments', { amount: 1 }), headers: [...json, 'Idempotency-Key', a] }]);
    expect((await replay.ask(incoming(post('/payments', { amount: 1 })))).status).toBe(502);
  });

  test('cache busters need not even be there', async () => {
    const replay = new Replay([
      { url: `${shop}/c.json?_=1795255200000&lang=en`, answer: 'en' },
      { url: `${shop}/l.js?1795255200000` },
    ]);
    expect(await replay.texts(`${shop}/c.json?lang=en&_=17&rnd=0.5`, `${shop}/c.json?lang=en`)).toEqual(['en', 'en']);
    expect((await replay.ask(`${shop}/l.js?1795255201234`)).status).toBe(200);
    expect((await replay.ask(`${shop}/c.json?lang=de&_=1795255200000`)).status).toBe(502);
  });

  test('state and PKCE of a login come back, the code that the server gave is exact', async () => {
    const authorize = (state: string, challenge: string): string =>
      `${shop}/authorize?client_id=app&redirect_uri=app%3A%2F%2Fcb&state=${state}&code_challenge=${challenge}`;
    const exchange = (code: string, verifier: string): Recorded => ({
      method: 'POST',
      url: `${shop}/token`,
      headers: form,
      body: `grant_type=authorization_code&code=${code}&code_verifier=${verifier}`,
      answer: { access_token: server },
    });
    const replay = new Replay([
      {
        url: authorize('first-state', 'Q1w2E3'),
        status: 302,
        responseHeaders: ['Location', `app://cb?code=${a}&state=first-state`],
      },
      exchange(a, 'verifier-one'),
    ]);
    const { headers } = await replay.ask(authorize('other-state', 'Z9y8X7'));
    expect(header(headers, 'location')).toBe(`app://cb?code=${a}&state=other-state`);
    expect((await replay.ask(incoming(exchange(a, 'verifier-two')))).json()).toEqual({ access_token: server });
    expect((await replay.ask(incoming(exchange(b, 'verifier-two')))).status).toBe(502);
  });

  test('a verifier that is not that of the challenge in this run is a miss', async () => {
    const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
    const [past, present, wrong] = [challengeOf('past'), challengeOf('present'), challengeOf('wrong')];
    const authorize = (verifier: string): string => `${shop}/authorize?code_challenge=${challengeOf(verifier)}`;
    const token = (verifier: string): Recorded => ({
      ...{
        method: 'POST',
        url: `${shop}/token`,
        headers: form,
        body: `code=1&code_verifier=${verifier}`,
        answer: 'token',
      },
    });
    const replay = new Replay([{ url: authorize(past), answer: 'page' }, token(past)]);
    expect(await replay.texts(authorize(present))).toEqual(['page']);
    expect((await replay.ask(incoming(token(wrong)))).status).toBe(502);
    expect((await replay.ask(incoming(token(present)))).text).toBe('token');
  });

  test('SigV4 is compared by its key and not by its date and signature', async () => {
    const signed = (key: string, day: string, signature: string): string[] => [
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=${key}/${day}/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    ];
    const replay = new Replay([
      { url: `${shop}/b/k`, headers: signed('AKIAONE', '20261121', 'ab12'), answer: 'object' },
    ]);
    expect((await replay.ask({ url: `${shop}/b/k`, headers: signed('AKIAONE', '20270105', 'cd34') })).text).toBe(
      'object',
    );
    expect((await replay.ask({ url: `${shop}/b/k`, headers: signed('AKIATWO', '20261121', 'ab12') })).status).toBe(502);
  });
});

describe('a generated file name', () => {
  test('comes back, and its file by it', async () => {
    const upload = (name: string, content: string): Recorded => ({
      method: 'POST',
      url: `${shop}/photos`,
      headers: ['Content-Type', 'multipart/form-data; boundary=xx'],
      body: `--xx\r\nContent-Disposition: form-data; name="photo"; filename="${name}"\r\n\r\n${content}\r\n--xx--\r\n`,
      answer: { name, url: `/photos/${name}` },
    });
    const replay = new Replay([
      upload('IMG_3fa85f64.jpg', 'one'),
      upload('PXL_1795255200123_0042.jpg', 'two'),
      { url: `${shop}/photos`, answer: { names: ['IMG_3fa85f64.jpg', 'PXL_1795255200123_0042.jpg'] } },
      { url: `${shop}/photos/IMG_3fa85f64.jpg`, answer: 'one' },
      { url: `${shop}/photos/PXL_1795255200123_0042.jpg`, answer: 'two' },
    ]);
    const names = ['IMG_9b2d7c1e.jpg', 'PXL_1795255201999_7311.jpg'];
    expect((await replay.ask(incoming(upload(names[0] ?? '', 'one')))).json()).toEqual({
      name: names[0],
      url: `/photos/${names[0]}`,
    });
    expect((await replay.ask(incoming(upload(names[1] ?? '', 'two')))).json()).toEqual({
      name: names[1],
      url: `/photos/${names[1]}`,
    });
    expect((await replay.ask(`${shop}/photos`)).json()).toEqual({ names });
    expect(await replay.texts(...names.map((name) => `${shop}/photos/${name}`))).toEqual(['one', 'two']);
    expect((await replay.ask(incoming(upload(names[0] ?? '', 'three')))).status).toBe(502);
  });
});

describe('times in a request', () => {
  const later = recordedAt + 45 * 86_400_000 + 7_200_000;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const day = (ms: number): string => iso(ms).slice(0, 10);
  const search = (from: number, to: number): string => `${shop}/events?from=${day(from)}&to=${day(to)}`;
  const days = 86_400_000;

  test('mean the same when they are as far from the run’s start', async () => {
    const replay = new Replay([{ url: search(recordedAt, recordedAt + 7 * days), answer: 'week' }], { now: later });
    expect((await replay.ask(search(later, later + 8 * days))).status).toBe(502);
    expect((await replay.ask(search(later + days, later + 7 * days))).status).toBe(502);
    expect((await replay.ask(search(later, later + 7 * days))).text).toBe('week');
  });

  test('as they were recorded are matched too', async () => {
    const replay = new Replay([{ url: search(recordedAt, recordedAt + 7 * days), answer: 'week' }], { now: later });
    expect((await replay.ask(search(recordedAt, recordedAt + 7 * days))).text).toBe('week');
  });

  test('of a clock may be a moment apart, and an hour is another time', async () => {
    const replay = new Replay([post('/ping', { sent: recordedAt + 300, until: iso(recordedAt + 3_600_300) })], {
      now: later,
    });
    const ping = (until: number): Recorded => incoming(post('/ping', { sent: later + 900, until: iso(until) }));
    expect((await replay.ask(ping(later + 2 * 3_600_000))).status).toBe(502);
    expect((await replay.ask(ping(later + 3_601_100))).status).toBe(200);
  });

  test('at midnight are compared by days', async () => {
    const midnight = (ms: number): number => Math.floor(ms / days) * 86_400;
    const replay = new Replay([post('/search', { checkin: midnight(recordedAt + 3 * days) })], { now: later });
    expect((await replay.ask(incoming(post('/search', { checkin: midnight(later + 4 * days) })))).status).toBe(502);
    expect((await replay.ask(incoming(post('/search', { checkin: midnight(later + 3 * days) })))).status).toBe(200);
  });

  test('on the first of a month are compared by months', async () => {
    const replay = new Replay([{ url: `${shop}/bills?from=2026-12-01&to=2026-12-31`, answer: 'next month' }], {
      now: later,
    });
    expect((await replay.ask(`${shop}/bills?from=2027-02-01&to=2027-02-28`)).text).toBe('next month');
  });

  test('that an answer told are known when they come back', async () => {
    const replay = new Replay(
      [
        { url: `${shop}/slots`, answer: { next: '2026-11-24T08:17:41Z' }, atMs: 0, waitMs: 0 },
        { url: `${shop}/slots?after=2026-11-24T08:17:41Z`, answer: 'more' },
      ],
      { now: later },
    );
    const { next } = (await replay.ask(`${shop}/slots`)).json() as { next: string };
    expect(next).toBe('2027-01-08T10:17:41Z');
    expect((await replay.ask(`${shop}/slots?after=${next}`)).text).toBe('more');
  });
});

describe('the app’s version', () => {
  const home = (version: string, build: number, locale = 'en'): Recorded => ({
    url: `${shop}/home?app_version=${version}&build=${build}&locale=${locale}`,
    headers: ['User-Agent', `App/${version} (build ${build})`, 'X-App-Version', version],
    answer: 'home',
  });
  const open = (version: string, build: number): Recorded =>
    post('/session', { client: { name: 'App', version, build }, version: 3 });
  const versions = { info: { appVersion: '5.1' }, appVersion: '5.2' };

  test('is another in the next version', async () => {
    const replay = new Replay([home('5.1', 51020), open('5.1', 51020)], versions);
    expect((await replay.ask(incoming(home('5.2', 52003)))).text).toBe('home');
    expect((await replay.ask(incoming(open('5.2', 52003)))).status).toBe(200);
    expect((await replay.ask(incoming(home('5.2', 52003, 'de')))).status).toBe(502);
  });

  test('is not just any number that is called version', async () => {
    const replay = new Replay([post('/doc', { version: 3 }), post('/doc', { version: '5.1' })], versions);
    expect((await replay.ask(incoming(post('/doc', { version: 4 })))).status).toBe(502);
    expect((await replay.ask(incoming(post('/doc', { version: '6.0' })))).status).toBe(502);
    expect((await replay.ask(incoming(post('/doc', { version: '5.2' })))).status).toBe(200);
  });
});

describe('values within values', () => {
  test('JSON in a parameter or string, and GraphQL, have no layout', async () => {
    const replay = new Replay([
      { url: `${shop}/s?filter=${encodeURIComponent('{"a":1,"b":[2]}')}`, answer: 'found' },
      post('/graphql', {
        query: 'query F($id: ID!) {\n  film(id: $id) { title, year } # why\n}',
        variables: { id: '1' },
      }),
    ]);
    expect((await replay.ask(`${shop}/s?filter=${encodeURIComponent('{ "b": [2], "a": 1 }')}`)).text).toBe('found');
    const query = 'query F($id:ID!){film(id:$id){title year}}';
    expect((await replay.ask(incoming(post('/graphql', { variables: { id: '1' }, query })))).status).toBe(200);
    expect((await replay.ask(incoming(post('/graphql', { variables: { id: '2' }, query })))).status).toBe(502);
    expect(
      (await replay.ask(incoming(post('/graphql', { variables: { id: '1' }, query: query.replace('year', 'id') }))))
        .status,
    ).toBe(502);
  });

  test('a JWT that the client signs is compared by its claims', async () => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const login = (sub: string, at: number, jti: string, signature: string): Recorded => ({
      method: 'POST',
      url: `${shop}/token`,
      headers: form,
      body: `assertion=${encode({ alg: 'RS256' })}.${encode({ sub, iat: Math.floor(at / 1000), jti })}.${signature}`,
      answer: { ok: true },
    });
    const replay = new Replay([login('ada', recordedAt, a, 'c2lnbmF0dXJlLW9uZQ')]);
    expect((await replay.ask(incoming(login('bob', recordedAt, b, 'c2lnbmF0dXJlLXR3bw')))).status).toBe(502);
    expect((await replay.ask(incoming(login('ada', recordedAt + 1000, b, 'c2lnbmF0dXJlLXR3bw')))).status).toBe(200);
  });
});
