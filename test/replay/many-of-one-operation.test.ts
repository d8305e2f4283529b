import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { json, Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

const url = 'http://queues.test/';

/** Six hexadecimal digits with a letter, as tests cut them from a UUID. */
function nameOf(run: string, i: number): string {
  return `${createHash('md5').update(`${run} ${i}`).digest('hex').slice(0, 5)}e`;
}

function create(name: string, more: object = {}): Incoming {
  return { method: 'POST', url, headers: [...json, 'X-Amz-Target', 'Queues.Create'], body: text({ name, ...more }) };
}

function send(name: string, message: string): Incoming {
  const headers = [...json, 'X-Amz-Target', 'Queues.Send'];
  return { method: 'POST', url, headers, body: text({ queue: `http://queues.test/7/${name}`, message }) };
}

const text = (value: object): string => JSON.stringify(value);

function created(name: string, more: object = {}): Recorded {
  return { ...create(name, more), answer: { queue: `http://queues.test/7/${name}` } };
}

function sent(name: string, message: string): Recorded {
  return { ...send(name, message), answer: { messageId: message, queue: name } };
}

/** Each test of a suite makes a queue of its own; all requests go to one address. */
const suite = Array.from({ length: 320 }, (_, i) => [
  created(nameOf('then', i)),
  sent(nameOf('then', i), `message of test ${String.fromCharCode(97 + (i % 26))}`),
]).flat();

test('names made anew are followed however many requests of one operation were recorded before', async () => {
  const replay = new Replay(suite);
  for (let i = 0; i < 320; i++) {
    const name = nameOf('now', i);
    const queue = await replay.ask(create(name));
    expect(queue.json()).toEqual({ queue: `http://queues.test/7/${name}` });
    const message = `message of test ${String.fromCharCode(97 + (i % 26))}`;
    expect((await replay.ask(send(name, message))).json()).toEqual({ messageId: message, queue: name });
  }
});

test('a request that only says something else is a miss among many, too', async () => {
  const replay = new Replay(suite);
  await replay.ask(create(nameOf('now', 0)));
  expect((await replay.ask(send(nameOf('now', 0), 'message of test ?'))).status).toBe(502);
  expect((await replay.ask(create(nameOf('now', 1), { fifo: true }))).status).toBe(502);
});

const neighbours = [
  ['q3e220f.fifo', 'dlr-c5bac5.fifo', 'qf3c8a9.fifo', 'dlr-0590d6.fifo'],
  ['job-3e220f', 'main_c5bac5_job', 'job-f3c8a9', 'main_0590d6_job'],
  ['user3e220f@example.test', 'admin.c5bac5@example.test', 'userf3c8a9@example.test', 'admin.0590d6@example.test'],
] as const;

test.each(neighbours)('a name stands for the one that is built like it: %s, not %s', async (one, other, ...now) => {
  for (const order of [
    [one, other],
    [other, one],
  ]) {
    const replay = new Replay(order.flatMap((name) => [created(name, { kind: 'x' }), sent(name, `to ${name.length}`)]));
    await replay.ask(create(now[0], { kind: 'x' }));
    await replay.ask(create(now[1], { kind: 'x' }));
    expect((await replay.ask(send(now[0], `to ${one.length}`))).json()).toMatchObject({ queue: now[0] });
    expect((await replay.ask(send(now[1], `to ${other.length}`))).json()).toMatchObject({ queue: now[1] });
  }
});

const ofOneMake = [
  ['Ta2afab', 'Tbbfa35'],
  ['Tcaddcc', 'T5b42d4'],
  ['q1a2b3c', 'qabcd12'],
  ['50623c', '991724'],
  ['cdeac6', '112408'],
  ['abcde1', 'facad7'],
] as const;

test.each(ofOneMake)(
  'of characters by chance some are only letters, or a word and a number: %s, now %s',
  async (then, now) => {
    for (const [one, other] of [
      [then, now],
      [now, then],
    ] as const) {
      const replay = new Replay([created(one, { kind: 'x' }), sent(one, 'first')]);
      expect((await replay.ask(create(other, { kind: 'x' }))).status).toBe(200);
      expect((await replay.ask(send(other, 'first'))).json()).toMatchObject({ queue: other });
    }
  },
);

test.each([
  ['Monday', 'Friday'],
  ['Tuesday1', 'Tuesday2'],
  ['SUMMER10', 'WINTER20'],
  ['Paris', 'Lyons'],
  ['1001', '1002'],
  ['decade1', 'decade2'],
  ['199801', '200212'],
])('words and numbers that people choose are no names by chance: %s, not %s', async (then, now) => {
  const replay = new Replay([created(then, { kind: 'x' }), sent(then, 'first')]);
  expect((await replay.ask(create(now, { kind: 'x' }))).status).toBe(502);
});
