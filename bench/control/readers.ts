import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { SessionView } from '../../src/api/schemas.js';
import type { ResourceScope } from '../../src/core/resource-scope.js';
import { buildGoTools } from '../go-tools.js';
import { workFolder } from '../paths.js';
import { Child } from '../processes.js';
import type { StackProcess } from '../stack-process.js';
import { CpuMeter } from './cpu-meter.js';
import { verdict } from './verdict.js';

/** How much slower than without readers the slowest requests may be. */
const p99Limit = 2;
/**
 * What was there before the code was compiled and the heaps had their size does not count: each load begins so long
 * before.
 */
const warmUpSeconds = 5;
/** How long the last events may take. */
const settleSeconds = 20;
/** Longer than an answer may take, and the connections of all readers. */
const lineLimitMs = 120_000;

/** What go/control says of a load, and of its readers at the end. */
interface Loaded {
  requests: number;
  tookSeconds: number;
  wrong: number;
  firstWrong?: string;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

interface Heard {
  answered: number;
  responses: number;
  events: number;
  missed: number;
  lateSeconds: number;
}

/** The same load twice on the same sessions: without anybody reading events, and with a reader of each session's. */
export async function compareReaders(
  scope: ResourceScope,
  stack: StackProcess,
  { sessions: count, rate, seconds }: { sessions: number; rate: number; seconds: number },
): Promise<string[]> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { control } = await buildGoTools(say, new AbortController().signal);
  const sessions: SessionView[] = [];
  for (let index = 0; index < count; index += 1) sessions.push(await openWithMocks(stack));
  const logs = path.join(workFolder, 'logs');
  mkdirSync(logs, { recursive: true });
  const child = Child.start('control-load', control, [], { logs });
  scope.defer(() => child.close('stdin'));
  const plan = {
    ...stack.api.address,
    sessions: sessions.map(({ id, host, port }) => ({ id, proxy: `${host}:${port}` })),
    want: '99.5',
    rate,
    seconds,
    warmUpSeconds,
    settleSeconds,
  };
  child.write(`${JSON.stringify(plan)}\n`);
  const next = async <What>(): Promise<What> => JSON.parse(await child.line(seconds * 1000 + lineLimitMs)) as What;
  const cpu = await CpuMeter.of(stack, { harness: child.pid });
  const measured = async (): Promise<Loaded & { cost: string }> => {
    await next();
    cpu.begin();
    const loaded = await next<Loaded>();
    return { ...loaded, cost: cpu.perRequest(loaded.requests) };
  };
  const alone = await measured();
  const read = await measured();
  const heard = await next<Heard>();
  await child.close('stdin');
  for (const { id } of sessions) await stack.api.sessions.delete(id);
  return report({ count, rate, alone, read, heard });
}

interface Measured {
  count: number;
  rate: number;
  alone: Loaded & { cost: string };
  read: Loaded & { cost: string };
  heard: Heard;
}

function report({ count, rate, alone, read, heard }: Measured): string[] {
  const reached = ({ requests, tookSeconds, p50Ms, p99Ms, maxMs }: Loaded): string =>
    `${Math.round(requests / tookSeconds)} of ${rate} requests/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, slowest ${maxMs.toFixed(0)} ms`;
  const keptUp = ({ requests, tookSeconds }: Loaded): boolean => requests / tookSeconds > 0.98 * rate;
  const ratio = read.p99Ms / alone.p99Ms;
  const lost = heard.answered - heard.responses;
  const wrong = alone.wrong + read.wrong;
  const example = alone.firstWrong ?? read.firstWrong;
  return [
    verdict(keptUp(alone), `${count} sessions, 4 mocks each, no reader: ${reached(alone)}`),
    `       CPU per request: ${alone.cost}`,
    verdict(keptUp(read), `the same with an event reader each: ${reached(read)}`),
    `       CPU per request: ${read.cost}`,
    verdict(ratio <= p99Limit, `p99 with readers is ${ratio.toFixed(2)} times that without (limit ${p99Limit})`),
    verdict(
      lost === 0 && heard.missed === 0,
      `responses that were not told: ${lost} of ${heard.answered} (${heard.events} events); readers told of a gap: ${heard.missed}`,
    ),
    `       the last event came ${heard.lateSeconds.toFixed(1)} s after the last request was due`,
    verdict(
      wrong === 0,
      `answers that failed or were not mocked: ${wrong} of ${alone.requests + read.requests}${example === undefined ? '' : ` (${example})`}`,
    ),
  ];
}

/** Three that do not fit what is asked, and one that changes a price. */
async function openWithMocks(stack: StackProcess): Promise<SessionView> {
  const session = await stack.api.sessions.create({});
  for (const command of ['/login', '/orders/*', '/statistics'])
    await stack.api.mocks.add(session.id, { predicate: { command }, response: { status: 503 } });
  await stack.api.mocks.add(session.id, {
    predicate: { command: '/cart', params: { user: 7 } },
    response: { modify: { '$.items[0].price': 99.5 } },
  });
  return session;
}
