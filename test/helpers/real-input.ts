import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { makeTempFolder } from './temp-folder.js';
import { expectNothingRunning, run, type Finished } from './processes.js';
import { proxyctlBin, proxyctlEnv } from './proxyctl.js';
import { isolation } from './without-network.js';

/** What a real program is run as. */
export interface Program {
  command: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

export interface RealRun extends Finished {
  report: Report;
}

/** The part of `--report` that these tests look at. */
const report = z.object({
  exitCode: z.number(),
  recording: z.object({ published: z.boolean(), entries: z.number() }).optional(),
  summary: z.object({
    misses: z.array(z.unknown()),
    failures: z.array(z.unknown()),
    upstreamConnections: z.number(),
  }),
});
export type Report = z.infer<typeof report>;

const limitMs = 180_000;

/**
 * Records real programs and replays them where nothing can be reached: a proxyctl of its own with its own store. The
 * replay runs in a network namespace without any route where there are such things, and has to say itself that it
 * opened no connection.
 */
export class RealInput implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    private readonly recordFlags: string[],
    private readonly remove: () => Promise<void>,
  ) {}

  /** `recordFlags`: for `proxyctl record` alone, such as `--upstream-ca`. */
  static async start(name: string, recordFlags: string[] = []): Promise<RealInput> {
    const { path, remove } = await makeTempFolder(name);
    return new RealInput(path, recordFlags, remove);
  }

  /**
   * Runs it live, with `flags` for this time as well, and expects that it succeeds and that its traffic is published.
   */
  async record(testId: string, program: Program, flags: string[] = []): Promise<RealRun> {
    const finished = await this.#run('record', testId, program, [...this.recordFlags, ...flags], {
      prefix: [],
      nodeOptions: [],
    });
    expect(finished.report.recording, finished.all).toMatchObject({ published: true });
    expect(finished.report.recording?.entries).toBeGreaterThan(0);
    return finished;
  }

  /**
   * Runs it on the recording, and expects that it succeeds, that nothing was missed, and that nothing was connected to.
   */
  async replay(testId: string, program: Program): Promise<RealRun> {
    const finished = await this.#run('replay', testId, program, [], await isolation());
    expect(finished.report.summary, finished.all).toMatchObject({ misses: [], failures: [], upstreamConnections: 0 });
    expect(finished.all).not.toContain('without-network: refused');
    return finished;
  }

  async #run(
    mode: 'record' | 'replay',
    testId: string,
    { command, cwd, env }: Program,
    flags: string[],
    { prefix, nodeOptions }: { prefix: string[]; nodeOptions: string[] },
  ): Promise<RealRun> {
    const reportFile = join(this.folder, `${mode}-report.json`);
    const own = [mode, '--test-id', testId, '--store', join(this.folder, 'store'), '--report', reportFile, ...flags];
    const [file = '', ...args] = [...prefix, process.execPath, proxyctlBin, ...own, '--', ...command];
    const base = proxyctlEnv(join(this.folder, 'home'), env);
    const finished = await run(file, args, {
      cwd: cwd ?? this.folder,
      env: { ...base, NODE_OPTIONS: [base['NODE_OPTIONS'], ...nodeOptions].join(' ') },
      extendEnv: false,
      limitMs,
    });
    expect(finished, finished.all).toMatchObject({ exitCode: 0 });
    await expectNothingRunning(this.folder);
    return { ...finished, report: report.parse(JSON.parse(await readFile(reportFile, 'utf8'))) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }
}

/** A client program of `test/fixtures/clients`. */
export function clientFixture(name: string): string {
  return join(import.meta.dirname, '../fixtures/clients', name);
}

/** PATH with the Python environment in front that `scripts/setup-e2e.sh` makes: it has `requests` and `pip`. */
export function pythonEnv(): NodeJS.ProcessEnv {
  const bin = join(import.meta.dirname, '../../.work/e2e/venv/bin');
  return { PATH: [bin, process.env['PATH'] ?? ''].join(delimiter) };
}
