import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { residentMiB } from '../proc.js';
import type { StackProcess } from '../stack-process.js';
import { verdict } from './verdict.js';

/**
 * Sessions that come and go before it is counted what there is: what is loaded on first use, and a heap's usual size.
 */
const warmUp = 1000;
const atOnce = 8;
/** What a process gives back, it gives back within this time, ms. */
const settleMs = 5000;
/** Of all processes together: what a heap's size differs by from one moment to the next. */
const memoryLimitMiB = 60;

interface Left {
  /** Sockets that listen, of all processes of the stack. */
  listeners: number;
  descriptors: number;
  /** In the folder of the stack. */
  files: number;
  memory: number;
}

/** Creates and deletes so many sessions, some at once, and tells what they left behind. Needs /proc. */
export async function churn(stack: StackProcess, folder: string, count: number): Promise<string[]> {
  await comeAndGo(stack, warmUp);
  const before = await whatIsLeft(stack, folder);
  const begun = performance.now();
  await comeAndGo(stack, count);
  const each = (performance.now() - begun) / count;
  const after = await whatIsLeft(stack, folder);
  const same = (['listeners', 'descriptors', 'files'] as const).map((what) =>
    verdict(after[what] <= before[what], `${what} after ${count} sessions: ${after[what]}, before: ${before[what]}`),
  );
  const grown = after.memory - before.memory;
  return [
    `       ${count} sessions created and deleted, ${atOnce} at once: ${each.toFixed(1)} ms each`,
    ...same,
    verdict(
      grown <= memoryLimitMiB,
      `memory of all processes: ${Math.round(after.memory)} MiB, before: ${Math.round(before.memory)} MiB (limit +${memoryLimitMiB})`,
    ),
  ];
}

async function comeAndGo(stack: StackProcess, count: number): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { id } = await stack.api.sessions.create({ history: true });
      await stack.api.mocks.add(id, { response: { status: 204 } });
      await stack.api.sessions.delete(id);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

async function whatIsLeft(stack: StackProcess, folder: string): Promise<Left> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const { children } = await stack.api.status();
  const pids = [stack.pid, ...children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))];
  const listening = listeningInodes();
  const descriptors = pids.flatMap((pid) => descriptorsOf(pid));
  return {
    listeners: descriptors.filter((name) => listening.has(name)).length,
    descriptors: descriptors.length,
    files: readdirSync(folder, { recursive: true }).length,
    memory: pids.reduce((sum, pid) => sum + residentMiB(pid), 0),
  };
}

function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // it has been closed meanwhile
    }
  });
}

/** `socket:[12345]`, as descriptors name them. */
function listeningInodes(): Set<string> {
  const rows = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n').slice(1));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  return new Set(fields.filter(([, , , state]) => state === '0A').map((row) => `socket:[${row[9] ?? ''}]`));
}
