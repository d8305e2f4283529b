import { expect, test } from 'vitest';
import type { Interceptor } from '../../src/http/index.js';
import { startProxy } from '../helpers/engine.js';
import { responseOf } from '../helpers/exchange.js';

/** Reads the body only once it is told to, and answers with it, or with why it could not be read. */
async function lateReader() {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const outcomes: string[] = [];
  let tell: () => void = () => undefined;
  const read = new Promise<void>((resolve) => (tell = resolve));
  const interceptor: Interceptor = async ({ request }) => {
    await released;
    const outcome = await request.body.bytes().then(
      ({ data, trailers }) => `${data.toString()}+${trailers.join()}`,
      (error: Error) => `failed: ${error.message}`,
    );
    outcomes.push(outcome);
    tell();
    return responseOf(outcome, { headers: ['Content-Length', String(outcome.length)] });
  };
  const proxy = await startProxy({ interceptors: [interceptor] });
  return { proxy, release, read, outcomes };
}

const head = (framing: string): string => `POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\n${framing}\r\n\r\n`;

test.each([
  ['an empty chunked body', `${head('Transfer-Encoding: chunked')}0\r\n\r\n`, '+'],
  ['an empty chunked body with a trailer', `${head('Transfer-Encoding: chunked')}0\r\nX-Sum: 7\r\n\r\n`, '+X-Sum,7'],
  ['a chunked body', `${head('Transfer-Encoding: chunked')}5\r\nbytes\r\n0\r\n\r\n`, 'bytes+'],
  ['a body of a length', `${head('Content-Length: 5')}bytes`, 'bytes+'],
  ['a body of no length', head('Content-Length: 0'), '+'],
  ['no body', head('Accept: */*'), '+'],
])('%s that was over before somebody read it is over', async (_name, request, expected) => {
  const { proxy, release } = await lateReader();
  const connection = await proxy.connect();
  connection.write(request);
  await expect.poll(() => proxy.exchanges.length).toBe(1);
  release();
  expect(await connection.body(await connection.head())).toBe(expected);
});

test('a body whose client went away before somebody read it fails', async () => {
  const { proxy, release, read, outcomes } = await lateReader();
  const connection = await proxy.connect();
  connection.write(`${head('Transfer-Encoding: chunked')}5\r\nbytes\r\n`);
  await expect.poll(() => proxy.exchanges.length).toBe(1);
  const gone = new Promise((resolve) => proxy.exchanges[0]?.onAbort(resolve));
  connection.socket.resetAndDestroy();
  await gone;
  release();
  await read;
  expect(outcomes).toEqual([expect.stringContaining('failed: ')]);
});
