import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Kills a child of ours when we die, however we die: a tiny process of its own session that holds the other end of a
 * pipe to us, and kills the child once that end closes. For children that cannot notice our death by themselves, as
 * Toxiproxy; a Node child has its IPC channel for that.
 */
export class OrphanGuard {
  private constructor(private readonly pipe: NodeJS.WritableStream) {}

  /** `onError` hears when the guard itself cannot run: the child is then not guarded. */
  static start(onError: (error: Error) => void): OrphanGuard {
    const [program, ...args] = process.platform === 'win32' ? nodeGuard() : shellGuard;
    const guard = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.on('error', onError);
    guard.stdin.on('error', onError);
    guard.unref();
    if (guard.stdin instanceof Socket) guard.stdin.unref(); // a pipe is a socket to Node, though not by its types
    return new OrphanGuard(guard.stdin);
  }

  watch(pid: number): void {
    this.pipe.write(`${pid}\n`);
  }

  /** The child is gone: the guard goes as well, and kills nobody. */
  release(): void {
    this.pipe.end('release\n');
  }
}

/**
 * Reads the pid, then waits for `release` or the end of the pipe. Signals to a whole terminal or group do not reach it.
 */
const shellGuard: [string, ...string[]] = [
  '/bin/sh',
  '-c',
  `trap '' HUP INT TERM; read -r pid || exit 0; [ "$pid" = release ] && exit 0; ` +
    `read -r word; [ "$word" = release ] || kill -KILL "$pid"`,
];

function nodeGuard(): [string, ...string[]] {
  const script =
    `let said = ''; process.stdin.setEncoding('utf8').on('data', (text) => (said += text)).on('end', () => {` +
    ` const [pid, word] = said.split('\\n'); if (Number(pid) > 0 && word !== 'release') process.kill(Number(pid), 'SIGKILL'); });`;
  return [process.execPath, '-e', script];
}
