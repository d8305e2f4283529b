import { describe, expect, test } from 'vitest';
import { form, json, recordedAt, Replay, type Incoming, type Recorded } from '../../helpers/replaying.js';

/*
 * Names that tests make anew on each run. The recording shows by their use that the client made them: no answer told
 * them before, a write sent them first, and its answer or later requests have them again.
 */

const host = 'http://queues.test';
const day = 86_400_000;
const now = recordedAt + day;

/** Each way to make a name: the one that was recorded, and the one of this run. */
const ways: [way: string, recorded: string, incoming: string][] = [
  ['6 digits of a UUID', 'a3f9c1', '07be42'],
  ['8 digits of a UUID', '3fa85f64', '50313142'],
  ['hex(3)', 'c0ffe1', '9d03b7'],
  ['hex(2)', '4f1a', 'b23c'],
  ['hex without a letter', '831946', 'af02d7'],
  ['a UUID', '0b0c6f0e-7a38-4e2b-9a55-0d3b1a2c4d5e', '7d9f1c52-1b5e-4c0a-8f65-3f2e9d8c7b6a'],
  ['a UUID without hyphens', '0b0c6f0e7a384e2b9a550d3b1a2c4d5e', '7d9f1c521b5e4c0a8f653f2e9d8c7b6a'],
  ['a random number behind a name', 'user_4668', 'user_5121'],
  ['a random number at a name', 'user4668', 'user91207'],
  ['a process id', 'queue-24668', 'queue-31002'],
  ['a process id of another length', 'run-998', 'run-12345'],
  ['milliseconds', `test-${recordedAt + 50}`, `test-${now + 20}`],
  ['milliseconds by themselves', `${recordedAt + 50}`, `${now + 20}`],
  ['seconds behind a name', `job_${Math.floor(recordedAt / 1000)}`, `job_${Math.floor(now / 1000)}`],
  ['milliseconds in base 36', `q${(recordedAt + 50).toString(36)}`, `q${(now + 20).toString(36)}`],
  ['nanoseconds', `n${recordedAt}000123`, `n${now}000789`],
  ['small letters by chance', 'qzkfwm', 'bplxra'],
  ['letters by chance', 'QzKfWmAb', 'BpLxRaTt'],
  ['letters and digits by chance', 'x7k2p9qa', 'm3v8r1zt'],
  ['token_urlsafe(6)', 'aB3_x-9Q', 'Zk1-p0_s'],
  ['a name and a number parted by a dot', 'team.4668', 'team.9120'],
  ['an e-mail address', 'user4668@example.test', 'user7731@example.test'],
  ['an e-mail address with a tag', 'qa+a3f9c1@example.test', 'qa+07be42@example.test'],
  ['two parts', 'ci-4668-a3f9c1', 'ci-5121-07be42'],
  ['a file', 'report_a3f9c1.pdf', 'report_07be42.pdf'],
  ['a name of a person and a number', 'Jane Doe 4668', 'Jane Doe 9931'],
  ['a ULID', '01JD7Q3Z5X8M9N2P4R6S7T8V9W', '01JDF1A2B3C4D5E6F7G8H9J0KM'],
  ['a nanoid', 'V1StGXR8_Z5jdHi6B-myT', 'pQ2rT7wY9zAbCdEf3GhJk'],
  ['an object id', '674711a05f1d7e2a9c3b4d6e', '6748632099ab12cd34ef56a1'],
];

type Exchanges = (name: string) => Recorded[];

/** Flows that make a thing under a name and use it. */
const flows: [flow: string, exchanges: Exchanges][] = [
  [
    'JSON, and its URL in the answer',
    (name) => [
      {
        method: 'POST',
        url: `${host}/queues`,
        headers: json,
        body: JSON.stringify({ QueueName: name }),
        status: 201,
        answer: { url: `${host}/queues/${encodeURIComponent(name)}` },
      },
      { url: `${host}/queues/${encodeURIComponent(name)}`, answer: { name, messages: 0 } },
      { method: 'DELETE', url: `${host}/queues/${encodeURIComponent(name)}`, status: 204 },
      { url: `${host}/queues/${encodeURIComponent(name)}`, status: 404, answer: { missing: name } },
    ],
  ],
  [
    'a form',
    (name) => [
      {
        method: 'POST',
        url: `${host}/`,
        headers: form,
        body: new URLSearchParams({ Action: 'Create', Name: name }).toString(),
        answer: `<Name>${name}</Name>`,
      },
      { url: `${host}/?${new URLSearchParams({ name }).toString()}`, answer: `<Queue><Name>${name}</Name></Queue>` },
    ],
  ],
  [
    'a path that is put',
    (name) => [
      { url: `${host}/buckets/${encodeURIComponent(name)}`, status: 404 },
      { method: 'PUT', url: `${host}/buckets/${encodeURIComponent(name)}`, status: 201, answer: { bucket: name } },
      { url: `${host}/buckets/${encodeURIComponent(name)}`, answer: { bucket: name, objects: [] } },
    ],
  ],
];

describe.each(flows)('a name that the client makes anew, by %s', (_, exchanges) => {
  test.each(ways)('%s', async (_way, recorded, incoming) => {
    const replay = new Replay(exchanges(recorded), { now });
    for (const expected of exchanges(incoming)) {
      const answered = await replay.ask(expected);
      const told = typeof expected.answer === 'object' ? JSON.stringify(expected.answer) : (expected.answer ?? '');
      expect([answered.status, answered.text]).toEqual([expected.status ?? 200, told]);
    }
    expect(replay.replayer.misses()).toEqual([]);
  });
});

const post = (url: string, body: object, answer: object, status = 201): Recorded => ({
  ...{ method: 'POST', url: host + url, headers: json, body: JSON.stringify(body), status, answer },
});
const get = (url: string, answer: object = {}): Recorded => ({ url: host + url, answer });

describe('what names a thing that was there is no such name:', () => {
  test.each<[string, Recorded[], Incoming[]]>([
    ['an id that is read', [get('/users/4668', { id: 4668 })], [get('/users/5121')]],
    [
      'a UUID that is read',
      [get('/users/0b0c6f0e-7a38-4e2b-9a55-0d3b1a2c4d5e', { id: '0b0c6f0e-7a38-4e2b-9a55-0d3b1a2c4d5e' })],
      [get('/users/7d9f1c52-1b5e-4c0a-8f65-3f2e9d8c7b6a')],
    ],
    [
      'an id that an answer told before',
      [get('/items', { items: ['item-4668'] }), post('/orders', { item: 'item-4668' }, { ordered: 'item-4668' })],
      [post('/orders', { item: 'item-5121' }, {})],
    ],
    ['an amount', [post('/pay', { amount: 4668 }, { amount: 4668 })], [post('/pay', { amount: 5121 }, {})]],
    [
      'an amount in a text',
      [post('/pay', { amount: '4668' }, { amount: '4668' })],
      [post('/pay', { amount: '5121' }, {})],
    ],
    ['a plan', [post('/accounts', { plan: 'basic' }, { plan: 'basic' })], [post('/accounts', { plan: 'ultra' }, {})]],
    [
      'a currency that comes again',
      [
        post('/carts', { currency: 'EUR' }, { currency: 'EUR' }),
        post('/orders', { currency: 'EUR' }, { currency: 'EUR' }),
      ],
      [post('/carts', { currency: 'USD' }, {})],
    ],
    [
      'who signs in',
      [post('/login', { user: 'alice' }, { hello: 'alice' }, 200)],
      [post('/login', { user: 'bobby' }, {})],
    ],
    ['an article', [post('/orders', { sku: 'A-4668' }, { sku: 'A-4668' })], [post('/orders', { sku: 'A-9120' }, {})]],
    [
      'one of a series',
      [post('/docs', { name: 'doc-1001' }, { name: 'doc-1001' }), get('/docs/doc-1001')],
      [post('/docs', { name: 'doc-1002' }, {})],
    ],
    ['a page', [get('/list?page=4668')], [get('/list?page=5121')]],
    ['a word that is looked for', [get('/search?q=monitor', { found: 3 })], [get('/search?q=printer')]],
    [
      'another recorded name',
      [post('/docs', { name: 'doc-a3f9c1' }, { name: 'doc-a3f9c1' }), post('/tags', { name: 'doc-07be42' }, {})],
      [post('/docs', { name: 'doc-07be42' }, {})],
    ],
    [
      'a write that was refused',
      [post('/docs', { name: 'doc-a3f9c1' }, { error: 'doc-a3f9c1' }, 409)],
      [post('/docs', { name: 'doc-07be42' }, {})],
    ],
    [
      'a version of an API',
      [post('/v1/run', { api: 'v1-4668' }, { api: 'v1-4668' })],
      [post('/v2/run', { api: 'v1-4668' }, {})],
    ],
  ])('%s', async (_, recorded, incoming) => {
    const replay = new Replay(recorded, { now });
    for (const request of incoming) expect((await replay.ask(request)).status).toBe(502);
  });
});

test('one name stands for one name: what was announced as another is a miss', async () => {
  const recorded = [
    post('/docs', { name: 'doc-a3f9c1' }, { name: 'doc-a3f9c1' }),
    get('/docs/doc-a3f9c1', { ok: true }),
  ];
  const replay = new Replay(recorded, { now });
  expect((await replay.ask(post('/docs', { name: 'doc-07be42' }, {}))).json()).toEqual({ name: 'doc-07be42' });
  expect((await replay.ask(get('/docs/doc-9d03b7'))).status).toBe(502);
  expect((await replay.ask(get('/docs/doc-07be42'))).json()).toEqual({ ok: true });
});

test('two names that are made one after the other are told apart by the recorded order, and then by themselves', async () => {
  const make = (name: string): Recorded => post('/docs', { name }, { made: name });
  const recorded = [
    make('doc-a3f9c1'),
    make('doc-b4e8d2'),
    get('/docs/doc-a3f9c1', { is: 'first' }),
    get('/docs/doc-b4e8d2', { is: 'second' }),
  ];
  const replay = new Replay(recorded, { now });
  await replay.ask(make('doc-07be42'));
  await replay.ask(make('doc-18cf53'));
  expect((await replay.ask(get('/docs/doc-18cf53'))).json()).toEqual({ is: 'second' });
  expect((await replay.ask(get('/docs/doc-07be42'))).json()).toEqual({ is: 'first' });
});

test.each(['user', 'userId', 'account', 'customer', 'client_ref', 'id', 'code', 'reference'])(
  'a UUID that a write sends first is the client’s own, also as %s',
  async (field) => {
    const [one, other] = ['0b0c6f0e-7a38-4e2b-9a55-0d3b1a2c4d5e', '7d9f1c52-1b5e-4c0a-8f65-3f2e9d8c7b6a'];
    const replay = new Replay([post('/things', { [field]: one, n: 1 }, { [field]: one, ok: true })], { now });
    expect((await replay.ask(post('/things', { [field]: other, n: 1 }, {}))).json()).toEqual({
      [field]: other,
      ok: true,
    });
    expect(
      (await replay.ask(post('/things', { [field]: '11111111-2222-4333-8444-a55555555555', n: 2 }, {}))).status,
    ).toBe(502);
  },
);
