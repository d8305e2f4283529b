import { createHash } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeRawZstd } from '../../src/http/zstd.js';
import { json, Replay, recordedAt, type Incoming } from '../helpers/replaying.js';

type File = [name: string, content: Buffer | string, mode?: number];

const base: File[] = [
  ['package/package.json', '{"name":"a","version":"1.0.0"}'],
  ['package/lib/index.js', 'export const a = 1;\n'],
  ['package/logo.bin', Buffer.from([0, 255, 1, 254, 2])],
];

/** A ZIP archive whose entries are as old as `time` says, in its own count. */
function zip(files: readonly File[], time: number, { compress = true } = {}): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, content, mode = 0o100644] of files) {
    const plain = Buffer.from(content);
    const packed = compress ? deflateRawSync(plain) : plain;
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(compress ? 8 : 0, 4);
    head.writeUInt32LE(time, 6);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(plain.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const made = Buffer.from([20, 3]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(mode * 65536, 6);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\u0001\u0002'), made, head, tail, Buffer.from(name));
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), head, Buffer.from(name), packed]);
    locals.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, list, end]);
}

/** A tar archive of ustar's form. */
function tar(files: readonly File[], time: number, { user = 'ada' } = {}): Buffer {
  const blocks = files.flatMap(([name, content, mode = 0o644]) => {
    const data = Buffer.from(content);
    const head = Buffer.alloc(512);
    head.write(name, 0, 'utf8');
    head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    head.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write(`${time.toString(8).padStart(11, '0')}\0`, 136);
    head.write('        0', 148);
    head.write('ustar\u000000', 257);
    head.write(user, 265);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [head, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** With the time in its head. */
function gzip(data: Buffer, time: number, level = 6): Buffer {
  const packed = gzipSync(data, { level });
  packed.writeUInt32LE(time, 4);
  return packed;
}

const url = 'http://files.test/upload';
const put = (body: Buffer, type = 'application/octet-stream'): Incoming => ({
  ...{ method: 'POST', url, headers: ['Content-Type', type], body },
});

async function agree(recorded: Incoming, incoming: Incoming, answer: object | string = 'kept'): Promise<boolean> {
  return (await new Replay([{ ...recorded, answer }]).ask(incoming)).notes.miss === undefined;
}

const makers: [string, (files: readonly File[], time: number) => Buffer][] = [
  ['zip', (files, time) => zip(files, time)],
  ['tar', (files, time) => tar(files, time, { user: `u${time}` })],
  ['tgz', (files, time) => gzip(tar(files, time), time)],
  ['tar.zst', (files, time) => encodeRawZstd(tar(files, time))],
  ['a zip in a zip', (files, time) => zip([['inner.zip', zip(files, time)]], time)],
  ['a tgz in a tar', (files, time) => tar([['inner.tgz', gzip(tar(files, time), time)]], time)],
];

describe.each(makers)('%s, made anew', (_, make) => {
  const recorded = put(make(base, 1000));

  test('is the same where it holds the same', async () => {
    expect(make(base, 1000).equals(make(base, 2000))).toBe(false);
    expect(await agree(recorded, put(make(base, 2000)))).toBe(true);
  });

  test('may have its text laid out anew where a body may', async () => {
    const other: File[] = [['package/package.json', '{ "version": "1.0.0", "name": "a" }'], ...base.slice(1)];
    expect(await agree(recorded, put(make(other, 2000)))).toBe(true);
  });

  test.each<[string, File[]]>([
    ['another content', [['package/package.json', '{"name":"b","version":"1.0.0"}'], ...base.slice(1)]],
    ['another text', [base[0] as File, ['package/lib/index.js', 'export const a = 2;\n'], base[2] as File]],
    ['other bytes', [...base.slice(0, 2), ['package/logo.bin', Buffer.from([0, 255, 1, 254, 3])]]],
    ['another name', [['package/manifest.json', '{"name":"a","version":"1.0.0"}'], ...base.slice(1)]],
    ['an entry fewer', base.slice(1)],
    ['an entry more', [...base, ['package/x', 'x']]],
    ['another order', base.toReversed()],
    ['another mode', [[...(base[0] as File).slice(0, 2), 0o100755] as unknown as File, ...base.slice(1)]],
  ])('is another with %s', async (_what, files) => {
    expect(await agree(recorded, put(make(files, 2000)))).toBe(false);
  });
});

describe('a single file in gzip', () => {
  const log = (n: number): Buffer => Buffer.from(`{"event":"open","n":${n}}\n{"event":"close","n":${n}}\n`);

  test('is what it holds, however hard it was packed', async () => {
    expect(await agree(put(gzip(log(1), 1000)), put(gzip(log(1), 2000, 9)))).toBe(true);
    expect(await agree(put(gzip(log(1), 1000)), put(gzip(log(2), 1000)))).toBe(false);
  });

  test('is none without its coding', async () => {
    expect(await agree(put(gzip(log(1), 1000)), put(log(1)))).toBe(false);
  });

  test('has times and ids in it that move as those of bodies do', async () => {
    const later = 40 * 86_400_000;
    const at = (ms: number): Buffer => gzip(Buffer.from(JSON.stringify({ at: new Date(ms).toISOString() })), ms / 1000);
    const replay = new Replay([{ ...put(at(recordedAt)), answer: 'kept' }], { now: recordedAt + later });
    expect((await replay.ask(put(at(recordedAt + later + 86_400_000)))).status).toBe(502);
    expect((await replay.ask(put(at(recordedAt + later)))).text).toBe('kept');
  });
});

test('an archive in a part of a form, and one in base64 within JSON, are compared by what they hold', async () => {
  const form = (data: Buffer): Incoming =>
    put(
      Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="a.zip"\r\n\r\n'),
        data,
        Buffer.from('\r\n--b--\r\n'),
      ]),
      'multipart/form-data; boundary=b',
    );
  const publish = (data: Buffer, version = 1): Incoming => ({
    ...{ method: 'POST', url, headers: json },
    body: JSON.stringify({
      version,
      shasum: createHash('sha1').update(data).digest('hex'),
      data: data.toString('base64'),
    }),
  });
  const other = zip(base.slice(1), 2000);
  expect(await agree(form(zip(base, 1000)), form(zip(base, 2000)))).toBe(true);
  expect(await agree(form(zip(base, 1000)), form(other))).toBe(false);
  expect(await agree(publish(gzip(tar(base, 1), 1)), publish(gzip(tar(base, 2), 2)))).toBe(true);
  expect(await agree(publish(gzip(tar(base, 1), 1)), publish(gzip(tar(base, 2), 2), 2))).toBe(false);
});

test('a miss says in which entry an archive differs', async () => {
  const other: File[] = [['package/package.json', '{"name":"b","version":"1.0.0"}'], ...base.slice(1)];
  const replay = new Replay([{ ...put(gzip(tar(base, 1), 1)), answer: 'kept' }]);
  const { notes } = await replay.ask(put(gzip(tar(other, 2), 2)));
  expect(notes.miss).toMatchObject({
    nearest: { differences: [{ where: 'body gzip entry[0] json $.name', recorded: 'a', incoming: 'b' }] },
  });
});

test('one that is packed otherwise is the same, and one that is damaged is compared by its bytes', async () => {
  expect(await agree(put(zip(base, 1000)), put(zip(base, 2000, { compress: false })))).toBe(true);
  for (const broken of [zip(base, 2000).subarray(0, -30), gzip(tar(base, 2000), 2000).subarray(0, -9)]) {
    expect(await agree(put(zip(base, 1000)), put(broken))).toBe(false);
    expect(await agree(put(broken), put(broken))).toBe(true);
  }
});

test('its digest comes back as that of the archive that was sent, and a download is that archive', async () => {
  const sha = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  const [then, today] = [zip(base, 1000), zip(base, 2000)];
  const replay = new Replay([
    { ...put(then), answer: { sha256: sha(then) } },
    { url: `${url}/1`, answer: then, responseHeaders: ['Content-Type', 'application/zip'] },
  ]);
  expect((await replay.ask(put(today))).json()).toEqual({ sha256: sha(today) });
  expect((await replay.ask(`${url}/1`)).data.equals(today)).toBe(true);
});
