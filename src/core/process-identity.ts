import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/**
 * A process that can still be told from another one that got its number later. Lock files hold it, so that a lock whose
 * owner was killed is seen to be stale.
 */
export const processIdentity = z.object({
  pid: z.number().int().positive(),
  /** When it started, in whatever form the platform tells it; missing where it tells nothing (Windows). */
  startedAt: z.string().optional(),
  /** Which set of process numbers `pid` is from: the machine's boot and, on Linux, the pid namespace (a container). */
  scope: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

let own: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  const startedAt = startTime(process.pid);
  own ??= { pid: process.pid, ...(startedAt === undefined ? {} : { startedAt }), scope: scopeOfThisProcess() };
  return own;
}

/**
 * Whether that very process runs. Undefined when it is of another machine or container, so that nobody here can know.
 */
export function isRunning({ pid, startedAt, scope }: ProcessIdentity): boolean | undefined {
  if (scope !== thisProcess().scope) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startedAt === undefined || startTime(pid) === startedAt;
}

/** Linux: field 22 of /proc/PID/stat, clock ticks since boot (proc(5)). Elsewhere what `ps` says. */
function startTime(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The second field is the program's name in brackets and may hold spaces and brackets itself.
      const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? undefined : rest[18];
    } catch {
      return undefined;
    }
  }
  if (process.platform === 'win32') return undefined;
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

function scopeOfThisProcess(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
