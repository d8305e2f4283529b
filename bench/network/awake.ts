import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Ends with its parent, however that ends. */
const program = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e6; i += 1);';

/**
 * Keeps the processors from sleeping: a virtual one takes milliseconds to wake, and an exchange over a slow link wakes
 * it a dozen times. On Linux, by programs that run only where nothing else wants to (`SCHED_IDLE`, sched(7)); elsewhere
 * it does nothing.
 */
export class Awake implements Disposable {
  readonly #children: ChildProcess[] = [];

  constructor() {
    if (process.platform !== 'linux') return;
    for (let i = 0; i < availableParallelism(); i += 1) {
      const child = spawn('chrt', ['--idle', '0', process.execPath, '-e', program], { stdio: 'ignore' });
      child.on('error', () => undefined); // without chrt the machine is measured as it is
      this.#children.push(child);
    }
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
