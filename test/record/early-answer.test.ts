import { constants } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { HarEntry } from '../../src/har/har.js';
import type { TestProxy } from '../helpers/engine.js';
import { answerOf, H2Origin, h2Through, reset } from '../helpers/h2.js';
import { recordLive, replaying } from '../helpers/web-socket.js';

/** A backend that answers as soon as it has the head of a request, and hangs up. */
class HastyOrigin {
  readonly #server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('close', () => this.left());
    socket.once('data', () => socket.end('HTTP/1.1 201 Created\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone'));
  });
  /** Called when a connection is over. */
  left: () => void = () => undefined;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void this.#server.close());
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
}

/** Sends the head, then what `between` waits for, and only then the body. Gives the status. */
async function post(proxy: TestProxy, authority: string, body: string, between?: Promise<void>): Promise<string> {
  const { socket } = await proxy.connect();
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.write(
    `POST http://${authority}/orders HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await between;
  socket.write(body);
  const status = (await answer).toString().slice(9, 12);
  socket.destroy();
  return status;
}

test('a request is recorded whole although its answer came before its body', async () => {
  const origin = new HastyOrigin();
  const authority = await origin.start();
  const entries = await recordLive(async (proxy) => {
    const answered = new Promise<void>((resolve) => (origin.left = resolve));
    expect(await post(proxy, authority, '{"amount":10}', answered)).toBe('201');
  });
  expect(sentBy(entries[0])).toBe('{"amount":10}');
  const { proxy } = await replaying(entries);
  expect(await post(proxy, authority, '{"amount":20}')).toBe('502');
  expect(await post(proxy, authority, '{"amount":10}')).toBe('201');
});

test('a request that nobody was there to take is recorded whole', async () => {
  const entries = await recordLive(async (proxy) => {
    expect(await post(proxy, '127.0.0.1:1', '{"amount":10}')).toBe('502');
  });
  expect(entries[0]?._error).toContain('refused');
  expect(sentBy(entries[0])).toBe('{"amount":10}');
  const { proxy, replayer } = await replaying(entries);
  expect(await post(proxy, '127.0.0.1:1', '{"amount":10}')).toBe('502');
  expect(replayer.misses()).toEqual([]);
});

test('an answer whose client resets the rest of its request once it has it all is recorded whole', async () => {
  const origin = await H2Origin.start(
    ({ stream }) => {
      stream.respond({ ':status': 201 });
      stream.end('done');
    },
    { plain: true },
  );
  const entries = await recordLive(async (proxy) => {
    const session = await h2Through(proxy, origin.authority, 'plain');
    for (const code of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]) {
      const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
      stream.write('half of it');
      stream.once('end', () => reset(stream, code));
      expect((await answerOf(stream)).body.toString()).toBe('done');
    }
  });
  expect(entries.map(({ _error, response }) => [_error, response.status, response.content.text])).toEqual([
    [undefined, 201, 'done'],
    [undefined, 201, 'done'],
  ]);
  expect(entries.map(({ _proxyctl }) => _proxyctl?.requestTruncated)).toEqual([true, true]);
});

function sentBy(entry: HarEntry | undefined): string | undefined {
  expect(entry?._proxyctl?.requestTruncated).toBeUndefined();
  return entry?.request.postData?.text;
}
