import { join } from 'node:path';
import type { HarRecordingInfo } from '../../src/har/har.js';
import type { HttpRequest, HttpResponse } from '../../src/http/index.js';
import { Journal } from '../../src/record/journal.js';
import { createRecorder, type Recorder } from '../../src/record/recorder.js';
import { newRecordingId } from '../../src/store/recording-key.js';
import { exchangeOf, responseOf } from './exchange.js';

export function recordingInfo(change: Partial<HarRecordingInfo> = {}, at = Date.UTC(2026, 10, 21)): HarRecordingInfo {
  return {
    formatVersion: 1,
    recordingId: newRecordingId(at),
    testId: 'checkout',
    appVersion: '4.2.0',
    recordedAt: new Date(at).toISOString(),
    ...change,
  };
}

/** A recording session without a proxy in front of it. */
export async function startRecording(
  journalDir: string,
  info: HarRecordingInfo = recordingInfo(),
): Promise<{ recorder: Recorder; journal: Journal; folder: string; info: HarRecordingInfo }> {
  const folder = join(journalDir, info.recordingId);
  const journal = await Journal.open({ folder, info });
  let index = 1_000_000;
  return {
    recorder: createRecorder({ journal, sessionId: 'session-1', nextIndex: () => index++ }),
    journal,
    folder,
    info,
  };
}

export interface Said {
  request?: Partial<HttpRequest>;
  response?: Partial<HttpResponse>;
}

/** One exchange from end to end, its answer read by a client. */
export async function recordExchange(recorder: Recorder, index: number, said: Said = {}): Promise<void> {
  const answer = await recorder.interceptor(exchangeOf(index, said.request), async ({ request }) => {
    await request.body.bytes();
    return responseOf(`{"answer":${index}}`, said.response);
  });
  await answer.body.bytes();
}
