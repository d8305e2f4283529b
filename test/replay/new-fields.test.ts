import { describe, expect, test } from 'vitest';
import type { RawHeaders } from '../../src/http/index.js';
import {
  form,
  json,
  Replay,
  recordedAt,
  type Incoming,
  type Recorded,
  type ReplayOptionsOf,
} from '../helpers/replaying.js';

const shop = 'http://shop.test';
const post = (path: string, body: object, headers: RawHeaders = []): Incoming => ({
  ...{ method: 'POST', url: shop + path, headers: [...json, ...headers], body: JSON.stringify(body) },
});
const get = (path: string, headers: RawHeaders = []): Incoming => ({ url: shop + path, headers });
const newer = { info: { appVersion: '5.1.0' }, appVersion: '5.2.1' };

interface Outcome {
  answered: boolean;
  added: string[];
}

async function ask(
  recorded: Incoming | Incoming[],
  incoming: Incoming,
  options: ReplayOptionsOf & { now?: number; info?: { appVersion: string } } = newer,
): Promise<Outcome> {
  const all = (Array.isArray(recorded) ? recorded : [recorded]).map((each): Recorded => ({ ...each, answer: 'ok' }));
  const replay = new Replay(all, options);
  const { notes } = await replay.ask(incoming);
  return { answered: notes.miss === undefined, added: replay.replayer.addedFields().flatMap(({ where }) => where) };
}

describe('what a newer version of the app adds may be there, and is reported:', () => {
  const form1 = (body: string): Incoming => ({ method: 'POST', url: `${shop}/login`, headers: form, body });
  const part = (...names: string[]): Incoming => ({
    ...{ method: 'POST', url: `${shop}/up`, headers: ['Content-Type', 'multipart/form-data; boundary=b'] },
    body: `${names.map((name) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n1\r\n`).join('')}--b--\r\n`,
  });
  const xml = (inner: string): Incoming => ({
    ...{ method: 'POST', url: `${shop}/soap`, headers: ['Content-Type', 'text/xml'], body: `<a>${inner}</a>` },
  });
  const graphql = (operationName: string, variables: object): Incoming =>
    post('/graphql', { operationName, query: `query ${operationName} { a }`, variables });
  const rpc = (method: string, params: object): Incoming => post('/rpc', { jsonrpc: '2.0', id: 1, method, params });

  test.each<[string, Incoming, Incoming, string[]]>([
    ['a member', post('/orders', { n: 1 }), post('/orders', { n: 1, note: 'x' }), ['json $.note']],
    [
      'members of objects in a list',
      post('/o', { l: [{ a: 1 }, { a: 2 }] }),
      post('/o', {
        l: [
          { a: 1, b: 1 },
          { a: 2, b: 2 },
        ],
      }),
      ['json $.l[0].b', 'json $.l[1].b'],
    ],
    [
      'an object',
      post('/orders', { n: 1 }),
      post('/orders', { n: 1, to: { zip: '1', town: 'x' } }),
      ['json $.to.town', 'json $.to.zip'],
    ],
    ['a parameter', get('/list?page=1'), get('/list?page=1&sort=name'), ['query sort']],
    ['a header that selects', get('/list'), get('/list', ['X-Region', 'eu']), ['header x-region']],
    [
      'a header that decides nothing',
      get('/list'),
      get('/list', ['X-Client-Platform', 'ios', 'traceparent', 'x']),
      ['header x-client-platform'],
    ],
    ['a field of a form', form1('user=ada'), form1('user=ada&remember=1'), ['form remember']],
    ['a part', part('a'), part('a', 'b'), ['part b', 'part b content']],
    ['an element', xml('<b>1</b>'), xml('<b>1</b><c>2</c>'), ['xml /a/c']],
    [
      'a variable of GraphQL',
      graphql('Cart', { id: 1 }),
      graphql('Cart', { id: 1, currency: 'EUR' }),
      ['json $.variables.currency'],
    ],
    [
      'one that only another operation has',
      post('/orders', { n: 1 }),
      post('/orders', { n: 1, coupon: 'x' }),
      ['json $.coupon'],
    ],
    [
      'one in the path of another id',
      post('/orders/17/pay', { n: 1 }),
      post('/orders/17/pay', { n: 1, tip: 2 }),
      ['json $.tip'],
    ],
    ['several of all kinds', get('/a?x=1'), get('/a?x=1&y=2', ['X-Tenant', 't']), ['query y', 'header x-tenant']],
    ['a parameter of RPC', rpc('add', { a: 1 }), rpc('add', { a: 1, trace: true }), ['json $.params.trace']],
  ])('%s', async (_, recorded, incoming, added) => {
    const others = [post('/carts', { coupon: 'x', n: 2 }), rpc('sub', { trace: true })];
    expect(await ask([recorded, ...others], incoming)).toEqual({ answered: true, added });
    expect(await ask([recorded, ...others], recorded)).toEqual({ answered: true, added: [] });
  });

  test('as added by that version, with the request', async () => {
    const replay = new Replay([{ ...post('/orders', { n: 1 }), answer: 'ok' }], newer);
    await replay.ask(post('/orders', { n: 1, note: 'x' }));
    expect(replay.replayer.addedFields()).toEqual([
      { index: 0, method: 'POST', url: `${shop}/orders`, where: ['json $.note'], by: '5.2.1' },
    ]);
    expect(replay.replayer.misses()).toEqual([]);
  });

  test('beside times that moved and names that are made anew', async () => {
    const later = 40 * 86_400_000;
    const order = (name: string, ms: number, more = {}): Incoming =>
      post('/orders', { ref: name, at: new Date(ms).toISOString(), ...more });
    const recorded = [order('order-4711', recordedAt), get('/orders/order-4711')];
    const replay = new Replay(
      recorded.map((each) => ({ ...each, answer: { ref: 'order-4711' } })),
      { ...newer, now: recordedAt + later },
    );
    const made = await replay.ask(order('order-5832', recordedAt + later, { note: 'x' }));
    expect(made.json()).toEqual({ ref: 'order-5832' });
    expect((await replay.ask(get('/orders/order-5832?view=full'))).json()).toEqual({ ref: 'order-5832' });
  });
});

describe('it is a miss', () => {
  test.each<[string, Incoming | Incoming[], Incoming]>([
    ['where a value differs besides', post('/o', { n: 1 }), post('/o', { n: 2, note: 'x' })],
    ['where a field is gone', post('/o', { n: 1, m: 2 }), post('/o', { n: 1, note: 'x' })],
    ['where a field has another name', post('/o', { userId: 'a' }), post('/o', { user_id: 'a' })],
    ['where a list has one more', post('/o', { l: [{ a: 1 }] }), post('/o', { l: [{ a: 1 }, { a: 1 }] })],
    ['where a parameter stands once more', get('/l?tag=a'), get('/l?tag=a&tag=b')],
    [
      'where another request of the operation has the field',
      [post('/o', { n: 1 }), post('/o', { n: 2, note: 'y' })],
      post('/o', { n: 1, note: 'x' }),
    ],
    [
      'where another request of the operation has the parameter',
      [get('/l?a=1'), get('/l?a=2&page=2')],
      get('/l?a=1&page=2'),
    ],
    ['where a value became an object', post('/o', { to: 'a' }), post('/o', { to: { name: 'a' } })],
    ['where it says who asks', get('/me'), get('/me', ['Authorization', 'Bearer abc'])],
    ['where it asks for a part', get('/me'), get('/me', ['If-Match', '"v2"'])],
    ['where the method is another', get('/a'), { ...get('/a?x=1'), method: 'DELETE' }],
    ['where the path is another', get('/a'), get('/b?x=1')],
    [
      'where a text is another',
      { ...post('/t', {}), headers: [], body: '' },
      { ...post('/t', {}), headers: [], body: 'hello' },
    ],
    [
      'where there is no such operation',
      post('/graphql', { operationName: 'A', query: 'query A { a }' }),
      post('/graphql', { operationName: 'B', query: 'query B { a }', variables: { x: 1 } }),
    ],
  ])('%s', async (_, recorded, incoming) => {
    expect(await ask(recorded, incoming)).toEqual({ answered: false, added: [] });
  });

  test('with the version that was recorded, without one, and where --new-fields says so', async () => {
    const [recorded, incoming] = [get('/list'), get('/list?sort=name')];
    const info = { appVersion: '5.1.0' };
    expect((await ask(recorded, incoming, { info, appVersion: '5.1.0' })).answered).toBe(false);
    expect((await ask(recorded, incoming, { info })).answered).toBe(false);
    expect((await ask(recorded, incoming, { ...newer, newFields: 'miss' })).answered).toBe(false);
    expect((await ask(recorded, incoming, { info, newFields: 'allow' })).answered).toBe(true);
  });
});
