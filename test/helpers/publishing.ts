import { join } from 'node:path';
import { expect } from 'vitest';
import type { HarRecordingInfo } from '../../src/har/har.js';
import { Body } from '../../src/http/index.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { childCommand } from './children.js';
import { mustRun } from './processes.js';
import { recordExchange, startRecording } from './recording.js';

/** What `children/publish-journal.mjs` prints. */
export interface Outcome {
  published?: { entries: number };
  error?: { code: string; message: string };
}

/**
 * A journal of exchanges with a body of `size` bytes each, closed, under `root/journal`. `noise` makes bodies that do
 * not pack.
 */
export async function journalOf(
  root: string,
  info: HarRecordingInfo,
  exchanges: number,
  size = 100,
  noise?: Buffer,
): Promise<HarRecordingInfo> {
  const { recorder } = await startRecording(join(root, 'journal'), info);
  for (let index = 0; index < exchanges; index++) {
    const body = Buffer.alloc(size, `${info.recordingId} ${index} `);
    noise?.copy(body, index);
    await recordExchange(recorder, index, { response: { body: Body.of(body) } });
  }
  await recorder.close();
  return info;
}

export function journalFolder(root: string, { recordingId }: HarRecordingInfo): string {
  return join(root, 'journal', recordingId);
}

/** `env`: besides this process's own. */
export async function publishInProcess(journal: string, store: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const [program, ...args] = childCommand('publish-journal', journal, store);
  return JSON.parse((await mustRun(program, args, { env })).stdout) as Outcome;
}

/** How often the published recording was opened, whole each time. */
export async function readAllTheWhile(
  store: RecordingStore,
  key: HarRecordingInfo,
  going: () => boolean,
): Promise<number> {
  let opened = 0;
  while (going()) {
    const found = await store.readPointer(key);
    if (found !== undefined) {
      const recording = await openRecording(store, found.pointer);
      expect(recording.entries).toHaveLength(found.pointer.entries);
      expect(recording.harSha256).toBe(found.pointer.harSha256);
      opened += 1;
    }
    await new Promise(setImmediate);
  }
  return opened;
}

/** `readAllTheWhile` for as long as `work` takes. */
export async function readingAllTheWhile(
  store: RecordingStore,
  key: HarRecordingInfo,
  work: () => Promise<unknown>,
): Promise<void> {
  let going = true;
  const reading = readAllTheWhile(store, key, () => going);
  try {
    await work();
  } finally {
    going = false;
  }
  await reading;
}
