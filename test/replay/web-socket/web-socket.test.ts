import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { recordLive, replaying, WebSocketClient, webSocketOrigin } from '../../helpers/web-socket.js';
import type { TestProxy } from '../../helpers/engine.js';

const long = 'x'.repeat(70_000);

function echo(socket: WebSocket): void {
  socket.on('message', (data: Buffer, isBinary) => {
    if (data.toString() === 'leave') socket.close(4001, 'kicked');
    else socket.send(isBinary ? Buffer.from(data).reverse() : data.toString().toUpperCase());
  });
}

/** What a client sees of the echo. */
async function conversation(proxy: TestProxy, authority: string, compressed: boolean): Promise<unknown[]> {
  const client = await WebSocketClient.connect(proxy, authority, '/echo', ['chat.v1'], {
    perMessageDeflate: compressed,
  });
  const seen: unknown[] = [client.socket.protocol, client.socket.extensions];
  for (const message of ['grüße', long, Buffer.from([0, 1, 2, 255]), long, 'again']) {
    seen.push(await client.ask(message));
  }
  client.socket.send('in two ', { fin: false });
  client.socket.send('pieces', { fin: true });
  seen.push(await client.next());
  const pong = new Promise((resolve) => client.socket.once('pong', (data) => resolve(data.toString())));
  client.socket.ping('are you there');
  seen.push(await pong);
  client.send('leave');
  return [...seen, await client.closed];
}

test.each([false, true])('what a WebSocket said live it says in replay (compressed: %s)', async (compressed) => {
  const origin = await webSocketOrigin(echo, {
    perMessageDeflate: compressed ? { threshold: 0 } : false,
    handleProtocols: () => 'chat.v1',
  });
  let live: unknown[] = [];
  const entries = await recordLive(async (proxy) => {
    live = await conversation(proxy, origin.authority, compressed);
  });
  await origin.close();
  expect(live[1]).toBe(compressed ? 'permessage-deflate' : '');
  expect(live.slice(2)).toEqual([
    ...['GRÜSSE', long.toUpperCase(), Buffer.from([255, 2, 1, 0]), long.toUpperCase(), 'AGAIN', 'IN TWO PIECES'],
    ...['are you there', { code: 4001, reason: 'kicked' }],
  ]);
  const { proxy, replayer } = await replaying(entries);
  expect(await conversation(proxy, origin.authority, compressed)).toEqual(live);
  expect(replayer.misses()).toEqual([]);
  expect(replayer.unused()).toEqual([]);
});

test('a WebSocket is one entry, its messages in HAR’s words', async () => {
  const origin = await webSocketOrigin(echo);
  const entries = await recordLive(async (proxy) => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/echo');
    await client.ask('hello');
    await client.ask(Buffer.from([1, 2]));
    client.send('leave');
    await client.closed;
  });
  expect(entries).toHaveLength(1);
  expect(entries[0]?.response.status).toBe(101);
  const spoken = entries[0]?._webSocketMessages?.filter(({ opcode }) => opcode !== 8) ?? [];
  expect(spoken.map(({ type, opcode, data }) => [type, opcode, data])).toEqual([
    ['send', 1, 'hello'],
    ['receive', 1, 'HELLO'],
    ['send', 2, 'AQI='],
    ['receive', 2, 'AgE='],
    ['send', 1, 'leave'],
  ]);
  const now = Date.now() / 1000;
  for (const { time } of spoken) expect(Math.abs(now - time)).toBeLessThan(60);
});

test('an id that the client makes comes back, and a changed amount is a miss that closes the connection', async () => {
  const origin = await webSocketOrigin((socket) =>
    socket.on('message', (data: Buffer) => {
      const { id, amount } = JSON.parse(data.toString()) as { id: string; amount: number };
      socket.send(JSON.stringify({ id, total: amount * 2 }));
    }),
  );
  const order = async (proxy: TestProxy, amount: number): Promise<unknown> => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/orders');
    const id = randomUUID();
    client.send({ id, amount });
    const answer = await Promise.race([client.next(), client.closed]);
    return typeof answer === 'string' ? answer.replace(id, 'ID') : answer;
  };
  const entries = await recordLive(async (proxy) => {
    expect(await order(proxy, 10)).toBe('{"id":"ID","total":20}');
  });
  const { proxy, replayer } = await replaying(entries);
  expect(await order(proxy, 10)).toBe('{"id":"ID","total":20}');
  expect(replayer.misses()).toEqual([]);
  expect(await order(proxy, 20)).toMatchObject({ code: 1011 });
  expect(replayer.misses()).toMatchObject([
    {
      reason: 'a message differs from the recorded one in json $.amount',
      nearest: { differences: [{ incoming: '20' }] },
    },
  ]);
});

test('questions that are asked in another order get their own answers', async () => {
  const origin = await webSocketOrigin((socket) =>
    socket.on('message', (data: Buffer) => {
      const { id, name } = JSON.parse(data.toString()) as { id: number; name: string };
      socket.send(JSON.stringify({ id, hello: name }));
    }),
  );
  const ask = async (proxy: TestProxy, names: string[]): Promise<unknown[]> => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/');
    const answers: unknown[] = [];
    for (const name of names) answers.push(await client.ask({ id: name.length, name }));
    return answers;
  };
  const entries = await recordLive(async (proxy) => void (await ask(proxy, ['ann', 'berta', 'clara-maria'])));
  const { proxy } = await replaying(entries);
  expect(await ask(proxy, ['clara-maria', 'ann', 'berta'])).toEqual([
    '{"id":11,"hello":"clara-maria"}',
    '{"id":3,"hello":"ann"}',
    '{"id":5,"hello":"berta"}',
  ]);
});

test('what the server tells after a write elsewhere is not told before that write', async () => {
  const listeners = new Set<WebSocket>();
  const origin = await webSocketOrigin(
    (socket) => {
      listeners.add(socket);
      socket.send('welcome');
    },
    {
      http: (_request, response) => {
        for (const listener of listeners) listener.send('published');
        response.end('done');
      },
    },
  );
  const publish = async (proxy: TestProxy): Promise<number> => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/news');
    expect(await client.next()).toBe('welcome');
    await new Promise((resolve) => setTimeout(resolve, 100)); // that nothing comes can only be seen by waiting
    const early = client.unread;
    const connection = await proxy.connect();
    connection.socket.write(
      `POST http://${origin.authority}/publish HTTP/1.1\r\nHost: ${origin.authority}\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(await client.next()).toBe('published');
    client.socket.terminate();
    connection.socket.destroy();
    return early;
  };
  const entries = await recordLive(async (proxy) => void (await publish(proxy)));
  const { proxy } = await replaying(entries);
  expect(await publish(proxy)).toBe(0);
});

test('heartbeats may be more or fewer, and a connection that broke off breaks off', async () => {
  const origin = await webSocketOrigin((socket) =>
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === '{"type":"ping"}') socket.send('{"type":"pong"}');
      else if (text === 'break') socket.terminate();
      else socket.send(`you said ${text}`);
    }),
  );
  const talk = async (proxy: TestProxy, beats: number): Promise<unknown[]> => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/');
    const seen: unknown[] = [await client.ask('one')];
    for (let i = 0; i < beats; i++) expect(await client.ask('{"type":"ping"}')).toBe('{"type":"pong"}');
    seen.push(await client.ask('two'));
    client.send('break');
    return [...seen, (await client.closed).code];
  };
  const entries = await recordLive(async (proxy) => void (await talk(proxy, 1)));
  for (const beats of [0, 1, 3]) {
    const { proxy } = await replaying(entries);
    expect(await talk(proxy, beats)).toEqual(['you said one', 'you said two', 1006]);
  }
});

test('a plain request for the path of a WebSocket is not answered by it', async () => {
  const origin = await webSocketOrigin(echo);
  const entries = await recordLive(async (proxy) => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/echo');
    client.send('leave');
    await client.closed;
  });
  const { proxy, replayer } = await replaying(entries);
  const connection = await proxy.connect();
  connection.socket.write(`GET http://${origin.authority}/echo HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n`);
  await new Promise((resolve) => connection.socket.once('data', resolve));
  expect(replayer.misses()).toHaveLength(1);
});
