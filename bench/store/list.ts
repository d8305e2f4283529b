import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BoundedTasks } from '../../src/core/bounded-tasks.js';
import { newRecordingId } from '../../src/store/recording-key.js';
import { openStore } from '../../src/store/open-store.js';
import { serializePointer } from '../../src/store/pointer.js';
import { publishedIn } from '../../src/store/published-keys.js';
import { escapeSegment } from '../../src/store/segment.js';
import { verdict } from '../control/verdict.js';
import { watchMemory } from './peak-memory.js';
import type { BenchServer } from './server.js';

/**
 * Lists so many test ids, then what each of them has published, as `recordings ls` does. The pointers are put on the
 * server's disk.
 */
export async function measureListing(server: BenchServer, tests: number): Promise<string[]> {
  const tasks = new BoundedTasks(32);
  for (let number = 0; number < tests; number++) await tasks.run(() => putPointer(server, number));
  await tasks.done();
  const ids = await timed(async (place) => {
    await using store = await openStore(place);
    let found = 0;
    for await (const _ of store.testIds()) found += 1;
    return found;
  }, server);
  const pointers = await timed(async (place) => {
    await using store = await openStore(place);
    let found = 0;
    for await (const _ of publishedIn(store)) {
      found += 1;
      if (found % 500 === 0) process.stderr.write(`\r  ${found} recordings\u001b[K\r`);
    }
    return found;
  }, server);
  return [
    line(`list ${tests} test ids`, ids, tests),
    line(`list what ${tests} tests have published (recordings ls)`, pointers, tests),
  ];
}

interface Timed {
  found: number;
  seconds: number;
  /** Of this process. */
  cpuSeconds: number;
  grewMiB: number;
}

async function timed(work: (place: string) => Promise<number>, server: BenchServer): Promise<Timed> {
  const peak = watchMemory();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const found = await work(server.place('listed'));
  const { user, system } = process.cpuUsage(cpu);
  return { found, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6, grewMiB: peak() };
}

function line(what: string, { found, seconds, cpuSeconds, grewMiB }: Timed, wanted: number): string {
  const met = found === wanted && grewMiB < 300;
  return verdict(
    met,
    `${what}: ${found} in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of its CPU time), ${grewMiB.toFixed(0)} MiB more (limit 300 MiB)`,
  );
}

async function putPointer(server: BenchServer, number: number): Promise<void> {
  const key = { testId: `suite ${number % 100}/test ${number}`, appVersion: '5.1.0' };
  const folder = path.join(server.objects('listed'), 'tests', escapeSegment(key.testId), key.appVersion);
  await mkdir(folder, { recursive: true });
  const recordedAt = new Date(Date.UTC(2026, 10, 21) + number * 1000).toISOString();
  const recordingId = newRecordingId(Date.parse(recordedAt));
  const counts = { entries: 100, bodyBytes: 1_000_000, harSha256: 'a'.repeat(64) };
  const pointer = { formatVersion: 1 as const, ...key, recordingId, recordedAt, publishedAt: recordedAt, ...counts };
  await writeFile(path.join(folder, 'current.json'), serializePointer(pointer));
}
