import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';

test('a stream that had ended before the body was read is an empty body', async () => {
  const stream = new PassThrough();
  stream.resume().end();
  await once(stream, 'end');
  const { data } = await Body.fromReadable(stream).bytes();
  expect(data.length).toBe(0);
});

test('a stream that broke before the body was read fails it with the same error', async () => {
  const stream = new Readable({ read: () => undefined });
  stream.destroy(new Error('broken before'));
  await once(stream, 'error');
  await expect(Body.fromReadable(stream).bytes()).rejects.toThrow('broken before');
});

test('a stream that was closed before its end and before the body was read fails it', async () => {
  const stream = new Readable({ read: () => undefined });
  stream.destroy();
  await once(stream, 'close');
  await expect(Body.fromReadable(stream).bytes()).rejects.toThrow('before its end');
});

test('a stream whose bytes wait to be read gives them all, though no more will come', async () => {
  const stream = new PassThrough();
  stream.end('bytes');
  await once(stream, 'readable');
  expect((await Body.fromReadable(stream).bytes()).data.toString()).toBe('bytes');
});
