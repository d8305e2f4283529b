import { fork } from 'node:child_process';
import path from 'node:path';
import { findRecording } from '../../src/store/find-recording.js';
import { openRecording } from '../../src/store/open-recording.js';
import { openStore } from '../../src/store/open-store.js';
import { pullRecording } from '../../src/recordings/pull-recording.js';
import { makeRecording } from '../replay/made-recording.js';
import { verdict } from '../control/verdict.js';
import type { ResourceScope } from '../../src/core/resource-scope.js';
import { measureCommandStart, median } from './command-start.js';
import type { BenchServer } from './server.js';

const key = { testId: 'bench', appVersion: 'default' };
const limitMs = 100;

if (process.argv[2] === 'open' && process.send !== undefined) process.send(await open(process.argv[3] ?? ''));

/**
 * What a replay does before its first request, in a process of its own: loads what a store needs, finds the recording,
 * reads it, looks for its bodies.
 */
async function open(place: string): Promise<number> {
  const started = performance.now();
  await using store = await openStore(place);
  const { ref } = await findRecording(store, key);
  await openRecording(store, ref);
  return performance.now() - started;
}

/** From a folder, from S3 with all of it in the cache, and the same with the server gone: medians, by turns. */
export async function measureStart(scope: ResourceScope, server: BenchServer, rounds: number): Promise<string[]> {
  const folder = path.join(server.folder, 'folder');
  const bucket = server.place('replayed');
  await using made = await openStore(folder);
  await using remote = await openStore(bucket);
  const ref = await makeRecording(made, { count: 300, everyJson: 10 });
  const at = new Date(Date.UTC(2026, 10, 21)).toISOString();
  const pointer = {
    formatVersion: 1 as const,
    ...ref,
    recordedAt: at,
    publishedAt: at,
    entries: 300,
    bodyBytes: 1,
    harSha256: '0'.repeat(64),
  };
  await made.writePointer(ref, pointer, undefined);
  await pullRecording(made, pointer, { to: remote });
  await inChild(bucket); // fills the cache
  const bodies = await openStore(bucket);
  const [published] = await bodies.published(key.testId);
  if (published !== undefined) await pullRecording(bodies, published);
  const times = { folder: [] as number[], bucket: [] as number[], away: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.folder.push(await inChild(folder));
    times.bucket.push(await inChild(bucket));
  }
  const commands = await measureCommandStart(scope, { folder, bucket }, rounds);
  await server.stop();
  for (let round = 0; round < 3; round++) times.away.push(await inChild(bucket));
  const [fromFolder, fromBucket, away] = [median(times.folder), median(times.bucket), median(times.away)];
  const more = fromBucket - fromFolder;
  return [
    ...commands,
    verdict(
      more < limitMs,
      `start of a replay of 300 exchanges from a warm cache: ${fromBucket.toFixed(0)} ms, from a folder: ${fromFolder.toFixed(0)} ms; ${more.toFixed(0)} ms more (limit ${limitMs} ms)`,
    ),
    verdict(true, `the same with the server gone: ${away.toFixed(0)} ms`),
  ];
}

function inChild(place: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, ['open', place]);
    child.once('message', (ms) => resolve(Number(ms)));
    child.once('exit', (code) => reject(new Error(`The child ended with ${code}`)));
  });
}
