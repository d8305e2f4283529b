import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa, type ResultPromise } from 'execa';

type ExecaChild = ResultPromise<{ stdin: 'pipe'; stdout: 'pipe'; stderr: 'pipe'; reject: false; buffer: false }>;

export interface StartOptions {
  /** Folder for NAME.log, which gets what the process says. */
  logs: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** A process of the bench: its lines, its log, its end. Its stdin stays open until `close()`. */
export class Child implements AsyncDisposable {
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  readonly #child: ExecaChild;
  #ended = false;

  private constructor(
    readonly name: string,
    readonly logFile: string,
    child: ExecaChild,
  ) {
    this.#child = child;
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stderr.pipe(log, { end: false });
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`);
      const next = this.#waiting.shift();
      if (next) next(line);
      else this.#lines.push(line);
    });
    void child.finally(() => {
      this.#ended = true;
      log.end();
      for (const give of this.#waiting.splice(0)) give(undefined);
    });
  }

  static start(name: string, command: string, args: string[], options: StartOptions): Child {
    const child = execa(command, args, {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      reject: false,
      buffer: false,
      env: options.env,
      forceKillAfterDelay: 10_000,
    });
    return new Child(name, path.join(options.logs, `${name}.log`), child);
  }

  /** Throws when the program could not be started at all. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} did not start; see ${this.logFile}`);
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The next line of stdout. Throws when it ends first, or when `limitMs` have passed. */
  async line(limitMs: number): Promise<string> {
    const ready = this.#lines.shift();
    if (ready !== undefined) return ready;
    if (this.#ended) throw this.#failure('ended');
    let timer: NodeJS.Timeout | undefined;
    try {
      const line = await new Promise<string | undefined>((resolve, reject) => {
        this.#waiting.push(resolve);
        timer = setTimeout(() => reject(this.#failure(`said nothing for ${limitMs / 1000} s`)), limitMs);
      });
      if (line === undefined) throw this.#failure('ended');
      return line;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Says something to it, on its stdin. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until `file` exists. Throws when the process ends first, or when `limitMs` have passed. */
  async file(file: string, limitMs: number): Promise<string> {
    const deadline = Date.now() + limitMs;
    while (!existsSync(file)) {
      if (this.#ended) throw this.#failure('ended');
      if (Date.now() > deadline) throw this.#failure(`was not ready after ${limitMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return readFileSync(file, 'utf8');
  }

  /** Ends it: by the end of its stdin, or by a signal, at last by SIGKILL. */
  async close(signal: NodeJS.Signals | 'stdin' = 'SIGTERM'): Promise<void> {
    if (signal === 'stdin') this.#child.stdin.end();
    else if (!this.#ended) this.#child.kill(signal);
    await this.#child;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #failure(what: string): Error {
    const tail = existsSync(this.logFile)
      ? readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-5).join('\n')
      : '';
    return new Error(`${this.name} ${what} (${this.logFile})${tail === '' ? '' : `:\n${tail}`}`);
  }
}

/** A port that was free a moment ago, for programs that cannot be asked which one they got. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No TCP address');
  return address.port;
}
