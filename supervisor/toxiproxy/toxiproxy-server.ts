import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { environment } from '../../src/config/environment.js';
import { silentLogger, type LogEntry, type Logger } from '../../src/core/logger.js';
import { messageOf, ProxyctlError } from '../../src/errors/index.js';
import { freePort, isPortFree } from '../free-port.js';
import { OrphanGuard } from '../orphan-guard.js';
import { ToxiproxyApi } from './toxiproxy-api.js';
import { ToxiproxyMarker } from './toxiproxy-marker.js';
import { ToxiproxyOutput } from './toxiproxy-output.js';

interface ToxiproxyServerOptions {
  /** The server program, from `provisionToxiproxy`. */
  binary: string;
  /** Where its API listens. Default 127.0.0.1. */
  host?: string;
  /** 0, the default: a free one. */
  port?: number;
  signal?: AbortSignal;
  logger?: Logger;
  /** What it says, save what it says of each connection; and once that it is ready. */
  onLog?: (entry: LogEntry) => void;
  /** How long it may take until it answers. */
  readyLimitMs?: number;
}

export interface ProcessExit {
  code: number | undefined;
  signal: string | undefined;
  /** Why it could not be run at all. */
  cause?: string | undefined;
}

/** A running Toxiproxy. Does not outlive this process, even when this one is killed by SIGKILL. */
export class ToxiproxyServer implements AsyncDisposable {
  #closing: Promise<void> | undefined;

  private constructor(
    readonly pid: number,
    /** Of its API: `http://127.0.0.1:41234`. */
    readonly url: string,
    readonly version: string,
    readonly api: ToxiproxyApi,
    /** Resolves once the process is gone, for whatever reason; never rejects. */
    readonly exited: Promise<ProcessExit>,
    private readonly kill: (signal: NodeJS.Signals) => void,
  ) {}

  /**
   * Starts it and resolves once its API answers. Throws `PROXYCTL_PORT_IN_USE` when a port that was asked for is taken,
   * `PROXYCTL_CHILD` when it ends before it is ready, `PROXYCTL_TIMEOUT` when it never answers. Nothing is left running
   * then.
   */
  static async start(options: ToxiproxyServerOptions): Promise<ToxiproxyServer> {
    const host = options.host ?? '127.0.0.1';
    if (options.port !== undefined && options.port !== 0) {
      if (!(await isPortFree(host, options.port))) throw portInUse(host, options.port);
      return ToxiproxyServer.#launch(host, options.port, options);
    }
    // Toxiproxy can take a free port by itself but does not say which. The one found here may be taken a moment later.
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ToxiproxyServer.#launch(host, await freePort(host), options);
      } catch (error) {
        const taken = error instanceof ProxyctlError && error.code === 'PROXYCTL_PORT_IN_USE';
        if (!taken || attempt === 5) throw error;
      }
    }
  }

  static async #launch(host: string, port: number, options: ToxiproxyServerOptions): Promise<ToxiproxyServer> {
    const { binary, signal, logger = silentLogger, readyLimitMs = 15_000 } = options;
    signal?.throwIfAborted();
    const marker = await ToxiproxyMarker.create();
    const guard = OrphanGuard.start((error) => logger.warn(`Toxiproxy is not guarded: ${error.message}`));
    const child = execa(binary, ['-host', host, '-port', String(port), '-config', marker.path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: toxiproxyEnvironment(environment.all()),
      extendEnv: false,
      buffer: false,
      reject: false,
      detached: true, // Ctrl-C is for the supervisor, which stops its children in order
    });
    if (child.pid !== undefined) guard.watch(child.pid);
    const output = new ToxiproxyOutput(child, options.onLog);
    const exited = child.then((result): ProcessExit => {
      guard.release();
      const cause = result.exitCode === undefined && result.signal === undefined ? messageOf(result.cause) : undefined;
      return { code: result.exitCode, signal: result.signal, cause };
    });
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const api = new ToxiproxyApi(url);
    const kill = (name: NodeJS.Signals): void => void child.kill(name);
    const waiting = new AbortController();
    const limit = setTimeout(() => waiting.abort(tooLate(url, readyLimitMs, output)), readyLimitMs);
    const giveUp = (): void => waiting.abort(signal?.reason);
    signal?.addEventListener('abort', giveUp);
    try {
      await Promise.race([
        marker.seenAt(url, waiting.signal),
        output.listenFailure.then((reason) => Promise.reject(notListening(reason, host, port))),
        exited.then((exit) => Promise.reject(endedEarly(binary, exit, output))),
      ]);
      const version = await api.version();
      options.onLog?.(readyEntry(`Toxiproxy ${version} answers at ${url}`, child.pid));
      return new ToxiproxyServer(child.pid ?? 0, url, version, api, exited, kill);
    } catch (error) {
      kill('SIGKILL');
      await exited;
      await api.close();
      throw error;
    } finally {
      clearTimeout(limit);
      signal?.removeEventListener('abort', giveUp);
      waiting.abort();
      await marker.delete();
    }
  }

  /** Stops it: SIGTERM, then SIGKILL. Its listeners and connections end with it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.api.close();
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), stopLimitMs);
    await this.exited;
    clearTimeout(timer);
  }
}

/** Toxiproxy waits up to 30 s for API requests under way; there is nothing in them worth that wait. */
const stopLimitMs = 2000;

function readyEntry(message: string, pid: number | undefined): LogEntry {
  return { time: new Date().toISOString(), level: 'info', source: 'toxiproxy', message, fields: { pid } };
}

function portInUse(host: string, port: number, cause?: unknown): ProxyctlError {
  return new ProxyctlError('PROXYCTL_PORT_IN_USE', `Port ${port} on ${host} is taken: Toxiproxy cannot listen there`, {
    hint: 'Choose another port, or none: then a free one is taken.',
    data: { host, port },
    cause,
  });
}

function notListening(reason: string, host: string, port: number): ProxyctlError {
  if (/address already in use|only one usage/i.test(reason)) return portInUse(host, port);
  return new ProxyctlError('PROXYCTL_CHILD', `Toxiproxy cannot listen on ${host}:${port}: ${reason}`, {
    hint: 'The host must be an address of this machine; ports below 1024 need privileges on most systems.',
    data: { host, port },
  });
}

function endedEarly(binary: string, { code, signal, cause }: ProcessExit, output: ToxiproxyOutput): ProxyctlError {
  const how = cause ?? (signal === undefined ? `it exited with ${code}` : `it was ended by ${signal}`);
  const said = output.tail === '' ? '' : `. It said: ${output.tail}`;
  return new ProxyctlError('PROXYCTL_CHILD', `Toxiproxy (${binary}) did not start: ${how}${said}`, {
    hint: 'Run `proxyctl doctor` to see where this program came from.',
    data: { binary, code, signal },
  });
}

function tooLate(url: string, limitMs: number, output: ToxiproxyOutput): ProxyctlError {
  const said = output.tail === '' ? 'It said nothing' : `It said: ${output.tail}`;
  return new ProxyctlError(
    'PROXYCTL_TIMEOUT',
    `Toxiproxy did not answer at ${url} within ${limitMs / 1000} s. ${said}`,
  );
}

/**
 * What Toxiproxy runs with. A level below `warn` writes a line for each connection, which costs several percent of its
 * speed. And Go's scheduler looks for work on every processor before it lets one rest: where the processors are shared
 * with clients and backends, half of them make the whole faster by a fifth.
 */
function toxiproxyEnvironment(inherited: Record<string, string>): Record<string, string> {
  return { GOMAXPROCS: String(Math.max(1, availableParallelism() >> 1)), ...inherited, LOG_LEVEL: 'warn' };
}
