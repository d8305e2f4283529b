import { describe, expect, test } from 'vitest';
import { header } from '../../../../src/http/index.js';
import { Replay, recordedAt } from '../../../helpers/replaying.js';

const url = 'http://shop.test/page';
const days = 45;
const now = recordedAt + days * 86_400_000;

async function told(answer: string | object, type = 'application/json', headers: string[] = []): Promise<string> {
  const replay = new Replay([{ url, answer, responseHeaders: ['Content-Type', type, ...headers], waitMs: 0 }], { now });
  return (await replay.ask(url)).text;
}

/** What looks like a time and is none, or is one that never moves. */
const lookAlikes: object[] = [
  { brand: 'visa', last4: '4242', exp_month: 11, exp_year: 2027, card: { expiryYear: 2027, expiryMonth: 1 } },
  { birth: { year: 2026, month: 1, day: 2 }, film: { year: 1994, month: 11, day: 21 }, year: 2026, month: 13, day: 40 },
  { openOn: 'Saturday', day: 'Saturday', updatedAt: '1999-11-20', dates: [2026, 11], sizes: [2026, 11, 21] },
  { country: 'SA', code: 'Sat', when: '1999-11-20', note: 'Sat' },
  { birthday: '2026-03-14', dateOfBirth: '1984-05-06', born: '2026-01-01', dob: '2026-02-02' },
  { releaseYear: 2026, year: 2026, released: '2026-06-01', copyright: '2026-01-01' },
  { apiVersion: '2026-10-01', version: '2026.11.21', build: 20261121, schema_version: 1795255200 },
  { id: 1795255200, orderId: 1795255200123, user_id: '1795255200', ids: [1795255201, 1795255202] },
  { phone: '1795255200', mobile: 1795255200, tel: '+1 795 255 2000', fax: '1795255200' },
  { price: 1795255200, amount: 1795255200.5, totalCost: 1795255200, balance: 1795255200 },
  { size: 1795255200, bytes: 1795255200, contentLength: 1795255200, count: 1795255200 },
  { isbn: '9783161484100', ean: '1795255200123', gtin: 1795255200123, imei: '1795255200123456', sku: '1795255200' },
  { iban: 'AT611795255200234573201', card: '4111111111111111', postalCode: '1795255200' },
  { value: 1700000000, other: 1893456000, text: 'call 1795255200 now', digits: '17952552' },
  { old: '1999-12-31T23:59:59Z', epoch: '1970-01-01T00:00:00Z', far: '2099-01-01', never: '9999-12-31' },
  { ip: '192.168.0.1', time: '12:30', range: '2026-13-45', ratio: '16:9', coordinates: [48.208174, 16.373819] },
  { n: 816948000, value: 816948000.5, order: '134397288001234567', count: '639308520000000000', id: 816948000 },
  {
    hash: '1795255200a1b2c3d4e5f60718293a4b5c6d7e8f',
    token: 'x1795255200',
    uuid: '17952552-0012-4345-8678-901234567890',
  },
];

describe('what looks like a time but is none stays as it is', () => {
  test.each(lookAlikes.map((value) => [JSON.stringify(value)]))('%s', async (text) => {
    expect(await told(text)).toBe(text);
  });

  test('in text and markup', async () => {
    const page =
      '<p>Version 2026.11.21, order 1795255200, © 2026, tel. 0664 1795255200</p><img src="/i/1795255200.png" width="1795255200">';
    const plain = 'born 1984-05-06, build 20261121, 1795255200 items, 3.1.2026-11';
    expect(await told(page, 'text/html')).toBe(page);
    expect(await told(plain, 'text/plain')).toBe(plain);
  });

  test('in headers', async () => {
    const headers = [
      'X-Request-Id',
      '1795255200',
      'X-Api-Version',
      '2026-10-01',
      'ETag',
      '"1795255200"',
      'X-Total-Count',
      '1795255200',
    ];
    const replay = new Replay([{ url, answer: 'x', responseHeaders: headers }], { now });
    expect((await replay.ask(url)).headers).toEqual(headers);
  });
});

describe('a time moves in its own format', () => {
  test('in parts, as numbers, texts and names', async () => {
    expect(await told('{"year":2026, "month": 11,"day":21,"dayOfWeek":"SATURDAY"}')).toBe(
      '{"year":2027, "month": 1,"day":5,"dayOfWeek":"TUESDAY"}',
    );
    expect(
      await told({
        due: { year: '2026', month: '09', day: '08' },
        from_year: 2026,
        from_month: 'November',
        from_day: 30,
      }),
    ).toBe('{"due":{"year":"2026","month":"10","day":"23"},"from_year":2027,"from_month":"January","from_day":14}');
    expect(await told({ year: 2026, month: 11, total: 5 })).toBe('{"year":2027,"month":1,"total":5}');
  });

  test('in an array, as Java’s time classes are written', async () => {
    expect(
      await told({ date: [2026, 11, 21], createdAt: [2026, 11, 21, 10, 0, 7, 123456789], sizes: [2026, 11, 21] }),
    ).toBe('{"date":[2027,1,5],"createdAt":[2027,1,5,10,0,7,123456789],"sizes":[2026,11,21]}');
  });

  test('with the day of the week that a member beside it names', async () => {
    expect(
      await told([
        { date: '2026-11-21', weekday: 'Saturday' },
        { jour: 'dimanche', date: '2026-11-22' },
      ]),
    ).toBe('[{"date":"2027-01-05","weekday":"Tuesday"},{"jour":"mercredi","date":"2027-01-06"}]');
    expect(await told({ date: '2026-11-21', weekday: 'Monday', openOn: 'Sunday' })).toBe(
      '{"date":"2027-01-05","weekday":"Monday","openOn":"Sunday"}',
    );
  });

  test('as a month, a whole day of a calendar, a cell of a table', async () => {
    expect(await told('Report for November 2026, after 21 Nov', 'text/plain')).toBe(
      'Report for January 2027, after 21 Nov',
    );
    expect(await told('DTSTART;VALUE=DATE:20261122', 'text/calendar')).toBe('DTSTART;VALUE=DATE:20270106');
    expect(await told('id,at\n1,1795255200\n1795255200000;2', 'text/csv')).toBe('id,at\n1,1799143200\n1799143200000;2');
  });

  test('in JSON, with all else to the byte', async () => {
    const text =
      '{ "at" : "2026-11-21T10:00:00.123+02:00",\n  "n": 1.50, "exp":1795258800, "day": "2026-11-22" , "ü":"\\u00fc" }';
    expect(await told(text)).toBe(
      '{ "at" : "2027-01-05T10:00:00.123+02:00",\n  "n": 1.50, "exp":1799146800, "day": "2027-01-06" , "ü":"\\u00fc" }',
    );
  });

  test('as people and calendars write it', async () => {
    expect(await told({ a: '/Date(1795255207000+0200)/', due: '20261123', month: '2026-11', week: '2026-W47' })).toBe(
      '{"a":"/Date(1799143207000+0200)/","due":"20270107","month":"2027-01","week":"2027-W01"}',
    );
    expect(await told({ us: '11/21/2026 10:00 PM', eu: '21.11.2026', de: '21. November 2026' })).toBe(
      '{"us":"01/05/2027 10:00 PM","eu":"05.01.2027","de":"5. Januar 2027"}',
    );
  });

  test('as Swift, .NET, Windows and LDAP count it', async () => {
    expect(
      await told(
        '{"createdAt":816948007.25,"ticks":639308520070000000,"pwdLastSet":"134397288070000000","last_visit_time":13439728807000000}',
      ),
    ).toBe(
      '{"createdAt":820836007.25,"ticks":639347400070000000,"pwdLastSet":"134436168070000000","last_visit_time":13443616807000000}',
    );
    expect(await told('<lastWriteTime>134397288070000000</lastWriteTime><n>134397288080000000</n>', 'text/xml')).toBe(
      '<lastWriteTime>134436168070000000</lastWriteTime><n>134397288080000000</n>',
    );
  });

  test('as the last moment of a day, which stays the last', async () => {
    expect(await told({ ends: '2026-11-21T23:59:59Z', till: '2026-11-22T22:59:59.999Z', to: 1795305599999 })).toBe(
      '{"ends":"2027-01-05T23:59:59Z","till":"2027-01-06T22:59:59.999Z","to":1799193599999}',
    );
  });

  test('in JSON within events and lines, by its name there', async () => {
    const events = 'id: 1\ndata: {"n": 1795255207, "ts": 1795255207000, "birthday": "2026-03-14"}\n\n';
    expect(await told(events, 'text/event-stream')).toBe(
      'id: 1\ndata: {"n": 1799143207, "ts": 1799143207000, "birthday": "2026-03-14"}\n\n',
    );
  });

  test('in XML, HTML, forms and playlists', async () => {
    expect(await told('<a t="2026-11-21T10:00:07Z"><d>2026-11-22</d></a>', 'application/xml')).toBe(
      '<a t="2027-01-05T10:00:07Z"><d>2027-01-06</d></a>',
    );
    expect(await told('<i data-ts="1795255207">Sat, 21 Nov 2026 10:00:07 GMT</i>', 'text/html')).toBe(
      '<i data-ts="1799143207">Tue, 05 Jan 2027 10:00:07 GMT</i>',
    );
    expect(await told('a=1&expires=1795258807', 'application/x-www-form-urlencoded')).toBe('a=1&expires=1799146807');
    expect(await told('#EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:07.5Z\n', 'application/vnd.apple.mpegurl')).toBe(
      '#EXT-X-PROGRAM-DATE-TIME:2027-01-05T10:00:07.5Z\n',
    );
  });

  test('in headers, cookies and signed URLs, and not what lies outside the window', async () => {
    const replay = new Replay(
      [
        {
          url,
          waitMs: 0,
          responseHeaders: [
            ...['Expires', 'Sun, 22 Nov 2026 10:00:00 GMT', 'X-RateLimit-Reset', '1795255230'],
            ...['Set-Cookie', 'sid=1; Expires=Sat, 28 Nov 2026 10:00:00 GMT; Path=/'],
            ...['Set-Cookie', 'old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
            ...['Location', 'https://s3.test/f?X-Amz-Date=20261121T100000Z&Expires=1795258800&v=1795258800'],
          ],
        },
      ],
      { now },
    );
    const { headers } = await replay.ask(url);
    expect(headers.filter((_, i) => i % 2 === 1)).toEqual([
      'Wed, 06 Jan 2027 10:00:00 GMT',
      '1799143230',
      'sid=1; Expires=Tue, 12 Jan 2027 10:00:00 GMT; Path=/',
      'old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      'https://s3.test/f?X-Amz-Date=20270105T100000Z&Expires=1799146800&v=1799146800',
    ]);
  });

  test('with the lengths and digests of the body right again, compressed or not', async () => {
    const { createHash } = await import('node:crypto');
    const { gzipSync, gunzipSync } = await import('node:zlib');
    const body = '{"at":"2026-11-21T10:00:07Z"}';
    const wire = gzipSync(body);
    const md5 = (data: Buffer): string => createHash('md5').update(data).digest('hex');
    const responseHeaders = [
      ...['Content-Type', 'application/json', 'Content-Encoding', 'gzip', 'Content-Length', String(wire.length)],
      ...['ETag', `"${md5(wire)}"`],
    ];
    const replay = new Replay(
      [{ url, headers: ['Accept-Encoding', 'gzip'], answer: wire, responseHeaders, waitMs: 0 }],
      {
        now,
      },
    );
    const answer = await replay.ask({ url, headers: ['Accept-Encoding', 'gzip'] });
    expect(gunzipSync(answer.data).toString()).toBe('{"at":"2027-01-05T10:00:07Z"}');
    expect(header(answer.headers, 'content-length')).toBe(String(answer.data.length));
    expect(header(answer.headers, 'etag')).toBe(`"${md5(answer.data)}"`);
  });

  test('of full hours and dates by whole days, of clocks by the second', async () => {
    const half = now + 3 * 3_600_000 + 17_000;
    const answer = { opens: '2026-11-22T18:30:00Z', created_at: '2026-11-21T10:00:00Z', day: '2026-11-21' };
    const replay = new Replay([{ url, answer, atMs: 0, waitMs: 0 }], { now: half });
    expect((await replay.ask(url)).json()).toEqual({
      opens: '2027-01-06T18:30:00Z',
      created_at: '2027-01-05T13:00:17Z',
      day: '2027-01-05',
    });
  });

  test('not at all with dates "off"', async () => {
    const answer = '{"at":"2026-11-21T10:00:07Z"}';
    const replay = new Replay([{ url, answer, responseHeaders: ['Content-Type', 'application/json'] }], {
      now,
      dates: 'off',
    });
    expect((await replay.ask(url)).text).toBe(answer);
  });
});

describe('a JSON Web Token', () => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issued = recordedAt / 1000;
  const jwt = `${encode({ alg: 'HS256' })}.${encode({ sub: 'ada', iat: issued, exp: issued + 3600 })}.c2lnbmF0dXJl`;
  const exchanges = [
    { method: 'POST', url: `${url}/login`, answer: { token: jwt }, atMs: 0, waitMs: 0 },
    { url, headers: ['Authorization', `Bearer ${jwt}`], answer: 'Hello ada' },
  ];

  test('has times of today in it, and is known when it comes back', async () => {
    const replay = new Replay(exchanges, { now });
    const { token } = (await replay.ask({ method: 'POST', url: `${url}/login` })).json() as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toEqual({ sub: 'ada', iat: now / 1000, exp: now / 1000 + 3600 });
    expect((await replay.ask({ url, headers: ['Authorization', `Bearer ${token}`] })).text).toBe('Hello ada');
    const forged = `${token.slice(0, -4)}AAAA`;
    expect((await replay.ask({ url, headers: ['Authorization', `Bearer ${forged}`] })).status).toBe(502);
  });

  test('is signed again where the key is known', async () => {
    const { createSecretKey, createHmac } = await import('node:crypto');
    const replay = new Replay(exchanges, { now, jwtKeys: [{ key: createSecretKey(Buffer.from('secret')) }] });
    const { token } = (await replay.ask({ method: 'POST', url: `${url}/login` })).json() as { token: string };
    const [head = '', payload = '', signature] = token.split('.');
    expect(signature).toBe(createHmac('sha256', 'secret').update(`${head}.${payload}`).digest('base64url'));
    expect((await replay.ask({ url, headers: ['Authorization', `Bearer ${token}`] })).text).toBe('Hello ada');
  });
});
