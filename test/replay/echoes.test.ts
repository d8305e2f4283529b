import { describe, expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../helpers/replaying.js';

const rpc = (body: object, answer: object = {}): Recorded => ({
  method: 'POST',
  url: 'http://node.test/rpc',
  headers: json,
  body: JSON.stringify(body),
  answer,
});

describe('an answer repeats what its own request has now', () => {
  test('the number of a JSON-RPC call, also within a batch', async () => {
    const call = (id: number, a: number): object => ({ jsonrpc: '2.0', id, method: 'add', params: [a, 1] });
    const result = (id: number, sum: number): object => ({ jsonrpc: '2.0', id, result: sum });
    const replay = new Replay([
      rpc(call(1, 1), result(1, 2)),
      rpc(call(2, 2), result(2, 3)),
      rpc([call(3, 1), call(4, 5)], [result(3, 2), result(4, 6)]),
    ]);
    expect((await replay.ask(rpc(call(1, 2)))).json()).toEqual(result(1, 3));
    expect((await replay.ask(rpc(call(2, 1)))).json()).toEqual(result(2, 2));
    const batch = await replay.ask(rpc([call(4, 1), call(3, 5)]));
    expect(batch.json()).toEqual([result(4, 2), result(3, 6)]);
    expect((await replay.ask(rpc(call(9, 7)))).status).toBe(502);
  });

  test('the version of the app, but not the one that is required', async () => {
    const check = (version: string): object => ({ client: { version } });
    const replay = new Replay([rpc(check('3.9.1'), { you: '3.9.1', minVersion: '3.9.1', ok: true })], {
      info: { appVersion: '3.9.1' },
      appVersion: '4.0.0',
    });
    expect((await replay.ask(rpc(check('4.0.0')))).json()).toEqual({ you: '4.0.0', minVersion: '3.9.1', ok: true });
  });
});
