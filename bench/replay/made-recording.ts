import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { HarContent, HarEntry, HarRecordingInfo } from '../../src/har/har.js';
import { recordingHead, writeHar } from '../../src/har/har-writer.js';
import { newRecordingId, type RecordingRef } from '../../src/store/recording-key.js';
import type { RecordingStore } from '../../src/store/recording-store.js';

export const recordedAt = Date.UTC(2026, 10, 21, 6);
export const host = 'api.example.com';

/** What is recorded: `count` exchanges, every `everyJson`th of them a POST with a JSON body of 50 KB. */
export interface Shape {
  count: number;
  /** 0: none. */
  everyJson: number;
}

/** The request that was recorded at `position`; `at`: as a client sends it whose clock shows that time. */
export function requestAt(
  position: number,
  { everyJson }: Shape,
  at = recordedAt,
): { method: string; target: string; body: string } {
  if (everyJson > 0 && position % everyJson === 0) {
    return { method: 'POST', target: `/orders?shop=${position % 7}`, body: order(position, at) };
  }
  return { method: 'GET', target: `/items/${position % 1000}?page=${position % 10}&v=${position >> 10}`, body: '' };
}

function order(position: number, at: number): string {
  const lines = Array.from({ length: 480 }, (_, i) => ({
    sku: `sku-${(position * 31 + i) % 997}`,
    quantity: (position + i) % 9,
    placed_at: new Date(at + i * 1000).toISOString(),
    note: `line ${i} of order ${position}`,
  }));
  return JSON.stringify({ order: position, lines });
}

/** Publishes such a recording, its bodies included. */
export async function makeRecording(store: RecordingStore, shape: Shape): Promise<RecordingRef> {
  const ref = { testId: 'bench', appVersion: 'default', recordingId: newRecordingId(recordedAt) };
  const info: HarRecordingInfo = { formatVersion: 1, ...ref, recordedAt: new Date(recordedAt).toISOString() };
  const known = new Set<string>();
  const keep = async (text: string, mimeType: string): Promise<HarContent> => {
    const data = Buffer.from(text);
    const sha256 = createHash('sha256').update(data).digest('hex');
    if (!known.has(sha256)) await store.putBody(sha256, data.length, () => Readable.from([data]));
    known.add(sha256);
    return { size: data.length, mimeType, _sha256: sha256 };
  };
  async function* entries(): AsyncGenerator<HarEntry> {
    for (let position = 0; position < shape.count; position++) {
      const { method, target, body } = requestAt(position, shape);
      const answer = await keep(JSON.stringify({ at: '2026-11-21T06:00:00Z', page: position % 100 }), json);
      const postData = body === '' ? undefined : await keep(body, json);
      yield entry(position, method, target, answer, postData);
    }
  }
  await store.putHar(ref, writeHar(recordingHead(info), entries()));
  return ref;
}

const json = 'application/json';

function entry(index: number, method: string, target: string, content: HarContent, postData?: HarContent): HarEntry {
  const startedAt = recordedAt + index * 10;
  const type = postData === undefined ? [] : [{ name: 'Content-Type', value: json }];
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: 2,
    request: {
      ...{ method, url: `https://${host}${target}`, httpVersion: 'HTTP/1.1', cookies: [], queryString: [] },
      headers: [{ name: 'Host', value: host }, { name: 'User-Agent', value: 'bench/1' }, ...type],
      ...(postData === undefined ? {} : { postData }),
      ...{ headersSize: -1, bodySize: postData?.size ?? 0 },
    },
    response: {
      ...{ status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1', cookies: [], redirectURL: '' },
      headers: [
        { name: 'Content-Type', value: json },
        { name: 'Content-Length', value: String(content.size) },
        { name: 'Date', value: new Date(startedAt).toUTCString() },
      ],
      ...{ content, headersSize: -1, bodySize: content.size },
    },
    cache: {},
    timings: { blocked: 0, dns: -1, connect: -1, send: 0, wait: 1, receive: 1, ssl: -1 },
    _proxyctl: { index, id: `e${index}`, rawHeaders: true, startedAt },
  };
}
