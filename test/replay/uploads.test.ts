import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { header } from '../../src/http/index.js';
import { crc32 } from '../../src/replay/request/digest/crc.js';
import { json, recordedAt, Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

/* What a test uploads is made anew on each run: its bytes are others, and so is every digest of them. */

const host = 'http://store.test';
const now = recordedAt + 3_600_000;
const noise = (seed: string, size = 600): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
      createHash('sha256')
        .update(seed + i)
        .digest(),
    ),
  ).subarray(0, size);
const [then, live] = [noise('then'), noise('live')];
const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const md5 = (data: Buffer): Buffer => createHash('md5').update(data).digest();
const octets = ['Content-Type', 'application/octet-stream'];

/** Asks for each of `expected` in turn, and wants its answer. */
async function expectAnswers(recorded: Recorded[], expected: Recorded[]): Promise<void> {
  const replay = new Replay(recorded, { now });
  for (const each of expected) {
    const { status, data, headers } = await replay.ask(each);
    const answer = each.answer ?? '';
    const bytes = Buffer.isBuffer(answer)
      ? answer
      : Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer));
    expect([status, data.toString('latin1')]).toEqual([each.status ?? 200, bytes.toString('latin1')]);
    for (const name of ['etag', 'docker-content-digest', 'x-amz-checksum-crc32', 'content-length', 'range'])
      if (header(each.responseHeaders ?? [], name) !== undefined)
        expect(header(headers, name)).toBe(header(each.responseHeaders ?? [], name));
  }
  expect(replay.replayer.misses()).toEqual([]);
}

const bucket = (data: Buffer): Recorded[] => [
  {
    ...{
      method: 'PUT',
      url: `${host}/bucket/key`,
      headers: [...octets, 'Content-MD5', md5(data).toString('base64')],
      body: data,
    },
    responseHeaders: ['ETag', `"${md5(data).toString('hex')}"`, 'x-amz-checksum-crc32', crc32(data).toString('base64')],
  },
  {
    ...{ method: 'HEAD', url: `${host}/bucket/key` },
    responseHeaders: ['Content-Length', String(data.length), 'ETag', `"${md5(data).toString('hex')}"`],
  },
  {
    url: `${host}/bucket/key`,
    answer: data,
    responseHeaders: [...octets, 'Content-Length', String(data.length), 'ETag', `"${md5(data).toString('hex')}"`],
  },
  {
    url: `${host}/bucket?list`,
    answer: `<ETag>&quot;${md5(data).toString('hex')}&quot;</ETag><Size>${data.length}</Size><MaxKeys>600</MaxKeys>`,
  },
];

const registry = (data: Buffer): Recorded[] => {
  const digest = `sha256:${sha256(data)}`;
  const manifest = JSON.stringify({ schemaVersion: 2, layers: [{ digest, size: data.length }] });
  const named = ['Docker-Content-Digest', `sha256:${sha256(manifest)}`];
  return [
    { method: 'HEAD', url: `${host}/v2/app/blobs/${digest}`, status: 404 },
    {
      method: 'POST',
      url: `${host}/v2/app/blobs/uploads/`,
      status: 202,
      responseHeaders: ['Location', '/v2/app/blobs/uploads/17'],
    },
    {
      ...{ method: 'PATCH', url: `${host}/v2/app/blobs/uploads/17`, headers: octets, body: data, status: 202 },
      responseHeaders: ['Range', `0-${data.length - 1}`],
    },
    {
      method: 'PUT',
      url: `${host}/v2/app/blobs/uploads/17?digest=${encodeURIComponent(digest)}`,
      status: 201,
      responseHeaders: ['Docker-Content-Digest', digest],
    },
    {
      method: 'PUT',
      url: `${host}/v2/app/manifests/v1`,
      headers: ['Content-Type', 'application/vnd.oci.image.manifest.v1+json'],
      body: manifest,
      status: 201,
      responseHeaders: named,
    },
    { url: `${host}/v2/app/manifests/v1`, answer: manifest, responseHeaders: named },
    { url: `${host}/v2/app/blobs/${digest}`, answer: data, responseHeaders: ['Docker-Content-Digest', digest] },
  ];
};

const lfs = (data: Buffer): Recorded[] => {
  const object = { oid: sha256(data), size: data.length };
  return [
    {
      method: 'POST',
      url: `${host}/objects/batch`,
      headers: json,
      body: JSON.stringify({ operation: 'upload', objects: [object] }),
      answer: { objects: [{ ...object, actions: { upload: { href: `${host}/put/${object.oid}` } } }] },
    },
    { method: 'PUT', url: `${host}/put/${object.oid}`, headers: octets, body: data },
    { url: `${host}/get/${object.oid}`, answer: data },
  ];
};

const form = (data: Buffer): Recorded[] => {
  const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), data, Buffer.from('\r\n--b--\r\n')]);
  return [
    {
      method: 'POST',
      url: `${host}/files`,
      headers: ['Content-Type', 'multipart/form-data; boundary=b'],
      body,
      status: 201,
      answer: { sha256: sha256(data), size: data.length },
    },
    { url: `${host}/files/a.bin`, answer: data },
  ];
};

const note = (data: Buffer): Recorded[] => {
  const text = data.toString('base64');
  return [
    { method: 'PUT', url: `${host}/dav/note.txt`, headers: ['Content-Type', 'text/plain'], body: text, status: 201 },
    { url: `${host}/dav/note.txt`, answer: text, responseHeaders: ['Content-Type', 'text/plain'] },
  ];
};

describe('bytes that are uploaded stand for the recorded ones, in their digests and downloads:', () => {
  test.each<[string, (data: Buffer) => Recorded[]]>([
    ['an object in a bucket', bucket],
    ['a blob and its manifest in a registry', registry],
    ['Git LFS', lfs],
    ['a file in a form', form],
    ['a text over WebDAV', note],
  ])('%s', async (_, flow) => {
    await expectAnswers(flow(then), flow(live));
    await expectAnswers(flow(then), flow(noise('longer', 900)));
    await expectAnswers(flow(then), flow(noise('shorter', 331)));
  });

  test('another size of something that was not uploaded is a miss', async () => {
    const order = (size: number): Incoming => ({
      ...{ method: 'POST', url: `${host}/orders`, headers: json, body: JSON.stringify({ shirt: 'blue', size }) },
    });
    const replay = new Replay([...bucket(then), { ...order(41), status: 201 }], { now });
    expect((await replay.ask(order(42))).status).toBe(502);
    expect((await replay.ask(order(41))).status).toBe(201);
  });
});

describe('contents that mean something are a miss where others were recorded:', () => {
  const classify = (data: Buffer): Incoming => ({
    method: 'POST',
    url: `${host}/classify`,
    headers: octets,
    body: data,
  });
  test('a question with bytes', async () => {
    const replay = new Replay([{ ...classify(then), answer: { is: 'a cat' } }], { now });
    expect((await replay.ask(classify(live))).status).toBe(502);
  });

  test('what was refused', async () => {
    const put = (data: Buffer): Incoming => ({ method: 'PUT', url: `${host}/a`, headers: octets, body: data });
    expect((await new Replay([{ ...put(then), status: 413 }], { now }).ask(put(live))).status).toBe(502);
  });

  test('a text that is put and never read again', async () => {
    const put = (body: string): Incoming => ({
      method: 'PUT',
      url: `${host}/mode`,
      headers: ['Content-Type', 'text/plain'],
      body,
    });
    expect(
      (await new Replay([put('a mode for reading only')], { now }).ask(put('a mode for writing too!'))).status,
    ).toBe(502);
  });
});
