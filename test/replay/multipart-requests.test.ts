import { describe, expect, test } from 'vitest';
import { Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

const url = 'http://mail.test/messages';
const uuids = ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '9c2e71b5-0d34-4a8f-8e6b-7a1d5c4f3b20'] as const;

type Part = [headers: string[], content: string];

/** A request with these parts. */
function multipart(
  subtype: string,
  parts: readonly Part[],
  { end = '\r\n', boundary = 'b1', more = '' } = {},
): Incoming {
  return {
    method: 'POST',
    url,
    headers: ['Content-Type', `multipart/${subtype}; boundary=${boundary}${more}`],
    body: bodyOf(parts, { end, boundary }),
  };
}

function bodyOf(parts: readonly Part[], { end = '\r\n', boundary = 'b1' } = {}): string {
  const pieces = parts.map(([headers, content]) => [`--${boundary}`, ...headers, '', content, ''].join(end));
  return `${pieces.join('')}--${boundary}--${end}`;
}

const form = (parts: readonly Part[], options = {}): Incoming => multipart('form-data', parts, options);
const field = (name: string, content = 'x', ...headers: string[]): Part => [
  [`Content-Disposition: form-data; name="${name}"`, ...headers],
  content,
];
const related = (parts: readonly Part[], more = ''): Incoming => multipart('related', parts, { more });
const image = (id: string, content: string): Part => [['Content-Type: image/png', `Content-ID: <${id}>`], content];
const page = (...ids: string[]): Part => [
  ['Content-Type: text/html'],
  ids.map((id) => `<img src="cid:${id}">`).join(''),
];

/** Whether `incoming` gets the answer of `recorded`, when that alone is in the recording. */
async function agree(recorded: Incoming, incoming: Incoming, answer: Recorded['answer'] = 'right'): Promise<boolean> {
  const replay = new Replay([{ ...recorded, answer }]);
  return (await replay.ask(incoming)).notes.miss === undefined;
}

describe('a multipart request differs in meaning', () => {
  const ranged = (range: string): Incoming =>
    multipart('byteranges', [[['Content-Type: text/plain', `Content-Range: bytes ${range}/20`], 'abc']]);
  const nested = (content: string, id = 'a'): Incoming =>
    form([
      field(
        'files',
        bodyOf([[[`Content-ID: <${id}>`], content]], { boundary: 'in' }),
        'Content-Type: multipart/mixed; boundary=in',
      ),
    ]);
  test.each<[string, Incoming, Incoming]>([
    [
      'in the ids of its parts, swapped',
      related([page('logo', 'photo'), image('logo', '1'), image('photo', '2')]),
      related([page('logo', 'photo'), image('photo', '1'), image('logo', '2')]),
    ],
    [
      'in random ids of its parts, swapped',
      related([page(...uuids), image(uuids[0], '1'), image(uuids[1], '2')]),
      related([page(...uuids), image(uuids[1], '1'), image(uuids[0], '2')]),
    ],
    ['in one id', related([image('logo', '1')]), related([image('photo', '1')])],
    ['in an id that one has', related([image('logo', '1')]), related([[['Content-Type: image/png'], '1']])],
    [
      'in the root that it names',
      related([image('a', '1'), image('b', '2')]),
      related([image('a', '1'), image('b', '2')], '; start="<b>"'),
    ],
    ['in a header of its own', form([field('a', '1', 'X-Kind: draft')]), form([field('a', '1', 'X-Kind: final')])],
    ['in a header that one has', form([field('a', '1', 'X-Kind: draft')]), form([field('a', '1')])],
    ['in its coding', form([field('a', 'YWJj', 'Content-Transfer-Encoding: base64')]), form([field('a', 'YWJj')])],
    [
      'in what is coded',
      form([field('a', 'YWJj', 'Content-Transfer-Encoding: base64')]),
      form([field('a', 'YWJk', 'Content-Transfer-Encoding: base64')]),
    ],
    [
      'in how a part is to be shown',
      multipart('mixed', [[['Content-Disposition: inline'], 'x']]),
      multipart('mixed', [[['Content-Disposition: attachment'], 'x']]),
    ],
    [
      'in a parameter of its disposition',
      multipart('mixed', [[['Content-Disposition: attachment; filename=a; size=10'], 'x']]),
      multipart('mixed', [[['Content-Disposition: attachment; filename=a; size=11'], 'x']]),
    ],
    [
      'in a parameter of its type',
      form([field('a', '1', 'Content-Type: text/plain; format=flowed')]),
      form([field('a', '1')]),
    ],
    ['in its type', form([field('a', '1', 'Content-Type: text/csv')]), form([field('a', '1')])],
    [
      'in its description',
      form([field('a', '1', 'Content-Description: one')]),
      form([field('a', '1', 'Content-Description: two')]),
    ],
    ['in the range of a part', ranged('0-2'), ranged('3-5')],
    ['in a part within a part', nested('one'), nested('two')],
    ['in an id of a part within a part', nested('one', 'a'), nested('one', 'b')],
    [
      'in the order of parts without a name',
      multipart('mixed', [
        [[], '1'],
        [[], '2'],
      ]),
      multipart('mixed', [
        [[], '2'],
        [[], '1'],
      ]),
    ],
    [
      'in an extended file name',
      form([[["Content-Disposition: form-data; name=f; filename*=UTF-8''na%C3%AFve.txt"], 'x']]),
      form([[["Content-Disposition: form-data; name=f; filename*=UTF-8''naive.txt"], 'x']]),
    ],
    ['in a part more', form([field('a')]), form([field('a'), field('a')])],
    ['with lines that end in LF', form([field('a', '1')], { end: '\n' }), form([field('a', '2')], { end: '\n' })],
    ['in the kind of multipart', multipart('mixed', [[[], '1']]), multipart('related', [[[], '1']])],
  ])('%s', async (_, recorded, incoming) => {
    expect(await agree(recorded, recorded)).toBe(true);
    expect([await agree(recorded, incoming), await agree(incoming, recorded)]).toEqual([false, false]);
  });
});

describe('a multipart request is the same', () => {
  const wrapped = 'eyJhIjoxLCJiIjoiYSBsb25nZXIgdGV4dCJ9';
  test.each<[string, Incoming, Incoming]>([
    [
      'with lines that end in LF',
      form([field('a', '1'), field('b', '2')]),
      form([field('a', '1'), field('b', '2')], { end: '\n' }),
    ],
    [
      'without what is the default',
      form([field('a', '1')]),
      form([field('a', '1', 'Content-Type: text/plain', 'Content-Transfer-Encoding: 7bit')]),
    ],
    [
      'with headers in another order and case',
      form([field('a', '1', 'X-A: 1', 'X-B: 2')]),
      form([field('a', '1', 'x-b: 2', 'X-a:1')]),
    ],
    ['with a folded header', form([field('a', '1', 'X-A: one two')]), form([field('a', '1', 'X-A: one\r\n  two')])],
    [
      'with base64 in other lines',
      form([field('a', wrapped, 'Content-Transfer-Encoding: base64')]),
      form([field('a', `${wrapped.slice(0, 20)}\r\n${wrapped.slice(20)}`, 'Content-Transfer-Encoding: BASE64')]),
    ],
    [
      'with quoted-printable in other lines',
      form([field('a', 'caf=C3=A9 au lait', 'Content-Transfer-Encoding: quoted-printable')]),
      form([field('a', 'caf=C3=\r\n=A9 au lait', 'Content-Transfer-Encoding: quoted-printable')]),
    ],
    [
      'with the first part named as root',
      related([image('a', '1'), image('b', '2')]),
      related([image('a', '1'), image('b', '2')], '; start="<a>"'),
    ],
    [
      'with JSON laid out anew in a part',
      multipart('mixed', [[['Content-Type: application/json'], '{"a":1,"b":2}']]),
      multipart('mixed', [[['Content-Type: application/json'], '{ "b": 2, "a": 1 }']]),
    ],
    [
      'with a preamble, an epilogue and white space behind delimiters',
      form([field('a', '1')]),
      {
        ...form([]),
        body: `to read\r\n--b1 \r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b1--\t\r\nthe end`,
      },
    ],
    [
      'with a part whose content begins like a delimiter',
      form([field('a', '--b12\r\n--b1x')]),
      form([field('a', '--b12\r\n--b1x')], { boundary: 'b1' }),
    ],
    [
      'with a file name in both forms',
      form([
        [['Content-Disposition: form-data; name=f; filename="na_ve.txt"; filename*=UTF-8\'\'na%C3%AFve.txt'], 'x'],
      ]),
      form([[['Content-Disposition: form-data; name=f; filename="naïve.txt"'], 'x']]),
    ],
  ])('%s', async (_, recorded, incoming) => {
    expect([await agree(recorded, incoming), await agree(incoming, recorded)]).toEqual([true, true]);
  });
});

describe('the id of a part that is made anew', () => {
  const mtom = (id: string, bytes = 'image'): Incoming =>
    related(
      [
        [['Content-Type: application/xop+xml', `Content-ID: <root.${id}>`], `<a><i href="cid:${id}"/></a>`],
        image(id, bytes),
      ],
      `; start="<root.${id}>"`,
    );

  test.each([
    ['a UUID', `${uuids[0]}@cxf.apache.org`, `${uuids[1]}@cxf.apache.org`],
    ['a number', 'img-4711', 'img-5832'],
    ['a clock and a count', '0.1795255200123.1@app', '0.1795255200777.1@app'],
    ['a random fraction', 'part.k3j9x2@mail', 'part.z8q1m7@mail'],
  ])('is another one, with what refers to it: %s', async (_, one, other) => {
    expect(await agree(mtom(one), mtom(other))).toBe(true);
    expect(await agree(mtom(one), mtom(other, 'another'))).toBe(false);
  });

  test('is no other where what refers to it stays', async () => {
    const loose = (id: string): Incoming => related([page('img-4711'), image(id, '1')]);
    expect(await agree(loose('img-4711'), loose('img-5832'))).toBe(false);
  });

  test('comes back in the answer', async () => {
    const batch = (id: string): Incoming =>
      multipart('mixed', [[['Content-Type: application/http', `Content-ID: <${id}>`], 'GET /farm/v1/animals/pony']]);
    const replay = new Replay([{ ...batch('item-4711'), answer: 'Content-ID: <response-item-4711>' }]);
    expect((await replay.ask(batch('item-5832'))).text).toBe('Content-ID: <response-item-5832>');
  });
});
