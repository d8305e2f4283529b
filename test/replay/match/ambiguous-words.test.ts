import { expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../../helpers/replaying.js';

const host = 'http://photos.test';
const upload = (name: string): Recorded => ({
  ...{ method: 'POST', url: `${host}/photos`, headers: json, body: JSON.stringify({ file: `IMG_${name}.jpg` }) },
  ...{ status: 201, answer: { stored: `IMG_${name}.jpg`, size: 3 } },
});
const look = (name: string): Recorded => ({ url: `${host}/photos/IMG_${name}.jpg`, answer: `bytes of ${name}` });

test.each([
  ['3fa85f64', '50313142', 'has no letter'],
  ['3fa85f64', 'cc19cc91', 'has hardly two different digits'],
  ['3fa85f64', 'deadbeef', 'has no digit'],
  ['50313142', '3fa85f64', 'had no letter when it was recorded'],
])('a random name is one also where it does not look it: %s, then %s, which %3$s', async (recorded, incoming) => {
  const replay = new Replay([upload(recorded), look(recorded)]);
  expect((await replay.ask(upload(incoming))).json()).toEqual({ stored: `IMG_${incoming}.jpg`, size: 3 });
  expect((await replay.ask(look(incoming))).text).toBe(`bytes of ${incoming}`);
  expect(replay.replayer.misses()).toEqual([]);
});

test.each([
  ['50313142', '20261121', 'neither looks random'],
  ['3fa85f64', '503131', 'one is shorter'],
  ['deadbeef', 'cafebabe', 'both could be words'],
])(
  'a name that an upload announces is another one on the next run, however it looks: %s, then %s; %s',
  async (recorded, incoming) => {
    const replay = new Replay([upload(recorded), look(recorded)]);
    expect((await replay.ask(upload(incoming))).json()).toEqual({ stored: `IMG_${incoming}.jpg`, size: 3 });
    expect((await replay.ask(look(incoming))).text).toBe(`bytes of ${incoming}`);
    expect(replay.replayer.misses()).toEqual([]);
  },
);

test.each([['00000001', '00000002', 'both are counted']])(
  '%s and %s are two names: %3$s',
  async (recorded, incoming) => {
    const replay = new Replay([upload(recorded), look(recorded)]);
    expect((await replay.ask(upload(incoming))).status).toBe(502);
    expect((await replay.ask(look(incoming))).status).toBe(502);
    expect(replay.replayer.misses()).toHaveLength(2);
  },
);

test('a file that was there before is not another one, however its name looks', async () => {
  const replay = new Replay([look('3fa85f64')]);
  expect((await replay.ask(look('50313142'))).status).toBe(502);
});

test('what is echoed need not have been there: a request for an echo may hold another id', async () => {
  const id = '0b0c6f0e-7a38-4e2b-9a55-0d3b1a2c4d5e';
  const other = '7d9f1c52-1b5e-4c0a-8f65-3f2e9d8c7b6a';
  const echo = (value: string): Recorded => ({
    ...{ method: 'POST', url: `${host}/echo`, headers: json, body: JSON.stringify({ id: value }) },
    answer: { you: { sent: value } },
  });
  const replay = new Replay([echo(id)]);
  expect((await replay.ask(echo(other))).json()).toEqual({ you: { sent: other } });
});
