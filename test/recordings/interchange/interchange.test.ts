import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Body } from '../../../src/http/index.js';
import { publishJournal } from '../../../src/record/publish.js';
import { exportHar, exportHarZip } from '../../../src/recordings/interchange/export-har.js';
import { exportMitm } from '../../../src/recordings/interchange/export-mitm.js';
import { exportOpenapi } from '../../../src/recordings/interchange/export-openapi.js';
import { importFile } from '../../../src/recordings/interchange/import-file.js';
import { folderStore } from '../../../src/store/folder-store.js';
import { openRecording } from '../../../src/store/open-recording.js';
import type { Recording } from '../../../src/store/recording.js';
import { fromHarEntry } from '../../../src/har/from-har-entry.js';
import { recordExchange, recordingInfo, startRecording } from '../../helpers/recording.js';
import { harSchemaErrors } from '../../helpers/har-schema.js';
import { exchangeOf } from '../../helpers/exchange.js';
import { createReplayer } from '../../../src/replay/replayer.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const key = { testId: 'imported', appVersion: 'default' };

async function made(): Promise<Recording> {
  const root = await tempFolder();
  const { recorder, folder, info } = await startRecording(join(root, 'journal'), recordingInfo());
  const packed = gzipSync('{"users":[{"id":1,"name":"Ann"}]}');
  await recordExchange(recorder, 0, {
    request: { target: '/users/17?page=2' },
    response: {
      headers: [
        'Content-Type',
        'application/json',
        'Content-Encoding',
        'gzip',
        'Content-Length',
        String(packed.length),
      ],
      body: Body.of(packed),
    },
  });
  await recordExchange(recorder, 1, {
    request: {
      method: 'POST',
      target: '/users',
      headers: ['Content-Type', 'application/json'],
      body: Body.of('{"name":"Bo","age":4}'),
    },
    response: {
      status: 201,
      reason: 'Created',
      headers: ['Content-Type', 'application/json'],
      body: Body.of('{"id":2}'),
    },
  });
  await recordExchange(recorder, 2, {
    request: { target: '/picture' },
    response: {
      headers: ['Content-Type', 'image/png', 'X-Twice', 'a', 'X-Twice', 'b'],
      body: Body.of(Buffer.alloc(300_000, 0xfe)),
    },
  });
  await recorder.close();
  const store = folderStore(join(root, 'store'));
  await publishJournal(folder, store);
  return openRecording(store, info);
}

async function written(name: string, content: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  const path = join(await tempFolder(), name);
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

async function imported(path: string): Promise<{ recording: Recording; lostBodies: number }> {
  const root = await tempFolder();
  const store = folderStore(join(root, 'store'));
  const { recordingId, lostBodies } = await importFile(path, { key, store, journalDir: join(root, 'journal') });
  return { recording: await openRecording(store, { ...key, recordingId }), lostBodies };
}

/** What replay goes by. */
async function essence(recording: Recording) {
  const body: Recording['body'] = (content) => recording.body(content);
  return Promise.all(
    recording.entries.map(async (entry) => {
      const { method, url, headers, body: sent, response } = fromHarEntry(entry);
      const answer = (await body(response?.body)).toString('latin1');
      return {
        method,
        url,
        headers,
        sent: (await body(sent)).toString('latin1'),
        status: response?.status,
        answered: response?.headers,
        answer,
      };
    }),
  );
}

describe('what was exported and imported again is the same', () => {
  test('as HAR, as a ZIP archive and as flows of mitmproxy: lines, headers in their order, bodies to the byte', async () => {
    const recording = await made();
    const before = await essence(recording);
    for (const [name, content] of [
      ['a.har', exportHar(recording)],
      ['a.zip', exportHarZip(recording)],
      ['a.mitm', exportMitm(recording)],
    ] as const) {
      const { recording: after, lostBodies } = await imported(await written(name, content));
      expect(lostBodies).toBe(0);
      expect(await essence(after), name).toEqual(before);
      expect(after.info.recordedAt).toBe(new Date(recording.entries[0]?._proxyctl?.startedAt ?? 0).toISOString());
    }
  });
});

test('what is published and what is exported as HAR is what the schema of HAR 1.2 allows', async () => {
  const recording = await made();
  const exported = JSON.parse((await buffer(exportHar(recording))).toString()) as { log: { entries: unknown[] } };
  expect(exported.log.entries).toHaveLength(3);
  expect(harSchemaErrors(exported)).toEqual([]);
  expect(harSchemaErrors({ log: { ...exported.log, entries: recording.entries } })).toEqual([]);
  expect(harSchemaErrors({ log: { ...exported.log, entries: [{ ...recording.entries[0], request: {} }] } })).toContain(
    "/log/entries/0/request must have required property 'method'",
  );
});

test('OpenAPI tells paths with their ids as parameters, queries, statuses and the schemas of JSON', async () => {
  const document = await exportOpenapi(await made());
  expect(document).toMatchObject({
    openapi: '3.1.0',
    paths: {
      '/users/{usersId}': {
        get: {
          parameters: [
            { name: 'usersId', in: 'path', required: true },
            { name: 'page', in: 'query', required: false },
          ],
          responses: {
            '200': {
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    required: ['users'],
                    properties: {
                      users: {
                        type: 'array',
                        items: { properties: { id: { type: 'integer' }, name: { type: 'string' } } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
      '/users': {
        post: {
          requestBody: { content: { 'application/json': { schema: { required: ['name', 'age'] } } } },
          responses: { '201': {} },
        },
      },
    },
  });
});

test.each(['mitm', 'har'])('what mitmproxy 11 itself wrote (.%s) is imported and answers', async (form) => {
  const path = fileURLToPath(new URL(`../../fixtures/interchange/mitmproxy-11.${form}`, import.meta.url));
  const { recording } = await imported(path);
  const [only] = await essence(recording);
  expect(only).toMatchObject({
    method: 'GET',
    url: 'http://127.0.0.1:18999/package.json',
    status: 200,
    answer: '{"version":"3.2.1"}\n',
  });
  const replayer = createReplayer({ recording, clock: { now: () => Date.now() } });
  const asked = exchangeOf(0, {
    host: '127.0.0.1',
    port: 18999,
    target: '/package.json',
    headers: ['Host', '127.0.0.1:18999', 'Accept', '*/*'],
  });
  const answer = await replayer.interceptor(asked, () => Promise.reject(new Error('nothing behind it')));
  expect([answer.status, (await answer.body.bytes()).data.toString()]).toEqual([200, '{"version":"3.2.1"}\n']);
});

describe('HARs of other tools', () => {
  const entry = (change: object) => ({
    startedDateTime: '2026-11-01T10:00:00.000+02:00',
    time: 12.5,
    request: {
      method: 'GET',
      url: 'https://shop.test/a',
      httpVersion: 'h2',
      headers: [
        { name: ':authority', value: 'shop.test' },
        { name: 'accept', value: '*/*' },
      ],
      queryString: [],
      cookies: [],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 200,
      statusText: '',
      httpVersion: 'h2',
      headers: [
        { name: 'content-encoding', value: 'br' },
        { name: 'content-length', value: '9' },
      ],
      cookies: [],
      content: { size: 5, mimeType: 'text/plain', text: 'hello' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { blocked: 1, dns: -1, connect: -1, ssl: -1, send: 0.5, wait: 10, receive: 1 },
    ...change,
  });
  const harOf = (...entries: object[]): string =>
    JSON.stringify({ log: { version: '1.2', creator: { name: 'x', version: '1' }, entries } });
  const file = async (text: string, name = 'a.har'): Promise<string> => {
    const path = join(await tempFolder(), name);
    await writeFile(path, text);
    return path;
  };

  test('as Chrome writes them: decoded text under its content coding, pseudo-headers, data: URLs, answers without content', async () => {
    const { request, response } = entry({});
    const { recording, lostBodies } = await imported(
      await file(
        harOf(
          entry({ _resourceType: 'fetch' }),
          entry({ request: { ...request, url: 'data:text/plain,x' } }),
          entry({ response: { ...response, headers: [], content: { size: 77, mimeType: 'text/plain' } } }),
        ),
      ),
    );
    expect(recording.entries).toHaveLength(2);
    expect(lostBodies).toBe(1);
    const [first] = recording.entries;
    expect(first?.request.headers).toEqual([{ name: 'accept', value: '*/*' }]);
    expect(first?.response.content).toMatchObject({ text: 'hello', size: 5 });
    const wire = await recording.body({ _sha256: first?.response.content._sha256 as string });
    expect(first?.response.headers).toContainEqual({ name: 'content-length', value: String(wire.length) });
    expect(recording.info).toMatchObject({ recordedAt: '2026-11-01T08:00:00.000Z', importedFrom: 'har' });
  });

  test('as Firefox and Charles write them: base64, forms as parameters, a byte order mark', async () => {
    const { request, response } = entry({});
    const { recording } = await imported(
      await file(
        `\ufeff${harOf(
          entry({
            request: {
              ...request,
              method: 'POST',
              postData: { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'a b', value: 'c&d' }] },
            },
            response: {
              ...response,
              headers: [],
              content: { size: 3, mimeType: 'image/png', text: '//79', encoding: 'base64' },
            },
          }),
        )}`,
      ),
    );
    const [only] = await essence(recording);
    expect(only).toMatchObject({ sent: 'a+b=c%26d', answer: '\xff\xfe\xfd' });
  });

  test('as Playwright writes them: bodies as files beside the HAR, and no file elsewhere', async () => {
    const { response } = entry({});
    const withFile = (name: string) =>
      entry({ response: { ...response, headers: [], content: { size: 4, mimeType: 'text/plain', _file: name } } });
    const path = await file(harOf(withFile('0b5f.txt'), withFile('../a.har'), withFile('/etc/hostname')));
    await writeFile(join(path, '..', '0b5f.txt'), 'body');
    const { recording, lostBodies } = await imported(path);
    expect((await essence(recording)).map(({ answer }) => answer)).toEqual(['body', '', '']);
    expect(lostBodies).toBe(2);
  });

  test('a secret in one does not reach the store', async () => {
    const { request } = entry({});
    const { recording } = await imported(
      await file(
        harOf(
          entry({
            request: { ...request, headers: [{ name: 'Authorization', value: 'Bearer s3cr3t-s3cr3t-s3cr3t' }] },
          }),
        ),
      ),
    );
    expect(JSON.stringify(recording.entries)).not.toContain('s3cr3t');
  });

  test.each([
    ['{"log":{"entries":[', /cut|ends|incomplete|Unexpected|entries/i],
    ['{"log":{"version":"1.2","entries":[]}}', /no HTTP exchanges/],
    ['hello', /is not|JSON|HAR/],
    [nested(20_000), /within 100 others/],
    ['12:abc', /dump of mitmproxy.*cut off/],
    ['PK\u0003\u0004 and nothing more', /ZIP archive.*cut off/],
  ])('%j is refused with the file and what to do, and nothing is left', async (text, message) => {
    const path = await file(text);
    await expect(imported(path)).rejects.toMatchObject({
      code: 'PROXYCTL_RECORDING_CORRUPT',
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
    await expect(imported(`${path}.not`)).rejects.toMatchObject({ code: 'PROXYCTL_NOT_FOUND' });
  });
});

/** A dump of mitmproxy: a list in a list, and so on. */
function nested(depth: number): string {
  let text = '1:x,';
  for (let i = 0; i < depth; i++) text = `${text.length}:${text}]`;
  return text;
}
