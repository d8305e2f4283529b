import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ResourceScope } from '../src/core/resource-scope.js';
import { buildGoTools, type GoTools } from './go-tools.js';
import { loadArguments, readLoad, type Load, type LoadResult, type Target } from './load.js';
import { workFolder } from './paths.js';
import { Child } from './processes.js';
import { busySeconds, cpuSeconds } from './proc.js';
import { findToxiproxy } from './toxiproxy-binary.js';

export const domain = 'bench.test';

/** One load run, and what it cost whom. */
export interface Measured extends LoadResult {
  /** Of the chain's processes, while it counted. */
  cpuSeconds?: number;
  /** Cores that others kept busy meanwhile: not the chain, the origin or the load generator. */
  othersBusy?: number;
}

/** What all measurements share: the folders, the origin, the load generator. */
export class World implements AsyncDisposable {
  readonly #scope: ResourceScope;
  #loads = 0;

  private constructor(
    scope: ResourceScope,
    /** Removed at the end. */
    readonly folder: string,
    readonly logs: string,
    readonly tools: GoTools,
    readonly toxiproxy: { path: string; version: string },
    readonly origin: { http: number; https: number; caFile: string; pid: number },
    readonly signal: AbortSignal,
    readonly say: (line: string) => void,
  ) {
    this.#scope = scope;
  }

  static async start(say: (line: string) => void, signal: AbortSignal): Promise<World> {
    const scope = new ResourceScope();
    try {
      const logs = path.join(workFolder, 'logs');
      rmSync(logs, { recursive: true, force: true });
      mkdirSync(logs, { recursive: true });
      const folder = mkdtempSync(path.join(workFolder, 'run-'));
      scope.defer(() => rmSync(folder, { recursive: true, force: true }));
      const tools = await buildGoTools(say, signal);
      const toxiproxy = await findToxiproxy(say, signal);
      const caFile = path.join(folder, 'origin-ca.pem');
      const child = Child.start('origin', tools.origin, ['-ca', caFile, '-domain', domain], { logs });
      scope.defer(() => child.close('stdin'));
      const ports = JSON.parse(await child.line(10_000)) as { http: number; https: number };
      return new World(scope, folder, logs, tools, toxiproxy, { ...ports, caFile, pid: child.pid }, signal, say);
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  host(name: string): string {
    return `${name}.${domain}`;
  }

  url(scheme: 'http' | 'https', pathname: string, host = 'origin'): string {
    return `${scheme}://${this.host(host)}:${this.origin[scheme]}${pathname}`;
  }

  /** Runs the load generator once. `pids`: whose CPU time counts as the chain's. */
  async load(target: Target, load: Load, pids: number[] = []): Promise<Measured> {
    this.signal.throwIfAborted();
    await using child = Child.start('load', this.tools.load, loadArguments(target, load), { logs: this.logs });
    const end = (): void => void child.close('stdin');
    this.signal.addEventListener('abort', end);
    try {
      const now = () => ({
        at: performance.now(),
        busy: busySeconds(),
        chain: cpuSeconds(pids),
        known: cpuSeconds([...pids, this.origin.pid, child.pid]),
      });
      let start = now();
      const limitMs = 1000 * ((load.seconds ?? 0) + (load.timeoutSeconds ?? 30) * (load.hosts === undefined ? 2 : 4));
      const result = await readLoad(child, limitMs, () => (start = now()));
      const end = now();
      this.#loads++;
      return {
        ...result,
        cpuSeconds: difference(end.chain, start.chain),
        othersBusy: others(start, end),
      };
    } finally {
      this.signal.removeEventListener('abort', end);
      await child.close('stdin');
    }
  }

  get loads(): number {
    return this.#loads;
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface Snapshot {
  at: number;
  busy?: number;
  known?: number;
}

function others(start: Snapshot, end: Snapshot): number | undefined {
  const busy = difference(end.busy, start.busy);
  const known = difference(end.known, start.known);
  if (busy === undefined || known === undefined) return undefined;
  return Math.max(0, (busy - known) / ((end.at - start.at) / 1000));
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
