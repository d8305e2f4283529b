import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { pack, packedHead, unpack, unpackWhole } from '../../src/store/packing.js';

const trial = 64 * 1024;
const sizes = [0, 1, 1023, 1024, trial - 1, trial, trial + 1, 5 * trial + 3];

describe('a body that is packed comes back as it was', () => {
  test.each(sizes)('of %i bytes: text, noise, gzip of the wire, and one that looks packed itself', async (size) => {
    const text = Buffer.alloc(size, 'the same words again ');
    const bodies = [text, randomBytes(size), gzipSync(text), Buffer.concat([packedHead, randomBytes(size)])];
    for (const body of [...bodies, await packed(text), await packed(await packed(text))]) {
      for (const chunk of [7919, body.length + 1]) {
        const stored = await packed(body, chunk);
        expect((await buffer(unpack(inChunks(stored, chunk), 'x'))).equals(body)).toBe(true);
        expect((await unpackWhole(stored, 'x')).equals(body)).toBe(true);
      }
    }
  });
});

test('any tool that knows gzip unpacks it', async () => {
  const text = Buffer.alloc(200_000, 'the same words again ');
  const stored = await packed(text);
  expect(stored.length).toBeLessThan(5000);
  expect(gunzipSync(stored).equals(text)).toBe(true);
});

test('what was compressed before stays as it is, bit for bit', async () => {
  const wire = gzipSync(Buffer.from(randomBytes(100_000).toString('hex')));
  expect((await packed(wire)).equals(wire)).toBe(true);
});

test('one that was altered or cut off is named, and is not the program’s fault', async () => {
  const stored = await packed(Buffer.from(randomBytes(100_000).toString('hex')));
  for (const damaged of [
    stored.subarray(0, -20),
    stored.subarray(0, 30),
    stored.with(500, (stored[500] ?? 0) ^ 0xff),
  ]) {
    const expected = {
      code: 'PROXYCTL_RECORDING_CORRUPT',
      message: expect.stringContaining('bodies/x was altered') as string,
    };
    const data = Buffer.from(damaged);
    await expect(unpackWhole(data, 'bodies/x')).rejects.toMatchObject(expected);
    await expect(buffer(unpack(inChunks(data, 1000), 'bodies/x'))).rejects.toMatchObject(expected);
  }
});

test('a source that fails says so itself, on either way', async () => {
  async function* broken(head: Buffer): AsyncGenerator<Buffer> {
    yield await Promise.resolve(head);
    throw new Error('the disk is gone');
  }
  const text = Buffer.alloc(4 * trial, 'words ');
  await expect(buffer(pack(broken(text)))).rejects.toThrow('the disk is gone');
  await expect(buffer(unpack(broken((await packed(text)).subarray(0, 50)), 'x'))).rejects.toThrow('the disk is gone');
});

test('a stream of it that is destroyed ends with its own error', async () => {
  for (const body of [randomBytes(4 * trial), Buffer.alloc(4 * trial, 'words ')]) {
    const stream = Readable.from(unpack(pack(inChunks(body, 5000)), 'x'), { objectMode: false });
    for (let chunks = 0; chunks < 3; chunks++) {
      await once(stream, 'readable');
      stream.read();
    }
    const told = new Promise((resolve) => stream.once('error', resolve));
    stream.destroy(new Error('the upload failed'));
    expect(await told).toMatchObject({ message: 'the upload failed' });
  }
});

test('whoever stops reading gives up the source', async () => {
  let given = 0;
  let closed = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        given += 1;
        yield await Promise.resolve(Buffer.from(randomBytes(32_768).toString('hex')));
      }
    } finally {
      closed += 1;
    }
  }
  const stored = pack(endless());
  let read = 0;
  for await (const chunk of unpack(stored as AsyncIterable<Buffer>, 'x')) {
    read += chunk.length;
    if (read > 1_000_000) break;
  }
  await expect.poll(() => closed).toBe(1);
  expect(given).toBeLessThan(100);
});

test('much passes without being held', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'a line of a log that repeats itself\n');
  const times = 256;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let i = 0; i < times; i++) yield await Promise.resolve(chunk);
  }
  const before = process.memoryUsage().arrayBuffers;
  const hash = createHash('sha256');
  let [length, peak] = [0, 0];
  for await (const part of unpack(pack(chunks()), 'x')) {
    length += part.length;
    hash.update(part);
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  expect(length).toBe(times * chunk.length);
  expect(peak - before).toBeLessThan(64 * 1024 * 1024);
}, 60_000);

function packed(body: Buffer, chunk = body.length + 1): Promise<Buffer> {
  return buffer(pack(inChunks(body, chunk)));
}

async function* inChunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield await Promise.resolve(data.subarray(at, at + size));
}
