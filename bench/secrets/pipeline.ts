import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Body, UpstreamError, type Exchange, type HttpResponse } from '../../src/http/index.js';
import type { HarEntry } from '../../src/har/har.js';
import { publishJournal } from '../../src/record/publish.js';
import { createReplayer } from '../../src/replay/replayer.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { Recording } from '../../src/store/recording.js';
import { exchangeOf } from '../../test/helpers/exchange.js';
import { recordingInfo, startRecording } from '../../test/helpers/recording.js';
import type { Case } from './corpus.js';
import type { Planted } from './planted.js';

const host = 'api.example.com';
const startedAt = Date.UTC(2026, 10, 21, 6);

/** A stored recording of cases. */
export interface Stored {
  recording: Recording;
  /** All files of the store. */
  files: readonly Buffer[];
  /** The exchanges of the cases, in the order in which they were recorded. */
  exchanges: readonly { of: Case; planted: Planted }[];
}

/** Records cases through the real recorder and publishes them to a store in a folder. */
export async function recordCases(folder: string, cases: readonly Case[]): Promise<Stored> {
  const exchanges = cases.flatMap((of) => of.exchanges.map((planted) => ({ of, planted })));
  const at = startedAt + (cases[0]?.number ?? 0);
  const info = recordingInfo({ testId: `secrets-${cases[0]?.number ?? 0}` }, at);
  const { recorder, journal, folder: journalFolder } = await startRecording(join(folder, 'journal'), info);
  for (const [index, { of, planted }] of exchanges.entries()) {
    if (planted.messages === undefined) await throughRecorder(recorder.interceptor, index, of, planted);
    else await appendWebSocket(journal, index, of, planted.messages);
  }
  await recorder.close();
  const store = folderStore(join(folder, 'store'));
  await publishJournal(journalFolder, store, { publishAnyway: true }); // what a scan finds is counted
  return { recording: await openRecording(store, info), files: await filesIn(store.url), exchanges };
}

type Journal = Awaited<ReturnType<typeof startRecording>>['journal'];

async function throughRecorder(
  record: (exchange: Exchange, next: (exchange: Exchange) => Promise<HttpResponse>) => Promise<HttpResponse>,
  index: number,
  of: Case,
  planted: Planted,
): Promise<void> {
  const recorded = record(exchangeFor(index, of, planted), async (exchange) => {
    await exchange.request.body.bytes();
    if (planted.failure !== undefined)
      throw new UpstreamError({ kind: 'refused', phase: 'connect', host, port: 443 }, planted.failure);
    if (planted.answer?.early !== undefined) exchange.informational(103, planted.answer.early);
    return responseFor(index, planted);
  });
  if (planted.failure === undefined) await (await recorded).body.bytes();
  else await recorded.catch(() => undefined);
}

function appendWebSocket(
  journal: Journal,
  index: number,
  of: Case,
  messages: NonNullable<Planted['messages']>,
): Promise<void> {
  return new Promise((resolve) => {
    const record = {
      ...{ id: `exchange-${index}`, index, sessionId: 'session-1', startedAt, timings: {} },
      request: {
        ...{ method: 'GET', url: `https://${host}/socket/${of.number}`, httpVersion: 'HTTP/1.1' as const },
        headers: [
          'Host',
          host,
          'Connection',
          'Upgrade',
          'Upgrade',
          'websocket',
          'Sec-WebSocket-Key',
          'dGhlIHNhbXBsZSBub25jZQ==',
        ],
      },
      response: {
        ...{ status: 101, reason: 'Switching Protocols', httpVersion: 'HTTP/1.1' as const },
        headers: ['Connection', 'Upgrade', 'Upgrade', 'websocket'],
      },
      webSocketMessages: messages.map(({ opcode, data }) => ({
        ...{ type: 'send' as const, time: startedAt / 1000, opcode },
        data: opcode === 1 ? data.toString() : Buffer.from(data).toString('base64'),
      })),
    };
    journal.append(record, [], resolve);
  });
}

/** Which recorded entry answers each request, asked once more with its secrets; undefined where none does. */
export async function replayCases({ recording, exchanges }: Stored): Promise<(number | undefined)[]> {
  const replayer = createReplayer({ recording, clock: { now: () => startedAt + 3_600_000 } });
  const answered: (number | undefined)[] = [];
  for (const [index, { of, planted }] of exchanges.entries()) {
    if (planted.messages !== undefined) {
      answered.push(index); // messages have a replay of their own
      continue;
    }
    const exchange = exchangeFor(index, of, planted);
    const answer = await replayer
      .interceptor(exchange, () => Promise.reject(new Error('a replay asks nobody')))
      .catch((error: unknown) => error);
    if (!(answer instanceof Error)) await (answer as HttpResponse).body.bytes();
    answered.push(exchange.notes.miss === undefined ? exchange.notes.recordedIndex : undefined);
  }
  return answered;
}

/** What of an exchange is stored otherwise than it was, by place; nothing where all is the same to the byte. */
export async function changedIn({ recording, exchanges }: Stored, index: number): Promise<string[]> {
  const entry = recording.entries[index];
  const exchange = exchanges[index];
  if (entry === undefined || exchange === undefined) return ['the exchange is not there'];
  const { of, planted } = exchange;
  if (planted.messages !== undefined) {
    const data = planted.messages.map((each) =>
      each.opcode === 1 ? each.data.toString() : Buffer.from(each.data).toString('base64'),
    );
    const stored = entry._webSocketMessages?.map((each) => each.data) ?? [];
    return JSON.stringify(data) === JSON.stringify(stored) ? [] : ['messages'];
  }
  const { request } = exchangeFor(index, of, planted);
  const changes: [string, boolean][] = [
    ['url', entry.request.url !== `https://${host}${request.target}`],
    ['request headers', !sameHeaders(entry.request.headers, request.headers)],
    ['request body', !(await sameBody(recording, entry.request.postData, planted.body))],
  ];
  if (planted.failure === undefined) {
    const response = responseFor(index, planted);
    const early = entry._proxyctl?.informational?.flatMap(({ headers }) => headers) ?? [];
    changes.push(
      ['response headers', !sameHeaders(entry.response.headers, response.headers)],
      ['response trailers', !sameHeaders(entry._proxyctl?.responseTrailers ?? [], planted.answer?.trailers ?? [])],
      ['early answer', !sameHeaders(early, planted.answer?.early ?? [])],
      ['response body', !(await sameBody(recording, entry.response.content, planted.answer?.body ?? ''))],
    );
  } else
    changes.push(['failure', entry._error !== undefined && !JSON.stringify(entry._error).includes(planted.failure)]);
  return changes.filter(([, isChanged]) => isChanged).map(([place]) => place);
}

function exchangeFor(index: number, of: Case, { method = 'GET', target = '', headers = [], body }: Planted): Exchange {
  return exchangeOf(index, {
    ...{ method, host, target: `/cases/${of.number}-${index}${target}` },
    headers: ['Host', host, 'Accept', '*/*', ...headers],
    body: body === undefined ? Body.empty() : Body.of(body),
  });
}

function responseFor(index: number, { answer = {} }: Planted): HttpResponse {
  const { status = 200, headers = [], body = '', trailers } = answer;
  const said = ['X-Case', String(index), ...headers];
  return { status, reason: 'OK', httpVersion: 'HTTP/1.1', headers: said, body: Body.of(body, trailers) };
}

function sameHeaders(stored: HarEntry['request']['headers'], headers: readonly string[]): boolean {
  return JSON.stringify(stored.flatMap(({ name, value }) => [name, value])) === JSON.stringify(headers);
}

async function sameBody(
  recording: Recording,
  stored: Parameters<Recording['body']>[0] | undefined,
  body: Buffer | string | undefined,
): Promise<boolean> {
  const was = Buffer.from(body ?? '');
  const now = stored === undefined ? Buffer.alloc(0) : await recording.body(stored);
  return was.equals(now);
}

async function filesIn(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
}
