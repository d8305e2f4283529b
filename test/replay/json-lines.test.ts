import { describe, expect, test } from 'vitest';
import type { MissReport } from '../../src/replay/explain/miss.js';
import { Replay, recordedAt, type Incoming } from '../helpers/replaying.js';

const url = 'http://search.test/_bulk';
const month = 30 * 86_400_000;
const ids = ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '9c2e71b5-0d34-4a8f-8e6b-7a1d5c4f3b20'] as const;
const send = (body: string, type = 'application/x-ndjson'): Incoming => ({
  ...{ method: 'POST', url, headers: ['Content-Type', type], body },
});
const lines = (...documents: object[]): string => documents.map((each) => `${JSON.stringify(each)}\n`).join('');
const sequence = (...documents: object[]): string =>
  documents.map((each) => `\u001e${JSON.stringify(each)}\n`).join('');

async function miss(recorded: Incoming, incoming: Incoming, later = 0): Promise<string[] | undefined> {
  const replay = new Replay([{ ...recorded, answer: 'ok' }], { now: recordedAt + later });
  const { notes } = await replay.ask(incoming);
  const { nearest } = (notes.miss ?? {}) as Partial<MissReport>;
  return notes.miss === undefined ? undefined : (nearest?.differences ?? []).map(({ where }) => where);
}

describe('lines of JSON are documents', () => {
  test.each([
    ['application/x-ndjson', lines],
    ['application/jsonl', lines],
    ['application/json', lines],
    ['text/plain', lines],
    ['application/json-seq', sequence],
  ])('%s: their layout does not count, their values do, and a miss names them', async (type, write) => {
    const [one, two] = [{ index: { _id: 'a' } }, { title: 'x', n: 1 }];
    const recorded = send(write(one, two), type);
    expect(await miss(recorded, send(write(one, { n: 1, title: 'x' }), type))).toBeUndefined();
    expect(await miss(recorded, send(write(one, { ...two, n: 2 }), type))).toEqual(['json[1] $.n']);
    expect(await miss(recorded, send(write(two, one), type))).not.toBeUndefined();
    expect(await miss(recorded, send(write(one, two, two), type))).not.toBeUndefined();
    expect(await miss(recorded, send(write(one), type))).not.toBeUndefined();
  });

  test('spaces, empty lines and other line ends do not count', async () => {
    const recorded = send(lines({ a: 1 }, { b: 2 }));
    expect(await miss(recorded, send('{ "a": 1 }\r\n\r\n{"b":2}'))).toBeUndefined();
  });

  test('times and ids in them are found by their names', async () => {
    const batch = (id: string, ms: number): Incoming =>
      send(lines({ index: { _id: id } }, { at: new Date(ms).toISOString(), ts: Math.floor(ms / 1000), ref: id }));
    expect(await miss(batch(ids[0], recordedAt), batch(ids[1], recordedAt + month), month)).toBeUndefined();
    expect(await miss(batch(ids[0], recordedAt), batch(ids[1], recordedAt + month + 86_400_000), month)).toEqual([
      'json[1] $.at',
      'json[1] $.ts',
    ]);
  });

  test('numbers whose names say that they are none of time stay in answers, and dates in parts move', async () => {
    const tell = (year: number, month: number, seconds: number): string =>
      lines({ id: 1795255200, due: { year, month, day: 21 } }, { id: 1795255201, exp: seconds });
    const replay = new Replay(
      [
        {
          url,
          answer: tell(2026, 11, 1795255277),
          responseHeaders: ['Content-Type', 'application/x-ndjson'],
          waitMs: 0,
        },
      ],
      { now: recordedAt + month },
    );
    expect((await replay.ask(url)).text).toBe(tell(2026, 12, 1795255277 + month / 1000));
  });

  test('a text that only begins like one is compared as it is', async () => {
    expect(await miss(send('{"a":1}\nnot json\n', 'text/plain'), send('{"a":1}\nnot JSON\n', 'text/plain'))).toEqual([
      'body',
    ]);
  });
});
