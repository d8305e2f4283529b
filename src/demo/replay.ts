import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionSummary } from '../api/schemas.js';
import { formatDuration } from '../core/units.js';
import type { ClientResponse } from './client-program.js';
import { answersOf, ask, check, clientCommand, succeeded, type Stage } from './stage.js';

export interface ReplayFacts {
  recordedExchanges: number;
  /** How asking the backend itself ended, after it was switched off. */
  backendGone: string;
  sameBytes: boolean;
  /** By how much a time in a response had moved, in milliseconds. */
  timeMovedMs: number;
  upstreamConnections: number;
  missExitCode: number;
  /** Where the request that missed differs from the nearest recorded one. */
  missDiffersIn: string[];
}

const paths = ['/products?page=1', '/products?page=2', '/order', '/order', '/photo'];
/** Responses that do not say when they were made. */
const timeless = paths.filter((path) => path !== '/order');
const clockToleranceMs = 2000;
/** Times move by whole seconds, so a recording younger than that would show nothing. */
const oldEnoughMs = 1500;

/** Records the client, switches the backend off, and replays: all that was recorded, and one request that was not. */
export async function showReplay(stage: Stage): Promise<ReplayFacts> {
  const { shell, say, backend } = stage;
  say('\n2. Record a test once …');
  const command = ['--', 'node', ...clientCommand(stage, paths)];
  const recordedFrom = Date.now();
  const recorded = await shell.run(['record', '--test-id', 'demo', '--upstream-ca', 'company-ca/ca.pem', ...command]);
  const recordedTo = Date.now();
  const live = answersOf(succeeded(recorded, 'record'));

  await backend.close();
  say('\n3. … switch the backend off …');
  const trust = { env: { NODE_EXTRA_CA_CERTS: backend.caFile }, shownAs: 'NODE_EXTRA_CA_CERTS=company-ca/ca.pem …' };
  const { status, error = `status ${status}` } = await ask(stage, '/products?page=1', trust);
  check(status === 0, 'the backend still answers');

  say('\n4. … and replay it.');
  await stage.shell.pause(recordedTo + oldEnoughMs - Date.now());
  const replayedFrom = Date.now();
  const replayed = await shell.run(['replay', '--test-id', 'demo', '--report', 'replay.json', ...command]);
  const replayedTo = Date.now();
  const again = answersOf(succeeded(replayed, 'replay'));
  const sameBytes = timeless.every((path) => sameBytesOf(path, live, again));
  check(sameBytes, 'the replayed answers differ from the recorded ones');
  const { upstreamConnections } = await reportOf(stage, 'replay.json');
  check(upstreamConnections === 0, `the replay opened ${upstreamConnections} connections`);
  const timeMovedMs = placedAt(again) - placedAt(live);
  const [least, most] = [replayedFrom - recordedTo - clockToleranceMs, replayedTo - recordedFrom + clockToleranceMs];
  check(timeMovedMs > 0 && timeMovedMs >= least && timeMovedMs <= most, `times in answers moved by ${timeMovedMs} ms`);
  say(
    `  → The recording answered: no connection to anywhere, the same bytes, the second order after the first. Only the times at\n` +
      `    which orders were placed have moved, by ${formatDuration(timeMovedMs)}: as long as the recording is old.`,
  );
  return {
    recordedExchanges: live.length,
    backendGone: error,
    sameBytes,
    timeMovedMs,
    upstreamConnections,
    ...(await showMiss(stage)),
  };
}

async function showMiss(stage: Stage): Promise<Pick<ReplayFacts, 'missExitCode' | 'missDiffersIn'>> {
  const { shell, say } = stage;
  say('\n5. What was never recorded is not answered by a guess: it is a miss, it is explained, and the command fails.');
  const command = ['--', 'node', ...clientCommand(stage, ['/products?page=3'])];
  const { exitCode } = await shell.run(['replay', '--test-id', 'demo', '--report', 'miss.json', ...command]);
  check(exitCode !== 0, 'a replay with a miss ended with 0');
  const { misses } = await reportOf(stage, 'miss.json');
  const missDiffersIn = misses[0]?.nearest?.differences.map(({ where }) => where) ?? [];
  check(
    missDiffersIn.some((where) => where.includes('page')),
    'a request that was not recorded was not explained',
  );
  return { missExitCode: exitCode, missDiffersIn };
}

function sameBytesOf(path: string, live: readonly ClientResponse[], again: readonly ClientResponse[]): boolean {
  const [before, after] = [live, again].map((answers) => answers.find((answer) => answer.path === path));
  return before !== undefined && before.status === after?.status && before.sha256 === after.sha256;
}

/** When the second order says that it was placed, in milliseconds since 1970. */
function placedAt(answers: readonly ClientResponse[]): number {
  const second = answers.filter(({ path }) => path === '/order')[1];
  const order = JSON.parse(second?.text ?? '{}') as { order?: number; placedAt?: string };
  check(order.order === 2, `the second order is ${second?.text ?? 'missing'}`);
  return Date.parse(order.placedAt ?? '');
}

async function reportOf({ folder }: Stage, file: string): Promise<SessionSummary> {
  const report = JSON.parse(await readFile(join(folder, file), 'utf8')) as { summary: SessionSummary };
  return report.summary;
}
