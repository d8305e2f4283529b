import { describe, expect, test } from 'vitest';
import { json, recordedAt, Replay, type Recorded } from '../helpers/replaying.js';

const host = 'http://notes.test';
const now = recordedAt + 3_600_123;
const written = (atMs: number, tell: (ms: number) => unknown): Recorded => ({
  ...{ method: 'POST', url: `${host}/notes`, headers: json, body: `{"n":${atMs}}`, atMs, waitMs: 2 },
  answer: { createdAt: tell(recordedAt + atMs + 1) },
});

describe('requests that come faster than they were recorded get no time ahead of their clock:', () => {
  test.each<[string, (ms: number) => unknown, (told: unknown) => number]>([
    ['ISO 8601 with milliseconds', (ms) => new Date(ms).toISOString(), (told) => Date.parse(told as string)],
    ['ISO 8601', (ms) => new Date(ms).toISOString().replace(/\.\d+/, ''), (told) => Date.parse(told as string)],
    ['an epoch in ms', (ms) => ms, (told) => told as number],
    ['an epoch in s with a fraction', (ms) => ms / 1000, (told) => (told as number) * 1000],
    ['an HTTP date', (ms) => new Date(ms).toUTCString(), (told) => Date.parse(told as string)],
  ])('%s', async (_, tell, read) => {
    const recorded = [0, 500, 1000, 1500, 2000, 7300].map((atMs) => written(atMs, tell));
    const replay = new Replay(recorded, { now });
    const told: number[] = [];
    for (const request of recorded) {
      told.push(read(((await replay.ask(request)).json() as { createdAt: unknown }).createdAt));
      replay.now += 10;
    }
    told.forEach((ms, i) => expect(ms).toBeLessThanOrEqual(now + 10 * i));
    told.forEach((ms) => expect(ms).toBeGreaterThan(now - 3000));
  });
});

test('a text that was told once is told the same in later answers', async () => {
  const list: Recorded = {
    url: `${host}/notes`,
    atMs: 9000,
    answer: { notes: [{ createdAt: new Date(recordedAt + 501).toISOString() }] },
  };
  const replay = new Replay([written(500, (ms) => new Date(ms).toISOString()), list], { now });
  const { createdAt } = (await replay.ask(written(500, String))).json() as { createdAt: string };
  replay.now += 4000;
  expect((await replay.ask(list)).json()).toEqual({ notes: [{ createdAt }] });
});

describe('a second that the client sends and the server tells by chance', () => {
  const seconds = recordedAt / 1000 + 100;
  const sent = (sentAt: number): Recorded => ({
    ...{ method: 'POST', url: `${host}/token`, headers: json, body: JSON.stringify({ sentAt }), atMs: 100_000 },
    answer: { iat: seconds, exp: seconds + 60, sentAt: seconds },
  });

  test('moves with all other times of its answer, and is an echo where it is called the same', async () => {
    const later = now / 1000 + 100;
    const replay = new Replay([sent(seconds)], { now: now + 100_000 });
    const told = (await replay.ask(sent(Math.floor(later) + 1))).json() as { iat: number; exp: number; sentAt: number };
    expect(told.exp - told.iat).toBe(60);
    expect(told.sentAt).toBe(Math.floor(later) + 1);
  });

  test('stays where dates do not move', async () => {
    const replay = new Replay([sent(seconds)], { now: recordedAt + 100_000, dates: 'off' });
    expect((await replay.ask(sent(seconds + 1))).json()).toEqual({
      iat: seconds,
      exp: seconds + 60,
      sentAt: seconds + 1,
    });
  });
});

describe('one instant has one told value, wherever it stands:', () => {
  const ms = recordedAt + 1234;
  const told = async (recorded: Partial<Recorded>): Promise<{ text: string; tag: string }> => {
    const replay = new Replay([{ url: `${host}/a`, ...recorded }], { now });
    const { text, headers } = await replay.ask(`${host}/a`);
    return { text, tag: headers[headers.indexOf('ETag') + 1] ?? '' };
  };

  test('a tag of milliseconds follows the body’s last change', async () => {
    const { text, tag } = await told({ responseHeaders: ['ETag', `"${ms}"`], answer: { last_modified: ms } });
    expect(tag).toBe(`"${(JSON.parse(text) as { last_modified: number }).last_modified}"`);
    expect(tag).not.toBe(`"${ms}"`);
  });

  test('a tag of another number stays', async () => {
    const { tag } = await told({ responseHeaders: ['ETag', `"${ms + 77_000}"`], answer: { last_modified: ms } });
    expect(tag).toBe(`"${ms + 77_000}"`);
  });

  test.each<[string, number, number]>([
    ['seconds', 1 / 1000, 1000],
    ['microseconds', 1000, 1 / 1000],
  ])('a number without a name for it, in %s', async (_, unit, back) => {
    const n = Math.floor(ms * unit);
    const { text } = await told({ answer: { at: new Date(ms).toISOString(), v: n, w: n + 5000 } });
    const { at, v, w } = JSON.parse(text) as { at: string; v: number; w: number };
    expect(Math.floor((v * back) / 1000)).toBe(Math.floor(Date.parse(at) / 1000));
    expect(w === n + 5000 || Math.abs(w * back - now) < 86_400_000).toBe(true);
  });
});
