import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { fromHarEntry } from '../../src/har/from-har-entry.js';
import type { HarEntry } from '../../src/har/har.js';
import { readHar } from '../../src/har/har-reader.js';
import { type HarHead, recordingHead, writeHar } from '../../src/har/har-writer.js';
import type { ExchangeRecord } from '../../src/record/exchange-record.js';
import { toHarEntry } from '../../src/record/to-har-entry.js';
import { harSchemaErrors } from '../helpers/har-schema.js';
import { recordingInfo } from '../helpers/recording.js';
import { between, oneOf, seeded, textOf } from '../helpers/seeded.js';
import { tempFolder } from '../helpers/temp-folder.js';

const info = recordingInfo();

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'random exchanges make a HAR that the schema of HAR 1.2 allows, and come back exactly from pieces of any size (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const records = Array.from({ length: 50 }, (_, index) => randomRecord(random, index));
    const har = await buffer(
      writeHar(
        recordingHead(info),
        records.map((record) => toHarEntry(record)),
      ),
    );
    expect(harSchemaErrors(JSON.parse(har.toString()))).toEqual([]);
    const { head, entries } = await read(cut(har, () => between(random, 1, oneOf(random, [3, 100, 10_000]))));
    expect(head._proxyctl).toEqual(info);
    expect(entries).toHaveLength(records.length);
    for (const [position, entry] of entries.entries()) {
      const { request, response, error, tunnel, index, startedAt } = records[position] as ExchangeRecord;
      const recorded = fromHarEntry(entry, position);
      expect(recorded).toMatchObject({
        index,
        method: request.method,
        url: request.url,
        httpVersion: request.httpVersion,
      });
      expect(recorded.startedAt).toBeCloseTo(startedAt, 2);
      expect(recorded.headers).toEqual(request.headers);
      expect(recorded.trailers).toEqual(request.trailers);
      expect(recorded.error).toEqual(error);
      expect(recorded.tunnel).toEqual(tunnel);
      if (response === undefined) {
        expect(recorded.response).toBeUndefined();
        continue;
      }
      expect(recorded.response).toMatchObject({ status: response.status, reason: response.reason });
      expect(recorded.response?.headers).toEqual(response.headers);
      expect(recorded.response?.trailers).toEqual(response.trailers);
      expect(recorded.response?.informational).toEqual(response.informational ?? []);
    }
  },
);

test('a HAR of another tool is read: any layout and order, things left out, pseudo-headers dropped', async () => {
  const har = {
    log: {
      entries: [
        {
          startedDateTime: '2026-11-21T03:04:05.678+01:00',
          time: 12,
          _initiator: { type: 'script' },
          request: {
            method: 'GET',
            url: 'https://example.com/',
            httpVersion: 'h2',
            headers: [
              { name: ':authority', value: 'example.com' },
              { name: 'accept', value: '*/*' },
            ],
          },
          response: { status: 200, statusText: '', httpVersion: 'http/2.0', content: { size: 2, text: '[]' } },
          timings: { send: 1, wait: 2, receive: 3 },
        },
        {
          startedDateTime: '2026-11-21T03:04:06Z',
          request: { method: 'GET', url: 'https://example.com/gone' },
          response: { status: 0, _error: 'x' },
          _error: 'net::ERR_CONNECTION_REFUSED',
        },
      ],
      creator: { name: 'WebInspector', version: 537.36 },
      'a "key" with \\ and [ in it': '{"entries":[',
      version: '1.1',
    },
  };
  for (const indent of [undefined, 1, '\t']) {
    const { head, entries } = await read([Buffer.from(`\ufeff${JSON.stringify(har, null, indent)}\r\n`)]);
    expect(head).toMatchObject({ version: '1.1', creator: { name: 'WebInspector', version: '537.36' } });
    const [first, second] = entries.map((entry, position) => fromHarEntry(entry, position));
    expect(first).toMatchObject({
      index: 0,
      httpVersion: 'HTTP/2.0',
      headers: ['accept', '*/*'],
      response: { status: 200, headers: [], decoded: true, body: { text: '[]' } },
    });
    expect(second).toMatchObject({ index: 1, error: { kind: 'refused', phase: 'connect' } });
    expect(second?.response).toBeUndefined();
  }
});

describe('a damaged HAR is refused with its name, the place and what to do', () => {
  const one =
    '{"startedDateTime":"2026-11-21T03:04:05Z","request":{"method":"GET","url":"http://a/"},"response":{"status":200}}';
  const cases: [string, string, RegExp][] = [
    ['empty', '', /it is empty/],
    ['HTML', '<html><body>404</body></html>', /it is not JSON/],
    ['another JSON', '{"openapi":"3.1.0"}', /it is not a HAR: log/],
    ['no entries', '{"log":{"version":"1.2"}}', /it is not a HAR: log\.entries/],
    [
      'cut within an entry',
      `{"log":{"entries":[${one},${one.slice(0, 50)}`,
      /it ends in the middle \(at byte \d+, after 1 whole entry\)/,
    ],
    ['cut within a string', `{"log":{"entries":[${one}],"comment":"abc`, /it ends in the middle/],
    ['cut after an entry', `{"log":{"entries":[${one},`, /it ends in the middle \(at byte \d+, after 1 whole entry\)/],
    ['cut after the entries', `{"log":{"entries":[${one}]`, /it ends in the middle/],
    [
      'broken entry',
      `{"log":{"entries":[${one},{"request":nonsense}]}}`,
      /it is not JSON: .*at byte 133, after 1 whole entry/,
    ],
    [
      'entry without a request',
      `{"log":{"entries":[{"startedDateTime":"x"}]}}`,
      /entry 0 is not one of HAR 1\.2: .*request/,
    ],
    [
      'null for a request',
      `{"log":{"entries":[${one.replace(/"request":\{.*?\}/, '"request":null')}]}}`,
      /entry 0 is not one/,
    ],
    ['numbers for entries', '{"log":{"entries":[1,2]}}', /an entry is not an object/],
    ['strings for entries', '{"log":{"entries":["a"]}}', /an entry is not an object/],
    [
      'a hash that is a path',
      `{"log":{"entries":[${one.replace('200', '200,"content":{"_sha256":"../../x"}')}]}}`,
      /entry 0 is not one/,
    ],
    ['text after the end', `{"log":{"entries":[${one}]}} {}`, /it is not JSON/],
    ['a bracket too many', `{"log":{"entries":[${one}]}}]`, /a bracket too many/],
    ['NUL bytes', `{"log":{"entries":[${one},\0\0\0\0`, /it ends in the middle/],
  ];
  test.each(cases)('%s', async (_, har, message) => {
    const folder = await tempFolder();
    const path = join(folder, 'broken.har');
    await writeFile(path, har);
    const entries: HarEntry[] = [];
    const failure = readHar(createReadStream(path), { name: path, onEntry: (entry) => entries.push(entry) });
    await expect(failure).rejects.toMatchObject({
      code: 'PROXYCTL_RECORDING_CORRUPT',
      message: expect.stringMatching(message) as string,
      hint: expect.stringContaining('record the test again') as string,
    });
    await expect(failure).rejects.toThrow(path);
  });

  test('one that is too large', async () => {
    const source = Readable.from([Buffer.from('{"log":{"entries":['), Buffer.alloc(2000, ' ')]);
    await expect(readHar(source, { name: 'x.har', maxBytes: 1000, onEntry: () => undefined })).rejects.toMatchObject({
      code: 'PROXYCTL_RECORDING_CORRUPT',
      message: expect.stringContaining('over 1.0 kB') as string,
    });
  });

  test('one that is not there', async () => {
    const path = join(await tempFolder(), 'none.har');
    await expect(readHar(createReadStream(path), { name: path, onEntry: () => undefined })).rejects.toMatchObject({
      code: 'PROXYCTL_STORE',
    });
  });

  test('any cut of a whole HAR', async () => {
    const random = seeded(9);
    const records = Array.from({ length: 3 }, (_, index) => randomRecord(random, index));
    const har = await text(
      writeHar(
        recordingHead(info),
        records.map((record) => toHarEntry(record)),
      ),
    );
    for (let i = 0; i < 200; i++) {
      const length = between(random, 0, har.trimEnd().length - 1);
      await expect(read([Buffer.from(har.slice(0, length))])).rejects.toMatchObject({
        code: 'PROXYCTL_RECORDING_CORRUPT',
      });
    }
  });
});

test('a HAR without entries is one', async () => {
  expect((await read([await buffer(writeHar(recordingHead(info), []))])).entries).toEqual([]);
});

async function read(chunks: Iterable<Buffer>): Promise<{ head: HarHead; entries: HarEntry[] }> {
  const entries: HarEntry[] = [];
  const head = await readHar(Readable.from(chunks), { name: 'test.har', onEntry: (entry) => entries.push(entry) });
  return { head, entries };
}

function* cut(data: Buffer, size: () => number): Generator<Buffer> {
  for (let from = 0; from < data.length;) {
    const to = Math.min(data.length, from + size());
    yield data.subarray(from, to);
    from = to;
  }
}

/** Names and values of any bytes that HTTP lets through, in any case and number. */
function randomHeaders(random: () => number): string[] {
  return Array.from({ length: between(random, 0, 8) }, () => {
    const name = oneOf(random, [
      'Host',
      'hOST',
      'X-A',
      'x-a',
      'X-a',
      'Cookie',
      'Set-Cookie',
      'Location',
      'content-type',
      '__proto__',
    ]);
    return [name, textOf(random, 'abc =;,"\\{}[]/\t\u00e9\u00ff\u0080', 20)];
  }).flat();
}

function randomRecord(random: () => number, index: number): ExchangeRecord {
  const maybe = <T>(value: () => T): T | undefined => (random() < 0.3 ? value() : undefined);
  const response = {
    status: oneOf(random, [200, 204, 301, 404, 599]),
    reason: oneOf(random, ['', 'OK', 'N\u00e9', '"\\']),
    httpVersion: oneOf(random, ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'] as const),
    headers: randomHeaders(random),
    trailers: maybe(() => randomHeaders(random)),
    informational: maybe(() => [{ status: 103, headers: randomHeaders(random) }]),
  };
  return {
    id: `exchange-${index}`,
    index,
    sessionId: 'session-1',
    startedAt: Date.UTC(2026, 10, 21) + random() * 1e6,
    timings: { requestSent: random() * 10, responseStart: random() * 100 },
    request: {
      method: oneOf(random, ['GET', 'POST', 'PROPFIND', "M-SEARCH'"]),
      url: `https://h.example/${textOf(random, 'ab/?&=%[]{}"\\\u00e9', 30)}`,
      httpVersion: oneOf(random, ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0']),
      headers: randomHeaders(random),
      trailers: maybe(() => randomHeaders(random)),
    },
    ...(random() < 0.8
      ? { response }
      : { error: { kind: 'reset', phase: 'response', message: 'the connection was reset', bytesReceived: 0 } }),
  };
}
