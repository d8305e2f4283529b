import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { json, recordedAt, Replay, type Recorded } from '../helpers/replaying.js';

const shop = 'http://shop.test';
const hours = 3_600_000;
const days = 24 * hours;
const today = Math.floor(recordedAt / days) * days;
/** At another time of day than when it was recorded. */
const now = recordedAt + 45 * days + 7 * hours + 123;
const thatDay = Math.floor(now / days) * days;
const iso = (ms: number): string => new Date(ms).toISOString();

/** Whether a request with `asked` is answered by the one that was recorded with `recorded`. */
async function agree(recorded: string | number, asked: string | number, name = 'until', at = now): Promise<boolean> {
  const url = (value: string | number): string => `${shop}/events?${name}=${encodeURIComponent(value)}`;
  const replay = new Replay([{ url: url(recorded), answer: 'events' }], { now: at });
  return (await replay.ask(url(asked))).text === 'events';
}

/** The machine's clock is that of Berlin, in winter and in summer. */
function inBerlin(): void {
  const told = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', timeZoneName: 'longOffset' });
  const hoursOf = (date: Date): number => Number(/GMT\+(\d\d)/.exec(told.format(date))?.[1] ?? 0);
  vi.spyOn(Date.prototype, 'getTimezoneOffset').mockImplementation(function (this: Date) {
    return -60 * hoursOf(this);
  });
  onTestFinished(() => void vi.restoreAllMocks());
}

describe('the last moment of a day is the same on another day, and another one is not', () => {
  const last = days - 1;
  test.each<[string, (ms: number) => string | number]>([
    ['as ISO 8601 to the millisecond', iso],
    ['as ISO 8601 to the second', (ms) => iso(ms).replace(/\.\d+/, '')],
    ['without a zone', (ms) => iso(ms).slice(0, 19)],
    ['to the tenth of a microsecond', (ms) => iso(ms).replace('.999', '.9999999')],
    ['in fourteen digits', (ms) => iso(ms).replace(/[-:T]|\..*/g, '')],
    ['in seventeen digits', (ms) => iso(ms).replace(/[-:T.Z]/g, '')],
    ['as an HTTP date', (ms) => new Date(ms).toUTCString()],
    ['in microseconds', (ms) => `${ms}999`],
    ['in milliseconds', (ms) => ms],
    ['in seconds', (ms) => Math.floor(ms / 1000)],
    ['in its own zone', (ms) => iso(ms).replace('Z', '+02:00')],
    ['after an operator and a dot', (ms) => `lte.${iso(ms)}`],
    ['as people write it', (ms) => new Date(ms).toLocaleString('en-US', { timeZone: 'UTC' })],
  ])('%s', async (_, write) => {
    expect(await agree(write(today + last), write(thatDay + last))).toBe(true);
    expect(await agree(write(today + last), write(thatDay + days + last))).toBe(false);
    expect(await agree(write(today + last), write(thatDay + last - 1 * hours))).toBe(false);
  });

  test('nor is the last second that of a time without a fraction, or one in the middle of a minute', async () => {
    const bare = (ms: number): string => iso(ms).replace(/\.\d+/, '');
    expect(await agree(iso(today + last), bare(thatDay + last))).toBe(false);
    expect(await agree(iso(today + last - 500), iso(thatDay + last - 500))).toBe(false);
    expect(await agree(bare(today + last - 2000), bare(thatDay + last - 2000))).toBe(false);
  });

  test('the last of a month is that of its month', async () => {
    const month = (year: number, number: number): string => iso(Date.UTC(year, number, 1) - 1);
    expect(await agree(month(2026, 11), month(2027, 1))).toBe(true);
    expect(await agree(month(2026, 11), month(2027, 2))).toBe(false);
  });
});

describe('midnight and the last moment of a day in a zone of the client', () => {
  const offsets = [1, 2, -5, -8, 5.5, 9, 12].map((offset) => offset * hours);
  test.each(offsets)('%d ms east, late in its evening and in its morning', async (offset) => {
    for (const hour of [0.5, 9, 23.5]) {
      const at = Date.UTC(2027, 0, 5) + hour * hours - offset;
      const local = Math.floor((at + offset) / days) * days - offset;
      const recorded = Math.floor((recordedAt + offset) / days) * days - offset;
      expect([hour, await agree(iso(recorded), iso(local), 'since', at)]).toEqual([hour, true]);
      expect([hour, await agree(iso(recorded - 1), iso(local - 1), 'since', at)]).toEqual([hour, true]);
      expect([hour, await agree(iso(recorded), iso(local + 2 * days), 'since', at)]).toEqual([hour, false]);
    }
  });

  test('is so on both sides of a change to summer time', async () => {
    inBerlin();
    const summer = Date.UTC(2027, 5, 15, 15);
    expect(await agree('2026-11-20T23:00:00.000Z', '2027-06-14T22:00:00.000Z', 'since', summer)).toBe(true);
    expect(await agree('2026-11-20T23:00:00.000Z', '2027-06-14T21:00:00.000Z', 'since', summer)).toBe(false);
  });
});

test('midnight before a change to summer time is as far from today as one after it', async () => {
  inBerlin();
  const [then, winter] = ['2026-09-30T22:00:00.000Z', Date.UTC(2027, 0, 5, 9)];
  expect(await agree(then, '2026-11-30T23:00:00.000Z', 'since', winter)).toBe(true);
  expect(await agree(then, '2026-11-30T21:00:00.000Z', 'since', winter)).toBe(false);
  expect(await agree(then, '2026-12-31T23:00:00.000Z', 'since', winter)).toBe(false);
});

describe('filters of PostgREST', () => {
  test.each(['gte', 'not.lt', 'eq'])('%s is followed by a time that moves', async (operator) => {
    const at = (ms: number): string => `${operator}.${iso(ms)}`;
    expect(await agree(at(recordedAt - 5 * days), at(now - 5 * days), 'created_at')).toBe(true);
    expect(await agree(at(recordedAt - 5 * days), at(now - 6 * days), 'created_at')).toBe(false);
  });

  test('several in one condition move, and another operator is another question', async () => {
    const both = (ms: number, less = 'lt'): string =>
      `(created_at.gte.${iso(ms - days)},created_at.${less}.${iso(ms)})`;
    expect(await agree(both(recordedAt), both(now), 'and')).toBe(true);
    expect(await agree(both(recordedAt), both(now, 'lte'), 'and')).toBe(false);
  });
});

describe('counts of other clocks in a request', () => {
  const swift = (ms: number): number => ms / 1000 - 978_307_200;
  const ticks = (ms: number): string => String((BigInt(ms) + 62_135_596_800_000n) * 10_000n);
  const filetime = (ms: number): string => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);

  test.each<[string, (ms: number) => string | number]>([
    ['seconds since 2001', swift],
    ['ticks', ticks],
    ['FILETIME', filetime],
  ])('%s are times where they are called so, in queries and in JSON', async (_, write) => {
    expect(await agree(write(recordedAt - days), write(now - days), 'modifiedSince')).toBe(true);
    expect(await agree(write(recordedAt - days), write(now - 2 * days), 'modifiedSince')).toBe(false);
    expect(await agree(write(recordedAt - days), write(now - days), 'article')).toBe(false);
    const post = (ms: number): Recorded => ({
      ...{ method: 'POST', url: `${shop}/sync`, headers: json, body: `{"lastSync":${write(ms)},"n":816948000}` },
    });
    const replay = new Replay([{ ...post(recordedAt - days), answer: 'ok' }], { now });
    expect((await replay.ask(post(now - 2 * days))).status).toBe(502);
    expect((await replay.ask(post(now - days))).text).toBe('ok');
  });
});
