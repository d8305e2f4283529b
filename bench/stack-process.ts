import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { connectStack, type StackApi } from '../src/api/client.js';
import { cli } from './paths.js';
import { Child } from './processes.js';

export interface StackProcessOptions {
  /** Its logs are called so. */
  name: string;
  home: string;
  logs: string;
  /** Path of a Toxiproxy server. */
  toxiproxy: string;
  /** The most MITM processes; default: what `up` takes. */
  workers?: number;
  env?: NodeJS.ProcessEnv;
}

/** One `proxyctl up` with a home of its own, as users start it. */
export class StackProcess implements AsyncDisposable {
  private constructor(
    private readonly child: Child,
    readonly home: string,
    readonly api: StackApi,
  ) {}

  static async start({ name, home, logs, toxiproxy, workers, env }: StackProcessOptions): Promise<StackProcess> {
    mkdirSync(home, { recursive: true });
    const readyFile = path.join(home, 'ready.json');
    const args = [cli, 'up', '--no-ui', '--api-port', '0', '--ready-file', readyFile];
    if (workers !== undefined) args.push('--workers', String(workers));
    const child = Child.start(name, process.execPath, args, {
      logs,
      env: { PROXYCTL_HOME: home, PROXYCTL_TOXIPROXY: toxiproxy, ...env },
    });
    try {
      const { url, token } = JSON.parse(await child.file(readyFile, 30_000)) as { url: string; token: string };
      return new StackProcess(child, home, connectStack({ url, token }));
    } catch (error) {
      await child.close();
      throw error;
    }
  }

  /** The supervisor's, above all others of the stack. */
  get pid(): number {
    return this.child.pid;
  }

  close(): Promise<void> {
    return this.child.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
