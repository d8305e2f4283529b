import { once } from 'node:events';
import { Metadata, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { testAuthority, type TestProxy } from '../../helpers/engine.js';
import { echoClient, EchoServer, outcomeOf, say, type EchoClient, type Outcome } from '../../helpers/grpc.js';
import { startRecordingProxy, type ReplayingProxy } from '../../helpers/record-and-replay.js';

afterEach(() => {
  delete process.env['grpc_proxy'];
});

/** A client on the proxy: `tls` and `plain` through a CONNECT, as gRPC does under `grpc_proxy`. */
async function clientOf(proxy: TestProxy, port: number, kind: 'tls' | 'plain'): Promise<EchoClient> {
  process.env['grpc_proxy'] = proxy.url;
  return echoClient(`localhost:${port}`, kind === 'tls' ? (await testAuthority()).certPem : undefined);
}

async function start(kind: 'tls' | 'plain') {
  const server = await EchoServer.start({ tls: kind === 'tls' });
  const proxy = await startRecordingProxy({ upstream: { upstreamCa: [server.ca] } });
  const client = await clientOf(proxy, server.port, kind);
  const replay = async (): Promise<{ proxy: ReplayingProxy; client: EchoClient }> => {
    client.close();
    server.cut();
    const replaying = await proxy.replay();
    return { proxy: replaying, client: await clientOf(replaying, server.port, kind) };
  };
  return { server, proxy, client, replay };
}

async function calls(client: EchoClient): Promise<Outcome[]> {
  const metadata = new Metadata();
  metadata.set('x-text', 'words');
  metadata.set('x-raw-bin', Buffer.from([0, 200, 10]));
  const gathered = new Promise<Outcome>((resolve) => {
    const call = client.gather((_error, answer) =>
      resolve({ answers: [String(answer)], code: 0, details: '', head: {}, tail: {} }),
    );
    for (const word of ['a', 'b', 'c']) call.write(Buffer.from(word));
    call.end();
  });
  return [
    await say(client, 'hello', metadata),
    await say(client, 'fail one'),
    await outcomeOf(client.count(Buffer.from('5'))),
    await gathered,
  ];
}

/** Each message waits for the answer to the one before. */
async function chatOf(client: EchoClient): Promise<Outcome> {
  const chat = client.chat();
  const end = outcomeOf(chat);
  for (const word of ['one', 'two', 'three']) {
    chat.write(Buffer.from(word));
    await once(chat, 'data');
  }
  chat.end();
  return end;
}

describe.each(['tls', 'plain'] as const)('gRPC, %s through a CONNECT', (kind) => {
  test('each kind of call passes, live and from its recording', async () => {
    const { server, proxy, client, replay } = await start(kind);
    const live = await calls(client);
    expect(live.map(({ answers, code }) => [answers, code])).toEqual([
      [['said hello'], status.OK],
      [[], status.FAILED_PRECONDITION],
      [['1', '2', '3', '4', '5'], status.OK],
      [['a+b+c'], status.OK],
    ]);
    const chat = await chatOf(client);
    expect(chat.answers).toEqual(['re: one', 're: two', 're: three']);
    expect(live[1]?.details).toBe('not fail one \u2603');
    expect(live[0]?.tail['tail-bin']).toEqual(Buffer.from([0, 1, 255]));
    expect(live[1]?.tail['tail-bin']).toEqual(Buffer.from([0, 1, 255]));
    expect(server.metadata[0]?.get('x-raw-bin')).toEqual([Buffer.from([0, 200, 10])]);
    expect(server.metadata[0]?.get('x-text')).toEqual(['words']);
    expect(proxy.upstream.connectionsOpened()).toBe(1);

    const replayed = await replay();
    const again = await calls(replayed.client);
    // The messages of this one alternate: each of the replay's waits for the client's before it.
    expect(await chatOf(replayed.client)).toEqual(chat);
    expect(replayed.proxy.replayer.misses()).toEqual([]);
    expect(replayed.proxy.replayer.unused()).toEqual([]);
    expect(again).toEqual(live);
    expect(replayed.proxy.upstream.connectionsOpened()).toBe(0);
    for (const { headers, httpVersion, response } of replayed.proxy.recorded) {
      expect(headers.filter((name, at) => at % 2 === 0 && name.startsWith(':'))).toEqual([]);
      expect([httpVersion, response?.httpVersion]).toEqual(['HTTP/2.0', 'HTTP/2.0']);
    }
  });

  test('a call that goes on otherwise than it was recorded ends with an error, and is a miss', async () => {
    const { client, replay } = await start(kind);
    await chatOf(client);
    const replayed = await replay();
    const chat = replayed.client.chat();
    const end = outcomeOf(chat);
    chat.write(Buffer.from('one'));
    await once(chat, 'data');
    chat.write(Buffer.from('another'));
    expect(await end).toMatchObject({
      answers: ['re: one'],
      code: status.INTERNAL,
      details: expect.stringContaining('is not in the recording') as string,
    });
    expect(replayed.proxy.replayer.misses()).toHaveLength(1);
  });

  test('the messages of a stream come as far from each other as they were recorded', async () => {
    const { client, replay } = await start(kind);
    const durationOf = async (from: EchoClient): Promise<number> => {
      const call = from.count(Buffer.from('4 150'));
      await once(call, 'data');
      const startedAt = performance.now();
      expect((await outcomeOf(call)).answers).toEqual(['2', '3', '4']);
      return performance.now() - startedAt;
    };
    await durationOf(client);
    const replayed = await replay();
    expect(await durationOf(replayed.client)).toBeGreaterThan(350);
  });

  test('a call that was not recorded ends with INTERNAL and says what is missing', async () => {
    const { client, replay } = await start(kind);
    await say(client, 'hello');
    const replayed = await replay();
    expect(await say(replayed.client, 'another')).toMatchObject({
      answers: [],
      code: status.INTERNAL,
      details: expect.stringMatching(
        /^PROXYCTL_REPLAY_MISS: POST .*\/test.Echo\/Say is not in the recording/,
      ) as string,
    });
    expect(replayed.proxy.replayer.misses()).toHaveLength(1);
  });

  test('a backend that breaks off in the midst of a call, or is gone, is UNAVAILABLE, live and from its recording', async () => {
    const { server, client, replay } = await start(kind);
    const call = async (from: EchoClient, then: () => void): Promise<Outcome> => {
      const chat = from.chat();
      const end = outcomeOf(chat);
      chat.write(Buffer.from('hello'));
      await once(chat, 'data');
      then();
      return end;
    };
    const live = [await call(client, () => server.cut()), await say(client, 'anyone?')];
    expect(live).toMatchObject([
      { answers: ['re: hello'], code: status.UNAVAILABLE },
      { answers: [], code: status.UNAVAILABLE, details: expect.stringContaining('ECONNREFUSED') as string },
    ]);
    const replayed = await replay();
    const again = [await call(replayed.client, () => undefined), await say(replayed.client, 'anyone?')];
    expect(again.map(({ answers, code }) => [answers, code])).toEqual(live.map(({ answers, code }) => [answers, code]));
    expect(replayed.proxy.replayer.misses()).toEqual([]);
  });

  test('a deadline passes to the server, and a call that exceeds it ends on both sides', async () => {
    const { server, client } = await start(kind);
    const deadline = Date.now() + 400;
    const outcome = await new Promise<number>((resolve) => {
      const call = client.say(Buffer.from('hang'), new Metadata(), { deadline }, () => undefined);
      call.on('status', ({ code }: { code: number }) => resolve(code));
    });
    expect(outcome).toBe(status.DEADLINE_EXCEEDED);
    await expect.poll(() => server.cancelled).toEqual(['say']);
    expect(Math.abs((server.deadlines[0] ?? 0) - deadline)).toBeLessThan(300);
  });

  test('a call that the client cancels ends at the server', async () => {
    const { server, client } = await start(kind);
    const call = client.chat();
    const end = outcomeOf(call);
    call.write(Buffer.from('hello'));
    await once(call, 'data');
    call.cancel();
    expect((await end).code).toBe(status.CANCELLED);
    await expect.poll(() => server.cancelled).toEqual(['chat']);
  });
});
