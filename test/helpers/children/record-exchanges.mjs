// Records exchanges without end, eight at a time, and says the index of each one whose last byte a client got, the
// moment it did.
// Arguments: journal folder, JSON of its info, size of each answer.
import { writeSync } from 'node:fs';
import { Body } from '../../../dist/src/http/index.js';
import { Journal } from '../../../dist/src/record/journal.js';
import { createRecorder } from '../../../dist/src/record/recorder.js';

const [folder, info, size] = process.argv.slice(2);
const journal = await Journal.open({ folder, info: JSON.parse(info) });
let index = journal.nextIndex;
const recorder = createRecorder({ journal, sessionId: 'session-1', nextIndex: () => index++ });
const request = {
  method: 'GET',
  scheme: 'http',
  host: 'localhost',
  port: 80,
  target: '/',
  httpVersion: 'HTTP/1.1',
  headers: [],
  body: Body.empty(),
};

await Promise.all(Array.from({ length: 8 }, client));

async function client() {
  for (;;) {
    const mine = index++;
    const bytes = Buffer.alloc(Number(size), String(mine % 10));
    const exchange = {
      id: String(mine),
      index: mine,
      sessionId: 's',
      startedAt: Date.now(),
      request,
      timings: {},
      notes: {},
    };
    Object.assign(exchange, { elapsed: () => 1, onAbort: () => () => undefined, informational: () => undefined });
    const answer = await recorder.interceptor(exchange, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { status: 200, reason: 'OK', httpVersion: 'HTTP/1.1', headers: [], body: Body.of(bytes) };
    });
    await new Promise((resolve, reject) => {
      let left = bytes.length;
      answer.body.pipe({
        open: () => undefined,
        chunk: (data) => {
          left -= data.length;
          if (left === 0) writeSync(1, `${mine}\n`);
        },
        end: resolve,
        error: reject,
      });
    });
  }
}
