import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { execa, type Options } from 'execa';

export interface Finished {
  /** `undefined` when a signal ended it. */
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
  /** stdout and stderr as they came, for messages. */
  all: string;
}

export type RunOptions = Pick<Options, 'cwd' | 'env' | 'extendEnv' | 'input'> & {
  /** The process, with all below it, is killed after this time, and the test fails. */
  limitMs?: number;
};

/**
 * Runs a program to its end. Throws only when it could not be started or ran too long; exit codes are for the test to
 * judge.
 */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Finished> {
  const { limitMs = 60_000, ...rest } = options;
  const child = execa(command, args, {
    stdin: rest.input === undefined ? 'ignore' : undefined,
    ...rest,
    all: true,
    reject: false,
  });
  let late: number[] | undefined;
  const timer = setTimeout(() => {
    void (async () => {
      late = child.pid === undefined ? [] : await descendants(child.pid);
      for (const pid of late) endIfThere(pid);
      child.kill('SIGKILL');
    })();
  }, limitMs);
  const result = await child;
  clearTimeout(timer);
  const line = [command, ...args].join(' ');
  if (late !== undefined) throw new Error(`Still running after ${limitMs / 1000} s: ${line}\n${result.all}`);
  if (result.exitCode === undefined && result.signal === undefined)
    throw new Error(`Could not run: ${line}`, { cause: result });
  const { exitCode, signal, stdout, stderr, all } = result;
  return { exitCode, signal, stdout, stderr, all };
}

/** Like `run`, for programs that have to succeed. The error holds all they said. */
export async function mustRun(command: string, args: string[], options: RunOptions = {}): Promise<Finished> {
  const finished = await run(command, args, options);
  if (finished.exitCode === 0) return finished;
  throw new Error(
    `${[command, ...args].join(' ')} ended with ${finished.signal ?? `exit code ${finished.exitCode}`}:\n${finished.all}`,
  );
}

export interface ProcessInfo {
  pid: number;
  parent: number;
  command: string;
}

/** All processes that are below this one, nearest first. */
export async function descendants(root: number): Promise<number[]> {
  const all = await processes();
  const found: number[] = [];
  for (let level = [root]; level.length > 0;) {
    level = all.filter(({ parent }) => level.includes(parent)).map(({ pid }) => pid);
    found.push(...level);
  }
  return found;
}

/**
 * The processes whose command line holds `text`: a temporary folder of one test tells its processes from all others.
 */
export async function processesWith(text: string): Promise<ProcessInfo[]> {
  return (await processes()).filter(({ pid, command }) => pid !== process.pid && command.includes(text));
}

/**
 * Resolves once every one of these is gone; throws with their command lines when one is still there after `limitMs`.
 */
export async function expectGone(pids: number[], limitMs = 5_000): Promise<void> {
  const left = await eventually(
    async () => (await processes()).filter(({ pid }) => pids.includes(pid)),
    (those) => those.length === 0,
    limitMs,
  );
  if (left.length > 0)
    throw new Error(`Still running: ${left.map(({ pid, command }) => `${pid} ${command}`).join('\n')}`);
}

/** Resolves once no process has `text` in its command line; throws with those that are left after `limitMs`. */
export async function expectNothingRunning(text: string, limitMs = 5_000): Promise<void> {
  const left = await eventually(
    () => processesWith(text),
    (those) => those.length === 0,
    limitMs,
  );
  if (left.length > 0)
    throw new Error(`Still running: ${left.map(({ pid, command }) => `${pid} ${command}`).join('\n')}`);
}

/** Asks until the answer is good or the time is over, and returns the last answer. For states that send no event. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  good: (answer: T) => boolean,
  limitMs: number,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (good(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Without those that have ended and only wait for their parent to notice. */
async function processes(): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') return listedByPs();
  const entries = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    entries.map(async (name) => {
      try {
        const [stat, command] = await Promise.all([
          readFile(`/proc/${name}/stat`, 'utf8'),
          readFile(`/proc/${name}/cmdline`, 'utf8'),
        ]);
        // The second field is the name in parentheses, and may hold anything.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        return [{ pid: Number(name), parent: Number(parent), command: command.split('\0').join(' ').trim() }];
      } catch {
        return []; // it ended between the listing and the reading
      }
    }),
  );
  return found.flat();
}

async function listedByPs(): Promise<ProcessInfo[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,state=,command='], { maxBuffer: 1 << 24 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
