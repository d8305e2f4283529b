// Records until the disk is full, goes on for a while, then reads the journal back. Arguments: journal folder, size of
// each answer.
// Prints what happened as JSON.
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Body } from '../../../dist/src/http/index.js';
import { Journal } from '../../../dist/src/record/journal.js';
import { JournalReader, listJournals } from '../../../dist/src/record/journal-reader.js';
import { createRecorder } from '../../../dist/src/record/recorder.js';

const [folder, size] = process.argv.slice(2);
const errors = [];
const info = {
  formatVersion: 1,
  recordingId: 'r1',
  testId: 'checkout',
  appVersion: '1',
  recordedAt: '2026-11-21T03:04:05.678Z',
};
const answers = { before: 0, after: 0, wrong: 0 };
try {
  const journal = await Journal.open({ folder, info, onError: (error) => errors.push(error) });
  let index = 0;
  const recorder = createRecorder({ journal, sessionId: 'session-1', nextIndex: () => index++ });
  const client = async () => {
    for (; index < 100_000 && errors.length === 0; answers.before++) await exchange(recorder, index++);
  };
  await Promise.all([client(), client(), client(), client()]);
  for (; answers.after < 100; answers.after++) await exchange(recorder, index++);
  await recorder.close();
} catch (error) {
  console.log(JSON.stringify({ thrown: error }));
  process.exit(0);
}
const indexes = [];
const reader = await JournalReader.open(folder);
for await (const { record } of reader.entries()) indexes.push(record.index);
await reader.close();
const bodyFiles = readdirSync(folder).filter((name) => name.startsWith('body-')).length;
const [{ situation, reason }] = await listJournals(dirname(folder));
console.log(JSON.stringify({ errors, answers, indexes, damage: reader.damage ?? null, bodyFiles, situation, reason }));

async function exchange(recorder, index) {
  // No two alike, as what the journal has already is not written again.
  const bytes = Buffer.alloc(Number(size), `${index} `);
  const request = { method: 'GET', scheme: 'http', host: 'localhost', port: 80, target: '/', httpVersion: 'HTTP/1.1' };
  const answer = await recorder.interceptor(
    {
      id: String(index),
      index,
      sessionId: 's',
      startedAt: Date.now(),
      request: { ...request, headers: [], body: Body.empty() },
      timings: {},
      notes: {},
      elapsed: () => 1,
      onAbort: () => () => undefined,
      informational: () => undefined,
    },
    async () => ({ status: 200, reason: 'OK', httpVersion: 'HTTP/1.1', headers: [], body: Body.of(bytes) }),
  );
  const { data } = await answer.body.bytes();
  if (!data.equals(bytes)) answers.wrong += 1;
}
