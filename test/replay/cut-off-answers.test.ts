import { describe, expect, test } from 'vitest';
import { decodeContentStart, encodeContent, header } from '../../src/http/index.js';
import { Client, recordedAt, Replay, type Recorded } from '../helpers/replaying.js';

const url = 'https://api.test/events';
const gone = (bytesReceived: number): Recorded['error'] => ({
  ...{ kind: 'aborted', phase: 'response', message: 'the client went away', bytesReceived },
});
const later = recordedAt + 45 * 86_400_000;

/** What came of an answer until the replay waited for the client to go. */
async function beginning(replay: Replay, incoming: Parameters<Replay['ask']>[0]): Promise<Buffer> {
  const client = new Client();
  const chunks: Buffer[] = [];
  const answer = await replay.open(incoming, client);
  await new Promise<void>((resolve) => {
    answer.body.pipe({
      open: () => undefined,
      chunk: (data) => {
        chunks.push(data);
        resolve();
      },
      end: () => resolve(),
      error: () => resolve(),
    });
  });
  client.goAway();
  return Buffer.concat(chunks);
}

describe('an answer that the client did not read to its end', () => {
  const events = 'data: {"at":"2026-11-21T10:00:00Z","for":"3fa85f64-5717-4562-b3fc-2c963f66afa6"}\n\n';
  const recordedFor = `${url}?clientId=3fa85f64-5717-4562-b3fc-2c963f66afa6`;
  const askedFor = `${url}?clientId=0b8a1e55-9c1d-4a6e-8f43-7d2b6c5e9a10`;

  test.each(['identity', 'gzip', 'deflate', 'br', 'zstd'])(
    'tells its times and ids anew, coded as %s',
    async (coding) => {
      const answer = encodeContent(Buffer.from(events), coding);
      const headers = ['Content-Type', 'text/event-stream', 'Content-Encoding', coding];
      const replay = new Replay(
        [{ url: recordedFor, status: 200, waitMs: 0, answer, responseHeaders: headers, error: gone(answer.length) }],
        {
          now: later,
        },
      );
      const incoming = { url: askedFor, headers: ['Accept-Encoding', coding] };
      const data = decodeContentStart(await beginning(replay, incoming), coding);
      expect(data?.toString()).toBe(
        'data: {"at":"2027-01-05T10:00:00Z","for":"0b8a1e55-9c1d-4a6e-8f43-7d2b6c5e9a10"}\n\n',
      );
    },
  );

  test('announces as much as was announced, and keeps its length right where a time becomes longer', async () => {
    const answer = 'Saved on 21 Nov 2026, ';
    const headers = ['Content-Type', 'text/plain', 'Content-Length', '100'];
    const replay = new Replay(
      [{ url, status: 200, waitMs: 0, answer, responseHeaders: headers, error: gone(answer.length) }],
      {
        now: later,
      },
    );
    const told = await replay.open(url, new Client());
    const grown = (await beginning(replay, url)).length - answer.length;
    expect(header(told.headers, 'content-length')).toBe(String(100 + grown));
  });
});

describe('a failure that was recorded', () => {
  const cut = (bytesReceived: number): Recorded['error'] => ({
    ...{ kind: 'closed', phase: 'response', message: 'closed early', bytesReceived },
  });

  test('has been given when the client went away with it: the next request gets what followed', async () => {
    const replay = new Replay([
      { url, status: 200, answer: 'ab', error: cut(1) },
      { url, answer: 'ab' },
    ]);
    const client = new Client();
    await expect(replay.ask(url, client)).rejects.toThrow('closed early');
    client.goAway(); // as the proxy reports it once the connection is cut
    expect((await replay.ask(url)).text).toBe('ab');
  });

  test('as a hang that the client gave up has been given when the client gives up again', async () => {
    const replay = new Replay([
      { url, error: { kind: 'aborted', phase: 'response', message: 'client left' } },
      { url, answer: 'at last' },
    ]);
    const client = new Client();
    const hanging = replay.ask(url, client);
    hanging.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.goAway();
    await expect(hanging).rejects.toThrow('went away');
    expect((await replay.ask(url)).text).toBe('at last');
  });
});
