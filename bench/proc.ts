import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/*
 * What processes cost, from /proc where there is one; elsewhere only resident memory is known (by `ps`).
 * Times are in seconds, memory in MiB.
 */

/** USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export const hasProc = process.platform === 'linux';

interface Stat {
  parent: number;
  cpuSeconds: number;
}

/** User and system time of these processes and all below them; `undefined` without /proc. */
export function cpuSeconds(roots: number[]): number | undefined {
  if (!hasProc) return undefined;
  const all = table();
  return family(roots, all).reduce((sum, pid) => sum + (all.get(pid)?.cpuSeconds ?? 0), 0);
}

/** The same of this process alone, without those below it. */
export function ownCpuSeconds(pid: number): number | undefined {
  return hasProc ? statOf(pid)?.cpuSeconds : undefined;
}

/** Busy time of all cores since boot; `undefined` without /proc. */
export function busySeconds(): number | undefined {
  if (!hasProc) return undefined;
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softIrq + steal) / ticksPerSecond;
}

/** Resident memory of one process, or 0 when it is gone. */
export function residentMiB(pid: number): number {
  try {
    const kib = hasProc
      ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(kib ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}

/** `2 × Intel(R) Xeon(R) Processor, 24 GiB, Linux 6.1 x64`: what a reader needs to judge the figures by. */
export function cpuModel(): string {
  const model = hasProc ? /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] : undefined;
  return `${availableParallelism()} × ${model ?? process.arch}`;
}

function family(roots: number[], all: Map<number, Stat>): number[] {
  const members = new Set(roots.filter((pid) => all.has(pid)));
  for (let grown = true; grown;) {
    const before = members.size;
    for (const [pid, { parent }] of all) if (members.has(parent)) members.add(pid);
    grown = members.size > before;
  }
  return [...members];
}

function table(): Map<number, Stat> {
  const found = new Map<number, Stat>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : undefined;
    if (stat !== undefined) found.set(Number(entry), stat);
  }
  return found;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses, and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[1]),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return undefined; // it has ended
  }
}
