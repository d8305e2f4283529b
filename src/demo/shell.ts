import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { shellWord } from '../core/shell-word.js';
import { ProxyctlError } from '../errors/index.js';

export interface ShellOptions {
  cwd: string;
  env: Record<string, string>;
  signal: AbortSignal;
  /** A command, and what it prints, as they would show in a terminal. */
  show: (text: string) => void;
}

export interface ShellResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** More of an environment, and how a reader would type it, with `…` for the command itself. */
  env?: Record<string, string>;
  shownAs?: string;
  /** Show the command, but not what it prints. */
  quiet?: boolean;
}

/** A command may take so long before it is given up. */
const limitMs = 60_000;

/** Runs commands for the demo, each shown as the reader would type it, with its output below. */
export class DemoShell {
  constructor(
    readonly options: ShellOptions,
    /** How `proxyctl` is started: program and first arguments. */
    readonly proxyctl: readonly string[],
  ) {}

  /** `proxyctl ARGS`. */
  run(args: readonly string[], options: RunOptions = {}): Promise<ShellResult> {
    const [program = '', ...first] = this.proxyctl;
    return this.#run(`proxyctl ${args.map(shellWord).join(' ')}`, program, [...first, ...args], options);
  }

  /** `node ARGS`. */
  node(args: readonly string[], options: RunOptions = {}): Promise<ShellResult> {
    return this.#run(`node ${args.map(shellWord).join(' ')}`, process.execPath, args, options);
  }

  /** Does nothing for a while, or until Ctrl-C, which the next command then notices. */
  async pause(ms: number): Promise<void> {
    await setTimeout(Math.max(0, ms), undefined, { signal: this.options.signal }).catch(() => undefined);
  }

  /** The same shell for what must run after Ctrl-C too: shows nothing, and is not interrupted. */
  unseen(): DemoShell {
    const { signal } = new AbortController();
    return new DemoShell({ ...this.options, signal, show: () => undefined }, this.proxyctl);
  }

  async #run(
    command: string,
    program: string,
    args: readonly string[],
    { env = {}, shownAs = '…', quiet = false }: RunOptions,
  ): Promise<ShellResult> {
    const { cwd, signal, show } = this.options;
    signal.throwIfAborted();
    show(`$ ${shownAs.replace('…', () => command)}`);
    const result = await execa(program, args, {
      cwd,
      env: { ...this.options.env, ...env },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      timeout: limitMs,
      cancelSignal: signal,
      forceKillAfterDelay: 3000,
    });
    signal.throwIfAborted();
    if (result.timedOut) {
      throw new ProxyctlError('PROXYCTL_TIMEOUT', `"${command}" did not end within ${limitMs / 1000} s`);
    }
    const lines = [result.stdout, result.stderr]
      .flatMap((text) => text.split('\n'))
      .filter((text) => text !== '' && !text.startsWith('[{'));
    if (!quiet) for (const text of lines) show(`  ${text.trimEnd()}`);
    return { exitCode: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr };
  }
}

/** The variables in `export NAME='value'` lines. */
export function exportedVariables(lines: string): Record<string, string> {
  const found = [...lines.matchAll(/^export (\w+)='((?:[^']|'\\'')*)'$/gm)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value.replaceAll("'\\''", "'")]));
}
