import { describe, expect, test } from 'vitest';
import { json, Replay, recordedAt, type Incoming, type Recorded } from '../helpers/replaying.js';

const post = (path: string, body: unknown): Incoming => ({
  ...{ method: 'POST', url: `http://node.test${path}`, headers: json, body: JSON.stringify(body) },
});
const day = 86_400_000;

describe('a batch of JSON-RPC in another order', () => {
  const call = (id: number | string, method: string, ...params: unknown[]): object => ({
    ...{ jsonrpc: '2.0', id, method, params },
  });
  const result = (id: number | string, value: unknown): object => ({ jsonrpc: '2.0', id, result: value });
  const rpc = (calls: object[], answer?: object[]): Recorded => ({
    ...post('/rpc', calls),
    ...(answer === undefined ? {} : { answer }),
  });
  const recorded = rpc(
    [call(1, 'eth_blockNumber'), call(2, 'eth_chainId'), call(3, 'eth_getBalance', 'ada')],
    [result(1, 'block'), result(2, 'chain'), result(3, 'ada')],
  );

  test('gets its answers in the order asked, with its own ids', async () => {
    const asked = rpc([call(7, 'eth_getBalance', 'ada'), call(8, 'eth_blockNumber'), call(9, 'eth_chainId')]);
    const replay = new Replay([recorded]);
    expect((await replay.ask(asked)).json()).toEqual([result(7, 'ada'), result(8, 'block'), result(9, 'chain')]);
  });

  test('gets them so where the server answered in an order of its own', async () => {
    const shuffled = { ...recorded, answer: [result(3, 'ada'), result(1, 'block'), result(2, 'chain')] };
    const asked = rpc([call(3, 'eth_chainId'), call(2, 'eth_getBalance', 'ada'), call(1, 'eth_blockNumber')]);
    expect((await new Replay([shuffled]).ask(asked)).json()).toEqual([
      result(3, 'chain'),
      result(2, 'ada'),
      result(1, 'block'),
    ]);
  });

  test('has answers to calls alone, and none to notifications', async () => {
    const note = { jsonrpc: '2.0', method: 'seen', params: ['x'] };
    const batch = rpc([call('a', 'one'), note, call('b', 'two')], [result('a', 1), result('b', 2)]);
    const asked = rpc([call('b', 'two'), call('a', 'one'), note]);
    expect((await new Replay([batch]).ask(asked)).json()).toEqual([result('b', 2), result('a', 1)]);
  });

  test('is told as of today, in the layout that it had', async () => {
    const answer = `[ ${JSON.stringify(result(1, { at: '2026-11-22' }))},\n  ${JSON.stringify(result(2, 'x'))} ]\n`;
    const batch = { ...rpc([call(1, 'next'), call(2, 'other')]), answer, responseHeaders: json };
    const replay = new Replay([batch], { now: recordedAt + 45 * day });
    const { text } = await replay.ask(rpc([call(1, 'other'), call(2, 'next')]));
    expect(text).toBe(`[ ${JSON.stringify(result(1, 'x'))},\n  ${JSON.stringify(result(2, { at: '2027-01-06' }))} ]\n`);
  });

  test.each<[string, object[]]>([
    ['another call', [call(1, 'eth_chainId'), call(2, 'eth_blockNumber'), call(3, 'eth_getBalance', 'bob')]],
    ['one call fewer', [call(1, 'eth_chainId'), call(2, 'eth_blockNumber')]],
    ['one call twice', [call(1, 'eth_chainId'), call(2, 'eth_chainId'), call(3, 'eth_getBalance', 'ada')]],
    ['one call more', [...[1, 2].map((id) => call(id, 'eth_chainId')), call(3, 'eth_blockNumber'), call(4, 'x')]],
  ])('is another batch with %s', async (_, calls) => {
    expect((await new Replay([recorded]).ask(rpc(calls))).status).toBe(502);
  });

  test('of calls that differ in what was told alone keeps them apart', async () => {
    const ids = ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '9c2e71b5-0d34-4a8f-8e6b-7a1d5c4f3b20'] as const;
    const list: Recorded = { url: 'http://node.test/things', answer: ids.map((id) => ({ id })) };
    const batch = rpc(
      ids.map((id, i) => call(i, 'thing', id)),
      ids.map((_, i) => result(i, `the ${i}`)),
    );
    const replay = new Replay([list, batch]);
    await replay.ask(list);
    const asked = rpc(ids.toReversed().map((id, i) => call(i, 'thing', id)));
    expect((await replay.ask(asked)).json()).toEqual([result(0, 'the 1'), result(1, 'the 0')]);
  });
});

describe('a batch of GraphQL in another order', () => {
  const item = (id: string): object => ({ query: 'query Item($id: ID) { item(id: $id) { name } }', variables: { id } });
  const persisted = (hash: string): object => ({
    operationName: 'Q',
    extensions: { persistedQuery: { sha256Hash: hash } },
  });
  const told = (name: string): object => ({ data: { item: { name } } });

  test('gets its answers in the order asked', async () => {
    const replay = new Replay([
      { ...post('/graphql', [item('a'), item('b'), item('c')]), answer: [told('A'), told('B'), told('C')] },
    ]);
    expect((await replay.ask(post('/graphql', [item('c'), item('a'), item('b')]))).json()).toEqual([
      told('C'),
      told('A'),
      told('B'),
    ]);
    expect((await replay.ask(post('/graphql', [item('a'), item('c'), item('d')]))).status).toBe(502);
  });

  test('of persisted queries does so, too', async () => {
    const [one, two] = [persisted('a'.repeat(64)), persisted('b'.repeat(64))];
    const replay = new Replay([{ ...post('/graphql', [one, two]), answer: [told('1'), told('2')] }]);
    expect((await replay.ask(post('/graphql', [two, one]))).json()).toEqual([told('2'), told('1')]);
  });

  test('prefers the batch that was recorded in this order', async () => {
    const replay = new Replay([
      { ...post('/graphql', [item('a'), item('b')]), answer: [told('1'), told('2')] },
      { ...post('/graphql', [item('b'), item('a')]), answer: [told('3'), told('4')] },
    ]);
    expect((await replay.ask(post('/graphql', [item('b'), item('a')]))).json()).toEqual([told('3'), told('4')]);
  });
});

test('a list that is no batch keeps its order', async () => {
  const list = (...names: string[]): Incoming =>
    post(
      '/names',
      names.map((name) => ({ name })),
    );
  const replay = new Replay([{ ...list('a', 'b'), answer: 'ok' }]);
  expect((await replay.ask(list('b', 'a'))).status).toBe(502);
});
