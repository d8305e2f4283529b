import { createHmac, createSecretKey } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type RawHeaders, writeVarint } from '../../../../src/http/index.js';
import { recordedAt, Replay, type ReplayOptionsOf } from '../../../helpers/replaying.js';
import { between, oneOf, seeded } from '../../../helpers/seeded.js';

/*
 * What is told on another day is told back by a replay of that: to the last byte. The documents are made by a seeded
 * generator of our own (helpers/seeded.ts) and not by a library: a failing seed is in the name of the test, and nothing
 * has to shrink, as one document is a few lines. Left out are dates as people write them, which do not say all:
 * 11/12/2026 may be December, 9 Dec is 10 Dec a day later, which may have been 09 Dec, and May is short and long.
 */

interface Document {
  headers: RawHeaders;
  body: Buffer;
}

type Random = () => number;

const day = 86_400;
const secret = createSecretKey(Buffer.from('a shared secret'));
/** Up to 90 days away, at any second or, as often, at a full quarter of an hour. */
const moment = (random: Random): Date => {
  const seconds = Math.floor(recordedAt / 1000) + between(random, -90 * day, 90 * day);
  return new Date(1000 * (random() < 0.5 ? seconds : seconds - (seconds % 900)));
};

const zones = ['Z', '+00:00', '+02:00', '-0800', '+05:30', '-03:00', ''];
const fractions = ['', '.1', '.123', '.123456', ',5', '.000000001'];

const isoTime = (random: Random): string => {
  const at = moment(random).toISOString();
  return `${at.slice(0, 10)}${oneOf(random, ['T', ' '])}${at.slice(11, 19)}${oneOf(random, fractions)}${oneOf(random, zones)}`;
};
const isoDate = (random: Random): string => moment(random).toISOString().slice(0, 10);
const httpDate = (random: Random): string => moment(random).toUTCString();
const basic = (random: Random): string => `${moment(random).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
const epoch = (random: Random): string =>
  String(moment(random).getTime() / 1000) + oneOf(random, ['', '.25', '123', '123456', '123456789']);
const anyTime = (random: Random): string => oneOf(random, [isoTime, isoDate, httpDate, basic])(random);

const still = ['1984-05-06', '4.2026.11', '+43 664 1234567', '10:30', '3.14', 'v2', 'ISO 8601', '2001-01-01T00:00:00Z'];
const space = (random: Random): string => oneOf(random, ['', ' ', '\n  ', '\t']);

function json(random: Random, depth = 0): string {
  const gap = (): string => space(random);
  const kind = between(random, 0, depth > 2 ? 4 : 6);
  if (kind <= 1) return JSON.stringify(anyTime(random));
  if (kind === 2) return JSON.stringify(oneOf(random, still));
  if (kind === 3) return oneOf(random, ['true', 'null', '17', '-1.5e3', '9007199254740993', '"ü\\u00fc\\n"']);
  if (kind === 4 && random() < 0.5) return inParts(random);
  if (kind === 4) return JSON.stringify(`from ${isoDate(random)} to ${isoDate(random)}, see ${url(random)}`);
  const items = Array.from({ length: between(random, 0, 4) }, () => json(random, depth + 1));
  if (kind === 5) return `[${items.map((item) => gap() + item + gap()).join(',')}]`;
  const names = ['created_at', 'due', 'expires', 'note', 'birthday', 'id', 'a b'];
  const members = items.map((item, i) => `${gap()}"${oneOf(random, names)}${i}"${gap()}:${gap()}${item}`);
  return `{${[...members, `"ts":${epoch(random)}`].join(',')}${gap()}}`;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A date in parts, some of them with a zero in front, with its day of the week. */
function inParts(random: Random): string {
  const at = moment(random);
  const [year = '', month = '', day = ''] = at.toISOString().slice(0, 10).split('-');
  const weekday = weekdays[at.getUTCDay()] ?? '';
  if (random() < 0.3)
    return `{"date":[${year},${Number(month)}, ${Number(day)},${at.getUTCHours()},${at.getUTCMinutes()},0]}`;
  if (random() < 0.5) return `{"day":"${day}","month": "${month}","year":"${year}"}`;
  return `{"year":${year},"month": ${Number(month)},"day":${Number(day)},"weekday":"${weekday}"}`;
}

function url(random: Random): string {
  const at = basic(random);
  return `https://files.test/x?X-Amz-Date=${at}&X-Amz-Credential=AK%2F${at.slice(0, 8)}%2Feu%2Fs3%2Faws4_request&exp=${epoch(random).slice(0, 10)}&n=5`;
}

function xml(random: Random): string {
  const rows = Array.from({ length: between(random, 1, 5) }, () => {
    return `<row at="${anyTime(random)}" birthday='1984-05-06'>${space(random)}<d:due>${anyTime(random)}</d:due><n>${oneOf(random, still)}</n></row>`;
  });
  return `<?xml version="1.0"?>\n<rows xmlns:d="urn:d">${rows.join(space(random))}<!-- ${isoDate(random)} --></rows>`;
}

function html(random: Random): string {
  return `<!doctype html><p>Since ${anyTime(random)}, until ${isoDate(random)}.<time datetime="${isoTime(random)}">${isoDate(random)}</time>
    <a href="${url(random).replaceAll('&', '&amp;')}">x</a><script>var a = {"expires": ${epoch(random)}, "b": "${isoTime(random)}"}</script>`;
}

const part = (value: string): string => Buffer.from(value).toString('base64url');

/** Signed, so that only the right signature is the same. */
function jwt(random: Random): string {
  const at = (): string => String(moment(random).getTime() / 1000);
  const signed = `${part('{"alg":"HS256","typ":"JWT"}')}.${part(`{"sub":"ada","iat":${at()}, "exp": ${at()}}`)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function timestamp(random: Random): Buffer {
  const seconds = writeVarint(BigInt(moment(random).getTime() / 1000));
  const nanos = Buffer.concat([Buffer.from([0x10]), writeVarint(BigInt(between(random, 1, 999_999_999)))]);
  return Buffer.concat([Buffer.from([0x08]), seconds, ...(random() < 0.5 ? [nanos] : [])]);
}

function proto(random: Random): Buffer {
  const field = (number: number, bytes: Buffer): Buffer =>
    Buffer.concat([writeVarint(BigInt((number << 3) | 2)), writeVarint(BigInt(bytes.length)), bytes]);
  const inner = Buffer.concat([field(1, timestamp(random)), field(2, Buffer.from(isoTime(random)))]);
  return Buffer.concat([
    field(1, Buffer.from('ada')),
    field(2, timestamp(random)),
    field(3, inner),
    Buffer.from([0x20, 17]),
  ]);
}

const type = (name: string): string[] => ['Content-Type', name];

const documents: Record<string, (random: Random) => Document> = {
  JSON: (random) => ({ headers: type('application/json'), body: Buffer.from(json(random)) }),
  XML: (random) => ({ headers: type('application/xml'), body: Buffer.from(xml(random)) }),
  HTML: (random) => ({ headers: type('text/html; charset=utf-8'), body: Buffer.from(html(random)) }),
  forms: (random) => ({
    headers: type('application/x-www-form-urlencoded'),
    body: Buffer.from(`due=${isoDate(random)}&at=${encodeURIComponent(isoTime(random))}&ts=${epoch(random)}&n=5`),
  }),
  headers: (random) => ({
    headers: [
      'Date',
      httpDate(random),
      'Expires',
      oneOf(random, ['0', httpDate(random)]),
      'Last-Modified',
      httpDate(random),
    ],
    body: Buffer.alloc(0),
  }),
  cookies: (random) => ({
    headers: ['Set-Cookie', `a=1; Expires=${httpDate(random)}; Path=/`, 'Set-Cookie', `b=${epoch(random)}; Max-Age=60`],
    body: Buffer.alloc(0),
  }),
  URLs: (random) => ({
    headers: ['Location', url(random), 'Link', `<${url(random)}>; rel=next`],
    body: Buffer.alloc(0),
  }),
  JWT: (random) => ({ headers: type('application/json'), body: Buffer.from(JSON.stringify({ token: jwt(random) })) }),
  'protobuf Timestamps': (random) => ({ headers: type('application/x-protobuf'), body: proto(random) }),
  'gzipped JSON': (random) => ({
    headers: [...type('application/json'), 'Content-Encoding', 'gzip'],
    body: gzipSync(json(random)),
  }),
};

/** How a document recorded `fromMs` after the start reads `toMs` after it. */
async function told(
  document: Document,
  fromMs: number,
  toMs: number,
  dates: ReplayOptionsOf['dates'],
): Promise<Document> {
  const target = 'http://a.test/';
  const replay = new Replay([{ url: target, responseHeaders: document.headers, answer: document.body, atMs: fromMs }], {
    now: recordedAt + toMs + 1, // answered a millisecond after it was asked
    info: { recordedAt: new Date(recordedAt + fromMs).toISOString() },
    jwtKeys: [{ key: secret }],
    dateWindowDays: 800,
    ...(dates === undefined ? {} : { dates }),
  });
  const { headers, data } = await replay.ask({ url: target, headers: ['Accept-Encoding', 'gzip'] });
  return { headers, body: data };
}

const days = [1, -1, 7, 29, 45, 101, -200, 299];

describe.each(Object.entries(documents))('%s told on another day and back', (name, make) => {
  test.each(days)('over %i days', async (count) => {
    let changed = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const document = make(seeded(seed * 1000 + count));
      for (const dates of ['shift', 'shift-days'] as const) {
        const there = await told(document, 0, count * day * 1000, dates);
        const back = await told(there, count * day * 1000, 0, dates);
        expect([seed, back.headers]).toEqual([seed, document.headers]);
        expect([seed, back.body.toString('latin1')]).toEqual([seed, document.body.toString('latin1')]);
        if (!there.body.equals(document.body) || there.headers.join() !== document.headers.join()) changed += 1;
      }
    }
    expect([name, changed > 2]).toEqual([name, true]);
  });
});

test('readings of a clock keep their distance to any second, there and back', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const at = moment(random).getTime() / 1000;
    const body = Buffer.from(`{"created_at": "${isoTime(random)}", "exp":${at}, "updated": "${basic(random)}"}`);
    const document = { headers: [...type('application/json'), 'Date', httpDate(random)], body };
    const ms = between(random, -250 * day, 250 * day) * 1000;
    const back = await told(await told(document, 0, ms, 'shift'), ms, 0, 'shift');
    expect([seed, back]).toEqual([seed, document]);
  }
});

describe('the calendar', () => {
  const start = Date.parse('2026-11-21T00:00:00Z');
  const movedBy = async (text: string, dayCount: number): Promise<string> => {
    const document = { headers: type('application/json'), body: Buffer.from(JSON.stringify({ on: text })) };
    const from = start - recordedAt;
    const there = await told(document, from, from + dayCount * day * 1000, 'shift');
    const back = await told(there, from + dayCount * day * 1000, from, 'shift');
    expect(back.body.toString()).toBe(document.body.toString());
    return (JSON.parse(there.body.toString()) as { on: string }).on;
  };

  test.each<[string, string, number, string]>([
    ['into a leap day', '2027-03-01', 365, '2028-02-29'],
    ['out of a leap day', '2028-02-29', -366, '2027-02-28'],
    ['over a leap day', '2027-12-31', 60, '2028-02-29'],
    ['over the end of a year', '2026-12-31', 1, '2027-01-01'],
    ['out of summer time: a written offset stays', '2026-10-24T12:00:00+02:00', 2, '2026-10-26T12:00:00+02:00'],
    ['into summer time: the time of day stays', '2027-03-27T09:30:00-08:00', 1, '2027-03-28T09:30:00-08:00'],
    ['into the hour that a change to summer time leaves out', '2027-03-27T02:30:00', 1, '2027-03-28T02:30:00'],
    ['half an hour east', '2026-11-30T18:30:00+05:30', 31, '2026-12-31T18:30:00+05:30'],
    ['the last second of a day', '2026-11-30T23:59:59.999Z', 1, '2026-12-01T23:59:59.999Z'],
    ['a weekday with its date', 'Sat, 28 Nov 2026 08:00:00 GMT', 3, 'Tue, 01 Dec 2026 08:00:00 GMT'],
  ])('%s: %s by %i days', async (_, text, count, expected) => {
    expect(await movedBy(text, count)).toBe(expected);
  });
});

describe('a client whose clock stands at the recording (freeze)', () => {
  const target = 'http://a.test/slots';
  const recorded = {
    url: `${target}?from=2026-11-21&t=1795255200`,
    responseHeaders: [...type('application/json'), 'Date', 'Sat, 21 Nov 2026 10:00:00 GMT'],
    answer: `{"now": "2026-11-21T10:00:00Z", "token": "${jwt(seeded(7))}"}`,
  };
  const replay = (): Replay => new Replay([recorded], { now: recordedAt + 45 * day * 1000, dates: 'freeze' });

  test('gets every time as it was, to the last byte', async () => {
    const { text, headers } = await replay().ask(recorded.url);
    expect([text, headers]).toEqual([recorded.answer, recorded.responseHeaders]);
  });

  test('asks for times as it did then; one that asks by today’s clock is not frozen, and misses', async () => {
    expect((await replay().ask(`${target}?from=2026-11-21&t=1795255202`)).status).toBe(200);
    expect((await replay().ask(`${target}?from=2027-01-05&t=1799143200`)).status).toBe(502);
  });
});
