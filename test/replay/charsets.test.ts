import { deflateRawSync, deflateSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeContent, decodeContent, header } from '../../src/http/index.js';
import { Replay, recordedAt, type Incoming, type Recorded } from '../helpers/replaying.js';

const url = 'http://files.test/notes';
const now = recordedAt + 45 * 86_400_000;
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const utf32le = (text: string): Buffer =>
  Buffer.concat(
    Array.from(text, (char) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(char.codePointAt(0) ?? 0);
      return bytes;
    }),
  );
const marked = (mark: string, bytes: Buffer): Buffer => Buffer.concat([Buffer.from(mark, 'hex'), bytes]);

/** What a response of these bytes is told as, 45 days later. */
async function told(answer: Buffer, type: string): Promise<Buffer> {
  const replay = new Replay([{ url, answer, responseHeaders: ['Content-Type', type], waitMs: 0 }], { now });
  return (await replay.ask(url)).data;
}

const wide: [string, string, (text: string) => Buffer][] = [
  ['UTF-16LE by the header', 'charset=utf-16le', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16BE by the header', 'charset=UTF-16BE', utf16be],
  ['UTF-16LE by its mark', '', (text) => marked('fffe', Buffer.from(text, 'utf16le'))],
  ['UTF-16BE by its mark', 'charset=utf-16', (text) => marked('feff', utf16be(text))],
  ['UTF-16BE without a mark', 'charset=utf-16', utf16be],
  ['UTF-16LE that nothing names', '', (text) => Buffer.from(text, 'utf16le')],
  [
    'UTF-16LE with a mark that contradicts the header',
    'charset=utf-8',
    (text) => marked('fffe', Buffer.from(text, 'utf16le')),
  ],
  ['UTF-32LE by its mark', '', (text) => marked('fffe0000', utf32le(text))],
  ['UTF-8 with a mark', '', (text) => marked('efbbbf', Buffer.from(text))],
];

describe('dates of an answer move in its own charset:', () => {
  test.each(wide)('%s', async (_, charset, encode) => {
    const json = (day: string): string => `{"due":"${day}","name":"naïve ☂ 🎈","n":1}`;
    const xml = (day: string): string => `<a due="${day}">naïve ☂ 🎈</a>`;
    const type = (essence: string): string => (charset === '' ? essence : `${essence}; ${charset}`);
    expect(await told(encode(json('2026-11-22')), type('application/json'))).toEqual(encode(json('2027-01-06')));
    expect(await told(encode(xml('2026-11-22')), type('text/xml'))).toEqual(encode(xml('2027-01-06')));
  });

  test.each([
    ['iso-8859-1', 'e9'],
    ['windows-1252', 'e280'.slice(2)],
    ['windows-1251', 'ffd1'],
    ['shift_jis', '835c955c'],
    ['euc-jp', 'b4c1bbfa'],
    ['gb18030', 'd6d0cec4'],
    ['big5', 'a440a5c5'],
    ['iso-2022-jp', '1b2442344135761b2842'],
  ])('%s, whose other bytes stay', async (charset, hex) => {
    const page = (day: string): Buffer =>
      Buffer.concat([Buffer.from(`{"name":"`), Buffer.from(hex, 'hex'), Buffer.from(`","due":"${day}"}`)]);
    expect(await told(page('2026-11-22'), `application/json; charset=${charset}`)).toEqual(page('2027-01-06'));
  });

  test('one that the document names', async () => {
    const page = (day: string): Buffer =>
      Buffer.concat([
        Buffer.from('<?xml version="1.0" encoding="Shift_JIS"?><a n="'),
        Buffer.from('835c', 'hex'),
        Buffer.from(`" due="${day}"/>`),
      ]);
    expect(await told(page('2026-11-22'), 'text/xml')).toEqual(page('2027-01-06'));
  });

  test('where the bytes are not of the charset that is named', async () => {
    const page = (day: string): Buffer => Buffer.concat([Buffer.from([0xc3, 0x28]), Buffer.from(` due ${day}`)]);
    expect(await told(page('2026-11-22'), 'text/plain; charset=utf-8')).toEqual(page('2027-01-06'));
    const odd = Buffer.concat([Buffer.from('due 2026-11-22', 'utf16le'), Buffer.from([0x41])]);
    expect((await told(odd, 'text/plain; charset=utf-16le')).subarray(0, -1).toString('utf16le')).toBe(
      'due 2027-01-06',
    );
  });

  test('and data with zeros stays data', async () => {
    const data = Buffer.concat([Buffer.from([0, 1, 0, 2, 0, 0]), Buffer.from('2026-11-22')]);
    expect(await told(data, 'application/x-own')).toEqual(data);
    expect(await told(data, 'text/plain; charset=utf-8')).toEqual(data);
  });
});

describe('a request', () => {
  const ids = ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '9c2e71b5-0d34-4a8f-8e6b-7a1d5c4f3b20'] as const;
  const note = (id: string, text = 'naïve', charset = 'utf-16le'): Incoming => ({
    ...{ method: 'POST', url, headers: ['Content-Type', `application/json; charset=${charset}`] },
    body: Buffer.from(JSON.stringify({ id, text }), charset === 'utf-8' ? 'utf8' : 'utf16le'),
  });
  const recorded: Recorded = {
    ...note(ids[0]),
    answer: utf16be(`{"id":"${ids[0]}"}`),
    responseHeaders: ['Content-Type', 'application/json; charset=utf-16be'],
  };

  test('in UTF-16 is compared by what it says, and its ids come back in the charset of the answer', async () => {
    const replay = new Replay([recorded]);
    expect((await replay.ask(note(ids[1]))).data).toEqual(utf16be(`{"id":"${ids[1]}"}`));
    expect((await new Replay([recorded]).ask(note(ids[0], 'other'))).status).toBe(502);
  });

  test('in another charset is the same where it says the same', async () => {
    expect((await new Replay([recorded]).ask(note(ids[0], 'naïve', 'utf-8'))).status).toBe(200);
  });

  test('in latin 1 differs where its letters do', async () => {
    const text = (byte: number): Incoming => ({
      ...{ method: 'POST', url, headers: ['Content-Type', 'text/plain; charset=iso-8859-1'] },
      body: Buffer.from([0x61, byte, 0x62]),
    });
    const replay = new Replay([{ ...text(0xe9), answer: 'é' }]);
    expect((await replay.ask(text(0xe8))).status).toBe(502);
    expect((await replay.ask(text(0xe9))).text).toBe('é');
  });

  test('has parts of a form in the charset that the form names', async () => {
    const form = (charset: string, bytes: number[]): Incoming => ({
      ...{ method: 'POST', url, headers: ['Content-Type', 'multipart/form-data; boundary=b'] },
      body: Buffer.concat([
        Buffer.from(`--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n${charset}\r\n`),
        Buffer.from('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
        Buffer.from(bytes),
        Buffer.from('\r\n--b--\r\n'),
      ]),
    });
    const replay = new Replay([{ ...form('iso-8859-1', [0xe9]), answer: 'é' }]);
    expect((await replay.ask(form('iso-8859-1', [0xe9]))).text).toBe('é');
    expect((await replay.ask(form('iso-8859-1', [0xe8]))).status).toBe(502);
  });
});

describe('an answer is coded as it was', () => {
  const text = (day: string): Buffer => Buffer.from(`{"due":"${day}","pad":"${'x'.repeat(200)}"}`);
  const coded = async (coding: string, wire: Buffer): Promise<{ data: Buffer; coding: string | undefined }> => {
    const responseHeaders = ['Content-Type', 'application/json', 'Content-Encoding', coding];
    const replay = new Replay([{ url, answer: wire, responseHeaders, waitMs: 0 }], { now });
    const { data, headers } = await replay.ask({ url, headers: ['Accept-Encoding', 'gzip, deflate, br, zstd'] });
    expect(header(headers, 'content-length') ?? String(data.length)).toBe(String(data.length));
    return { data, coding: header(headers, 'content-encoding') };
  };

  test.each(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'br, gzip'])('%s', async (coding) => {
    const { data, coding: said } = await coded(coding, encodeContent(text('2026-11-22'), coding));
    expect([said, decodeContent(data, coding)?.toString()]).toEqual([coding, text('2027-01-06').toString()]);
  });

  test('in deflate of its own form', async () => {
    const { data: raw } = await coded('deflate', deflateRawSync(text('2026-11-22')));
    expect(inflateRawSync(raw)).toEqual(text('2027-01-06'));
    const { data: zlib } = await coded('deflate', deflateSync(text('2026-11-22')));
    expect(inflateSync(zlib)).toEqual(text('2027-01-06'));
    const { data: both } = await coded('deflate, gzip', gzipSync(deflateRawSync(text('2026-11-22'))));
    expect(inflateRawSync(decodeContent(both, 'gzip') ?? both)).toEqual(text('2027-01-06'));
  });
});
