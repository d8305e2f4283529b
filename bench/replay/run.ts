// What a replay costs by itself, without sockets: opening a large recording, and answering from one.
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, type Exchange } from '../../src/http/index.js';
import type { Replayer } from '../../src/replay/contract.js';
import { createReplayer } from '../../src/replay/replayer.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { RecordingRef } from '../../src/store/recording-key.js';
import { host, makeRecording, recordedAt, requestAt, type Shape } from './made-recording.js';

interface Figure {
  name: string;
  value: number;
  /** Of the processor; what it would be on a machine with nothing else to do. */
  cpuMs?: number;
  unit: string;
  limit: number;
}

interface Job {
  what: 'load' | 'match';
  folder: string;
  ref: RecordingRef;
  shape: Shape;
}

const large: Shape = { count: 100_000, everyJson: 0 };
const mixed: Shape = { count: 5000, everyJson: 50 };

if (process.send === undefined) process.exitCode = await main();
else process.once('message', (job: Job) => void work(job).then((figures) => process.send?.(figures)));

async function main(): Promise<number> {
  const figures = [...(await inChild('load', large)), ...(await inChild('match', mixed))];
  for (const { name, value, unit, limit, cpuMs } of figures) {
    const verdict = value < limit ? 'ok    ' : 'MISSED';
    process.stdout.write(
      `${verdict} ${name}: ${value.toFixed(unit === 'ms' ? 3 : 0)} ${unit} (limit ${limit} ${unit}${cpuMs === undefined ? '' : `; ${cpuMs.toFixed(3)} ms of CPU`})\n`,
    );
  }
  return figures.every(({ value, limit }) => value < limit) ? 0 : 1;
}

/** Each figure comes from a process of its own, which made nothing of what it measures. */
async function inChild(what: Job['what'], shape: Shape): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'proxyctl-bench-replay-'));
  try {
    await using store = folderStore(folder);
    const job: Job = { what, folder, ref: await makeRecording(store, shape), shape };
    const child = fork(import.meta.filename);
    const figures = await new Promise<Figure[]>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Figure[]));
      child.once('exit', (code) => reject(new Error(`The child ended with ${code}`)));
      child.send(job);
    });
    child.kill();
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function work({ what, folder, ref, shape }: Job): Promise<Figure[]> {
  await using store = folderStore(folder);
  const before = process.memoryUsage().rss;
  const cpuBefore = cpuMs();
  const started = performance.now();
  const recording = await openRecording(store, ref);
  // asked twice, and a write is not answered twice otherwise
  const options = { exhausted: 'cycle' as const };
  const replayer = createReplayer({ recording, clock: { now: () => Date.now() }, options });
  if (what === 'load') {
    const loaded = performance.now() - started;
    const cpuMsOfLoad = cpuMs() - cpuBefore;
    const mebibytes = (process.memoryUsage().rss - before) / 2 ** 20;
    return [
      { name: `load ${shape.count} exchanges`, value: loaded, cpuMs: cpuMsOfLoad, unit: 'ms', limit: 3000 },
      { name: `their memory`, value: mebibytes, unit: 'MiB', limit: 300 },
    ];
  }
  await eachOnce(replayer, shape); // the first run reads bodies and compiles code
  const times = await eachOnce(replayer, shape);
  const at = (share: number): Pick<Figure, 'value' | 'cpuMs'> => ({
    value: quantile(times, ({ ms }) => ms, share),
    cpuMs: quantile(times, (time) => time.cpuMs, share),
  });
  const positions = Array.from({ length: shape.count / shape.everyJson }, (_, i) => i * shape.everyJson);
  const unseen: Took[] = [];
  for (let round = 1; round <= roundsOfUnseen; round += 1)
    unseen.push(...(await each(replayer, shape, positions, () => Date.now())));
  const atOfUnseen = (share: number): Pick<Figure, 'value' | 'cpuMs'> => ({
    value: quantile(unseen, ({ ms }) => ms, share),
    cpuMs: quantile(unseen, (time) => time.cpuMs, share),
  });
  return [
    { name: `answer from ${shape.count} exchanges, median`, ...at(0.5), unit: 'ms', limit: 0.2 },
    { name: `answer from ${shape.count} exchanges, p99`, ...at(0.99), unit: 'ms', limit: 2 },
    { name: 'a JSON body of 50 kB that was never seen, median', ...atOfUnseen(0.5), unit: 'ms', limit: 2 },
    { name: 'a JSON body of 50 kB that was never seen, p99', ...atOfUnseen(0.99), unit: 'ms', limit: 8 },
  ];
}

/** In each all bodies are sent once, with the times of that moment. */
const roundsOfUnseen = 10;

interface Took {
  ms: number;
  cpuMs: number;
}

function quantile(times: readonly Took[], of: (time: Took) => number, share: number): number {
  return times.map(of).sort((a, b) => a - b)[Math.floor(times.length * share)] ?? Infinity;
}

/** What this process used of the processor so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How long each recorded request took to be answered. */
function eachOnce(replayer: Replayer, shape: Shape): Promise<Took[]> {
  return each(
    replayer,
    shape,
    Array.from({ length: shape.count }, (_, position) => position),
  );
}

async function each(
  replayer: Replayer,
  shape: Shape,
  positions: readonly number[],
  clientClock = (): number => recordedAt,
): Promise<Took[]> {
  const times: Took[] = [];
  for (const position of positions) {
    const exchange = exchangeAt(position, shape, clientClock());
    const [started, cpuStarted] = [performance.now(), cpuMs()];
    const answer = await replayer.interceptor(exchange, () => Promise.reject(new Error('a replay asks nobody')));
    await answer.body.bytes();
    times.push({ ms: performance.now() - started, cpuMs: cpuMs() - cpuStarted });
    if (answer.status !== 200) throw new Error(`The request at ${position} was not found in its own recording`);
  }
  return times;
}

function exchangeAt(index: number, shape: Shape, clientTime: number): Exchange {
  const { method, target, body } = requestAt(index, shape, clientTime);
  return {
    ...{ id: `x${index}`, sessionId: 's', index, startedAt: Date.now(), timings: {}, notes: {} },
    request: {
      ...{ method, target, scheme: 'https', host, port: 443, httpVersion: 'HTTP/1.1' },
      headers: ['Host', host, 'User-Agent', 'bench/1', ...(body === '' ? [] : ['Content-Type', 'application/json'])],
      body: body === '' ? Body.empty() : Body.of(body),
    },
    elapsed: () => 0,
    onAbort: () => () => undefined,
    informational: () => undefined,
  };
}
