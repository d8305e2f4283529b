import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { TestProxy } from '../../helpers/engine.js';
import { recordLive, replaying, WebSocketClient, webSocketOrigin } from '../../helpers/web-socket.js';

/** A server whose greeting names the connection, and which answers with that name. */
function greeting(socket: WebSocket): void {
  const sid = randomUUID();
  socket.send(JSON.stringify({ type: 'hello', sid }));
  socket.on('message', (data: Buffer) => {
    const question = data.toString();
    socket.send(question === 'who' ? JSON.stringify({ you: sid }) : `answer to ${question}`);
  });
}

async function open(proxy: TestProxy, authority: string): Promise<{ client: WebSocketClient; sid: string }> {
  const client = await WebSocketClient.connect(proxy, authority, '/');
  const { sid } = JSON.parse(String(await client.next())) as { sid: string };
  return { client, sid };
}

/** One connection for each list of questions, one after the other. */
async function oneByOne(proxy: TestProxy, authority: string, lists: string[][]): Promise<unknown[][]> {
  const answers: unknown[][] = [];
  for (const questions of lists) {
    const { client } = await open(proxy, authority);
    const own: unknown[] = [];
    for (const question of questions) own.push(await client.ask(question));
    client.socket.close();
    await client.closed;
    answers.push(own);
  }
  return answers;
}

const answersOf = (lists: string[][]): string[][] =>
  lists.map((questions) => questions.map((question) => `answer to ${question}`));

const recorded = [['apples'], ['pears'], ['log in', 'plums'], ['log in', 'figs'], ['log in', 'figs', 'dates']];

test.each([
  ['the recorded order', [0, 1, 2, 3, 4]],
  ['the opposite one', [4, 3, 2, 1, 0]],
  ['some other one', [2, 4, 0, 3, 1]],
  ['another', [3, 0, 4, 1, 2]],
  ['a part of them', [3, 1]],
])('equal connections are told apart by what their clients say: %s', async (_, order) => {
  const origin = await webSocketOrigin(greeting);
  const entries = await recordLive(async (proxy) => void (await oneByOne(proxy, origin.authority, recorded)));
  const { proxy, replayer } = await replaying(entries);
  const lists = order.map((i) => recorded[i] as string[]);
  expect(await oneByOne(proxy, origin.authority, lists)).toEqual(answersOf(lists));
  expect(replayer.misses()).toEqual([]);
  expect(replayer.unused().length).toBe(recorded.length - lists.length);
});

test('connections that stand side by side get their own answers, in whatever order they ask', async () => {
  const origin = await webSocketOrigin(greeting);
  const talk = async (proxy: TestProxy, order: number[]): Promise<unknown[]> => {
    const connections = [];
    for (let i = 0; i < order.length; i++) connections.push(await open(proxy, origin.authority));
    const answers: unknown[] = [];
    const inTurn = order.map((i, at) => ({ at, i }));
    for (const { at, i } of inTurn) answers.push(await connections[at]?.client.ask(`question ${'abcde'[i]}`));
    for (const { at } of inTurn.reverse()) {
      const answer = await connections[at]?.client.ask('who');
      expect(answer).toBe(JSON.stringify({ you: connections[at]?.sid }));
    }
    return answers;
  };
  const entries = await recordLive(async (proxy) => void (await talk(proxy, [0, 1, 2, 3, 4])));
  for (const order of [
    [4, 3, 2, 1, 0],
    [1, 2, 3, 4, 0],
    [2, 0, 4, 1, 3],
  ]) {
    const { proxy, replayer } = await replaying(entries);
    expect(await talk(proxy, order)).toEqual(order.map((i) => `answer to question ${'abcde'[i]}`));
    expect(replayer.misses()).toEqual([]);
    expect(replayer.unused()).toEqual([]);
  }
});

test('what a greeting named is called so in all that follows, also on a connection that was told apart later', async () => {
  const origin = await webSocketOrigin(greeting);
  const talk = async (proxy: TestProxy, questions: string[]): Promise<void> => {
    const sids = new Set<string>();
    for (const question of questions) {
      const { client, sid } = await open(proxy, origin.authority);
      expect(await client.ask(question)).toBe(`answer to ${question}`);
      expect(await client.ask('who')).toBe(JSON.stringify({ you: sid }));
      sids.add(sid);
    }
    expect(sids.size).toBe(questions.length);
  };
  const entries = await recordLive((proxy) => talk(proxy, ['a', 'b', 'c']));
  const { proxy, replayer } = await replaying(entries);
  await talk(proxy, ['c', 'a', 'b']);
  expect(replayer.misses()).toEqual([]);
});

test('a question that no connection had is a miss, and so is a second one of those that only one had', async () => {
  const origin = await webSocketOrigin(greeting);
  const entries = await recordLive(
    async (proxy) =>
      void (await oneByOne(proxy, origin.authority, [
        ['log in', 'apples'],
        ['log in', 'pears'],
      ])),
  );
  const { proxy, replayer } = await replaying(entries);
  const { client } = await open(proxy, origin.authority);
  expect(await client.ask('log in')).toBe('answer to log in');
  expect(await client.ask('pears')).toBe('answer to pears');
  client.send('apples');
  expect(await client.closed).toMatchObject({ code: 1011 });
  expect(replayer.misses()).toHaveLength(1);
  const other = await open(proxy, origin.authority);
  other.client.send('melons');
  expect(await other.client.closed).toMatchObject({ code: 1011 });
  expect(replayer.misses()).toHaveLength(2);
});

test('a connection more than were recorded gets the answers of the one that it is like', async () => {
  const origin = await webSocketOrigin(greeting);
  const entries = await recordLive(
    async (proxy) => void (await oneByOne(proxy, origin.authority, [['apples'], ['pears']])),
  );
  const more = [['pears'], ['apples'], ['apples'], ['pears']];
  const { proxy, replayer } = await replaying(entries);
  expect(await oneByOne(proxy, origin.authority, more)).toEqual(answersOf(more));
  expect(replayer.misses()).toEqual([]);
});

test('names that a client makes anew are followed on WebSockets too, and a changed word is none of them', async () => {
  const origin = await webSocketOrigin((socket) =>
    socket.on('message', (data: Buffer) => {
      const { join, say } = JSON.parse(data.toString()) as { join?: string; say?: string };
      socket.send(JSON.stringify(join === undefined ? { said: say } : { joined: join }));
    }),
  );
  const chat = async (proxy: TestProxy, user: string, text = 'good morning'): Promise<unknown[]> => {
    const client = await WebSocketClient.connect(proxy, origin.authority, '/chat');
    const joined = await client.ask({ join: user });
    client.send({ say: `${user}: ${text}` });
    return [joined, await Promise.race([client.next(), client.closed])];
  };
  const names = [
    ['user_4668', 'user_9021', 'user_3377'],
    ['bot-9f86d0', 'bot-effeda', 'bot-27ae41'],
    [randomUUID(), randomUUID(), randomUUID()],
  ] as const;
  for (const [then, now, later] of names) {
    const entries = await recordLive(async (proxy) => void (await chat(proxy, then)));
    const { proxy, replayer } = await replaying(entries);
    expect(await chat(proxy, now)).toEqual([`{"joined":"${now}"}`, `{"said":"${now}: good morning"}`]);
    expect(replayer.misses()).toEqual([]);
    const other = await replaying(entries);
    expect((await chat(other.proxy, later, 'good evening'))[1]).toMatchObject({ code: 1011 });
  }
});
