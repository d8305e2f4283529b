import { execa } from 'execa';

export interface ShellOptions {
  cwd: string;
  env: Record<string, string>;
  signal: AbortSignal;
  /** What the commands print, as they would show in a terminal. */
  show: (text: string) => void;
}

export interface ShellResult {
  exitCode: number;
  stdout: string;
  stderr: string;
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
  run(args: readonly string[], { env = {}, prefix = '', quiet = false } = {}): Promise<ShellResult> {
    const [program = '', ...first] = this.proxyctl;
    const line = `${prefix}proxyctl ${args.map(quote).join(' ')}`;
    return this.#run(line, program, [...first, ...args], env, quiet);
  }

  /** Any other program. */
  program(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<ShellResult> {
    return this.#run(
      [program, ...args].map(quote).join(' '),
      program === 'node' ? process.execPath : program,
      args,
      env,
      false,
    );
  }

  async #run(
    line: string,
    program: string,
    args: readonly string[],
    env: Record<string, string>,
    quiet: boolean,
  ): Promise<ShellResult> {
    const { cwd, signal, show } = this.options;
    signal.throwIfAborted();
    show(`$ ${line}`);
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
    if (result.timedOut) throw new Error(`${line} did not end within ${limitMs / 1000} s`);
    const lines = [result.stdout, result.stderr]
      .flatMap((text) => text.split('\n'))
      .filter((text) => text !== '' && !text.startsWith('[{'));
    if (!quiet) for (const text of lines) show(`  ${text}`);
    return { exitCode: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr };
  }
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The variables in `export NAME='value'` lines. */
export function exportedVariables(lines: string): Record<string, string> {
  const found = [...lines.matchAll(/^export (\w+)='((?:[^']|'\\'')*)'$/gm)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value.replaceAll("'\\''", "'")]));
}
