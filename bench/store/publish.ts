import path from 'node:path';
import { BoundedTasks } from '../../src/core/bounded-tasks.js';
import { Body } from '../../src/http/index.js';
import { publishJournal } from '../../src/record/publish.js';
import { openStore } from '../../src/store/open-store.js';
import { recordExchange, recordingInfo, startRecording } from '../../test/helpers/recording.js';
import { verdict } from '../control/verdict.js';
import { watchMemory } from './peak-memory.js';
import type { BenchServer } from './server.js';

const batch = 50;
const atOnce = 8;
const exchanges = 100;

/**
 * Publishes so many recordings of 100 exchanges, eight at once; each has a body of 4 kB of JSON, and half of them are
 * shared by all.
 */
export async function measurePublishing(server: BenchServer, recordings: number): Promise<string[]> {
  const journals = path.join(server.folder, 'journals');
  let [publishing, bytes] = [0, 0];
  const peak = watchMemory();
  for (let from = 0; from < recordings; from += batch) {
    const folders: string[] = [];
    for (let number = from; number < Math.min(recordings, from + batch); number++) {
      const { recorder, folder } = await startRecording(
        journals,
        recordingInfo({ testId: `test-${number}` }, Date.UTC(2026, 10, 21) + number),
      );
      for (let index = 0; index < exchanges; index++) {
        const body = answer(index % 2 === 0 ? 0 : number + 1, index);
        bytes += body.length;
        await recordExchange(recorder, index, { response: { body: Body.of(body) } });
      }
      await recorder.close();
      folders.push(folder);
    }
    const started = performance.now();
    const tasks = new BoundedTasks(atOnce);
    for (const folder of folders) {
      await tasks.run(async () => {
        await using store = await openStore(server.place('published')); // as each session does
        await publishJournal(folder, store);
      });
    }
    await tasks.done();
    publishing += performance.now() - started;
    process.stderr.write(`\r  ${from + folders.length} recordings\u001b[K\r`);
  }
  const grew = peak();
  const perSecond = recordings / (publishing / 1000);
  return [
    verdict(
      true,
      `publish ${recordings} recordings of ${exchanges} exchanges (${(bytes / 1e6).toFixed(0)} MB of bodies), ${atOnce} at once: ${(publishing / 1000).toFixed(1)} s, ${perSecond.toFixed(1)} recordings/s, ${(perSecond * exchanges).toFixed(0)} exchanges/s`,
    ),
    verdict(grew < 500, `its memory: ${grew.toFixed(0)} MiB more (limit 500 MiB)`),
  ];
}

function answer(of: number, index: number): Buffer {
  const items = Array.from({ length: 40 }, (_, item) => ({
    id: `${of}-${index}-${item}`,
    name: `Item ${item}`,
    price: ((item * 7919 + index * 31 + of) % 10_000) / 100,
    tags: ['green', 'tea'],
  }));
  return Buffer.from(JSON.stringify({ page: index, items }));
}
