import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ResourceScope } from '../../src/core/resource-scope.js';
import { verdict } from '../control/verdict.js';
import { cli, workFolder } from '../paths.js';
import { StackProcess } from '../stack-process.js';
import { findToxiproxy } from '../toxiproxy-binary.js';

const limitMs = 100;
/** Says when it was started, in milliseconds of the wall clock. */
const command = [process.execPath, '-e', 'process.stdout.write(String(performance.timeOrigin))'];

export interface StartedFrom {
  folder: string;
  bucket: string;
}

/**
 * What a user waits for: from `proxyctl replay --store … -- CMD` to the start of CMD, with a stack of its own and on a
 * running one, by turns.
 */
export async function measureCommandStart(
  scope: ResourceScope,
  places: StartedFrom,
  rounds: number,
): Promise<string[]> {
  const { path: toxiproxy } = await findToxiproxy(
    (line) => void process.stderr.write(`${line}\n`),
    new AbortController().signal,
  );
  const own: NodeJS.ProcessEnv = { ...process.env, PROXYCTL_TOXIPROXY: toxiproxy };
  const alone = await compare('with a stack of its own', places, own, rounds);
  const logs = path.join(workFolder, 'logs');
  await mkdir(logs, { recursive: true });
  const home = process.env.PROXYCTL_HOME ?? ''; // for its cache
  const stack = scope.use(await StackProcess.start({ name: 'store', home, logs, toxiproxy }));
  const { url, token } = stack.api.address;
  const running = { ...own, PROXYCTL_URL: url, PROXYCTL_TOKEN: token };
  return [alone, await compare('on a running stack', places, running, rounds)];
}

async function compare(what: string, places: StartedFrom, env: NodeJS.ProcessEnv, rounds: number): Promise<string> {
  const times = { folder: [] as number[], bucket: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    for (const from of ['folder', 'bucket'] as const) {
      const ms = await startOf(places[from], env);
      if (round >= 0) times[from].push(ms); // the first fills caches and loads what a running stack loads once
    }
  }
  const [folder, bucket] = [median(times.folder), median(times.bucket)];
  return verdict(
    bucket - folder < limitMs,
    `from \`proxyctl replay\` to the start of CMD, ${what}: from a warm cache ${bucket.toFixed(0)} ms, from a folder ${folder.toFixed(0)} ms; ${(bucket - folder).toFixed(0)} ms more (limit ${limitMs} ms)`,
  );
}

async function startOf(store: string, env: NodeJS.ProcessEnv): Promise<number> {
  const args = [cli, 'replay', '--test-id', 'bench', '--store', store, '--', ...command];
  const started = performance.timeOrigin + performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env,
    cwd: path.dirname(cli),
    timeout: 60_000,
  });
  return Number(stdout) - started;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
