import { describe, expect, test } from 'vitest';
import { dateReport } from '../../../src/replay/explain/date-report.js';
import { json, recordedAt, recording, Replay, type Recorded } from '../../helpers/replaying.js';

const day = 86_400_000;
const url = 'http://shop.test/a';
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${base64({ alg: 'none' })}.${base64({ sub: 'u', exp: recordedAt / 1000 + 60 })}.`;

const exchange: Recorded = {
  url,
  responseHeaders: [...json, 'Date', 'Sat, 21 Nov 2026 10:00:00 GMT', 'ETag', '"1763719200"'],
  answer: {
    due: '2026-12-01',
    items: [{ at: '2026-11-21T10:00:00+01:00' }],
    born: '1984-05-06',
    phone: 1763719200,
    token,
  },
};

const reportOf = (exchanges: Recorded[], startedAt: number, windowDays = 400) =>
  dateReport(recording(exchanges), { mode: 'shift', windowDays, startedAt });

describe('what a replay on another day makes of the dates in a recording', () => {
  test('each time that moves is told with its place, from and to what, and by how much', async () => {
    const { moved } = await reportOf([exchange], recordedAt + 2 * day);
    expect(moved.map(({ where, from, to, seconds }) => [where, from, to, seconds])).toEqual([
      ['header date', 'Sat, 21 Nov 2026 10:00:00 GMT', 'Mon, 23 Nov 2026 10:00:00 GMT', 172_800],
      ['json $.due', '2026-12-01', '2026-12-03', 172_800],
      ['json $.items[0].at', '2026-11-21T10:00:00+01:00', '2026-11-23T10:00:00+01:00', 172_800],
      ['json $.token jwt claim.exp', String(recordedAt / 1000 + 60), String(recordedAt / 1000 + 60 + 172_800), 172_800],
    ]);
  });

  test('what stays is told with why', async () => {
    const { left } = await reportOf(
      [exchange, { url, answer: { due: '2029-01-01', code: 'A 1795255201' } }],
      recordedAt,
    );
    expect(left.map(({ index, where, value, why }) => [index, where, value, why])).toEqual([
      [0, 'json $.born', '1984-05-06', 'what is called “born” is no time that moves'],
      [0, 'json $.phone', '1763719200', 'what is called “phone” is no time that moves'],
      [1, 'json $.due', '2029-01-01', 'more than 400 days from the recording (--date-window)'],
      [1, 'json $.code', '1795255201', 'what is called “code” is no time that moves'],
    ]);
  });

  test('is what the replay then answers', async () => {
    const replay = new Replay([exchange], { now: recordedAt + 5 * day + 1 });
    const { moved } = await reportOf([exchange], recordedAt + 5 * day);
    const { text, headers } = await replay.ask(url);
    for (const { to, where } of moved.filter(({ where: place }) => !place.includes('jwt')))
      expect(where.startsWith('header') ? headers : text).toContain(to);
  });

  test('in markup by what it is called, and with another window', async () => {
    const html = '<time datetime="2026-11-20T08:00:00Z">yesterday</time> <p>since 2026-01-02</p>';
    const responseHeaders = ['Content-Type', 'text/html'];
    const { moved, left } = await reportOf([{ url, responseHeaders, answer: html }], recordedAt + day, 30);
    expect(moved.map(({ where, to }) => [where, to])).toEqual([['text 16 (datetime)', '2026-11-21T08:00:00Z']]);
    expect(left).toMatchObject([{ where: 'text 64', why: 'more than 30 days from the recording (--date-window)' }]);
  });
});

test('the dates of a body that is named by its digest stay, and the report says why', async () => {
  const release = `Valid-Until: ${new Date(recordedAt).toUTCString()}\n`;
  const { left } = await reportOf(
    [
      { url: `${url}/Release`, answer: release },
      { url: `${url}/Release.gpg`, answer: 'signature' },
    ],
    recordedAt + day,
  );
  expect(left).toMatchObject([{ index: 0, why: 'the body is signed, so that it stays as it is' }]);
});
