import { execaNode, type ResultPromise } from 'execa';
import type { LogEntry, Logger } from '../src/core/logger.js';
import { errorCodes, messageOf, ProxyctlError, type ErrorCode } from '../src/errors/index.js';
import { buildPath } from './build-path.js';
import { Liveness, type LivenessLimits } from './liveness.js';
import { OrphanGuard } from './orphan-guard.js';
import type { RunningChild } from './supervised-child.js';
import type { ProcessExit } from './toxiproxy/toxiproxy-server.js';
import type {
  ReplyMessage,
  CallMessage,
  WorkerCalls,
  WorkerMethod,
  WorkerNotice,
} from '../src/protocol/worker-protocol.js';

interface MitmProcessOptions {
  /** What its log entries have as their source. */
  name: string;
  caFolder: string;
  signal: AbortSignal;
  logger: Logger;
  onNotice: (notice: WorkerNotice) => void;
  onLog: (entry: LogEntry) => void;
  /** Told when it has not answered for too long, and when it answers again. */
  onSilence?: (process: MitmProcess, silentSince: Date | undefined) => void;
  liveness?: Partial<LivenessLimits>;
  /** How long it may take until it is ready. */
  startLimitMs?: number;
}

const spawnOptions = {
  ipc: true,
  reject: false,
  buffer: false,
  stdin: 'ignore',
  nodeOptions: [],
  // Ctrl-C in a terminal is for the supervisor, which ends its children in order.
  detached: true,
} as const;

const callLimitMs = 60_000;
const closeLimitMs = 3000;
/** The most that a timer takes, some 24 days. */
const foreverMs = 2 ** 31 - 1;
/** When a process counts as silent, and when it is ended and started again. */
const livenessLimits: LivenessLimits = { silentMs: 5000, giveUpMs: 30_000 };

/** The MITM process as the supervisor sees it: started, spoken to over IPC, ended. */
export class MitmProcess implements RunningChild {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  readonly #process: ResultPromise<typeof spawnOptions>;
  readonly #waiting = new Map<
    number,
    { method: WorkerMethod; resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  #calls = 0;
  #gone = false;
  #liveness: Liveness | undefined;
  #givenUp: string | undefined;
  /** What waits for it only while it answers. */
  readonly #impatient = new Set<(error: Error) => void>();

  private constructor(
    child: ResultPromise<typeof spawnOptions>,
    logger: Logger,
    onNotice: (notice: WorkerNotice) => void,
  ) {
    this.#process = child;
    this.pid = child.pid ?? -1;
    child.on('message', (message: unknown) => this.#receive(message as ReplyMessage | WorkerNotice, onNotice));
    const guard = OrphanGuard.start((error) => logger.warn(`The MITM process is not guarded: ${error.message}`));
    guard.watch(this.pid);
    this.exited = child.then((result) => {
      guard.release();
      this.#gone = true;
      this.#liveness?.close();
      for (const { reject } of this.#waiting.values()) reject(ended());
      this.#waiting.clear();
      const notRun = result.exitCode === undefined && result.signal === undefined ? messageOf(result.cause) : undefined;
      return { code: result.exitCode, signal: result.signal, cause: this.#givenUp ?? notRun };
    });
  }

  /** Resolves once it is ready for calls. Throws `PROXYCTL_CHILD` when it ends first or takes too long. */
  static async start({
    name,
    caFolder,
    signal,
    logger,
    onNotice,
    onLog,
    onSilence,
    liveness,
    startLimitMs = 30_000,
  }: MitmProcessOptions): Promise<MitmProcess> {
    signal.throwIfAborted();
    const child = execaNode(buildPath('src/worker/mitm-worker.js'), [caFolder, name], spawnOptions);
    const lastLines: string[] = [];
    for (const [stream, level] of [
      [child.stdout, 'info'],
      [child.stderr, 'error'],
    ] as const) {
      void readLines(stream, (message) => {
        lastLines.push(message);
        if (lastLines.length > 20) lastLines.shift();
        onLog({ time: new Date().toISOString(), level, source: name, message });
      });
    }
    let ready = (): void => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const started = new MitmProcess(child, logger, (notice) => {
      if (notice.notice === 'ready') ready();
      else if (notice.notice === 'log') onLog(notice.entry);
      else if (notice.notice === 'fatal') {
        lastLines.push(notice.message);
        logger.error('The MITM process failed', { error: notice.message });
      } else onNotice(notice);
    });
    const outcome = await firstOf(isReady, started.exited, signal, startLimitMs);
    if (outcome === 'ready') {
      started.#watch({ ...livenessLimits, ...liveness }, onSilence);
      return started;
    }
    await started.close();
    signal.throwIfAborted();
    throw new ProxyctlError('PROXYCTL_CHILD', `The MITM process did not start: ${lastLines.at(-1) ?? outcome}`, {
      hint: 'proxyctl logs mitm shows what it said; proxyctl doctor checks the machine.',
    });
  }

  /** Since when it has not answered, ISO 8601; `undefined` while it does. */
  get silentSince(): string | undefined {
    return this.#liveness?.silentSince?.toISOString();
  }

  /** Whether it is slower to answer than a process that has anything else to do. */
  get isLate(): boolean {
    return this.#liveness?.isLate ?? false;
  }

  /** Waits for something that it does, but no longer than it answers: throws `PROXYCTL_TIMEOUT` once it is silent. */
  async whileAnswering<T>(task: Promise<T>): Promise<T> {
    task.catch(() => undefined);
    if (this.silentSince !== undefined) throw this.#silent();
    let giveUp: (error: Error) => void = () => undefined;
    const silence = new Promise<never>((_, reject) => (giveUp = reject));
    this.#impatient.add(giveUp);
    try {
      return await Promise.race([task, silence]);
    } finally {
      this.#impatient.delete(giveUp);
    }
  }

  /**
   * `limitMs`: how long the response may take. Throws what the worker threw, or `PROXYCTL_CHILD` / `PROXYCTL_TIMEOUT`.
   */
  call<Method extends WorkerMethod>(
    method: Method,
    params: WorkerCalls[Method]['params'],
    limitMs = callLimitMs,
  ): Promise<WorkerCalls[Method]['result']> {
    if (this.#gone) return Promise.reject(ended());
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(call);
        reject(
          new ProxyctlError('PROXYCTL_TIMEOUT', `The MITM process did not answer ${method} within ${limitMs / 1000} s`),
        );
      }, limitMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(call, { method, resolve: settle(resolve), reject: settle(reject) });
      const message: CallMessage<Method> = { call, method, params };
      this.#process.send(message, (error) => {
        if (error === null) return;
        this.#waiting
          .get(call)
          ?.reject(new ProxyctlError('PROXYCTL_CHILD', 'The MITM process cannot be reached', { cause: error }));
        this.#waiting.delete(call);
      });
    });
  }

  /** Lets it end by itself (it closes when the channel does), then makes it. */
  async close(): Promise<void> {
    if (this.#gone) return;
    if (this.#process.connected) this.#process.disconnect();
    const patienceMs = this.silentSince === undefined ? closeLimitMs : 0;
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    await this.exited;
    clearTimeout(killer);
  }

  #watch(limits: LivenessLimits, onSilence: MitmProcessOptions['onSilence']): void {
    this.#liveness = new Liveness({
      limits,
      ask: () => this.call('ping', {}, foreverMs),
      onChange: (silentSince) => {
        onSilence?.(this, silentSince);
        if (silentSince === undefined) return;
        for (const giveUp of this.#impatient) giveUp(this.#silent());
      },
      onGivenUp: () => {
        this.#givenUp = `no answer for ${limits.giveUpMs / 1000} s`;
        this.#process.kill('SIGKILL');
      },
    });
  }

  #silent(): ProxyctlError {
    return new ProxyctlError('PROXYCTL_TIMEOUT', `The MITM process ${this.pid} does not answer`, {
      hint: 'It is started again if that goes on; proxyctl status says how it is.',
      data: { pid: this.pid, silentSince: this.silentSince },
    });
  }

  #receive(message: ReplyMessage | WorkerNotice, onNotice: (notice: WorkerNotice) => void): void {
    if ('notice' in message) {
      onNotice(message);
      return;
    }
    const waiting = this.#waiting.get(message.answer);
    this.#waiting.delete(message.answer);
    if (waiting === undefined) return;
    if ('error' in message) waiting.reject(revive(waiting.method, message.error));
    else waiting.resolve(message.result as never);
  }
}

/** What each call is to do, in words. */
const verbs: Record<WorkerMethod, string> = {
  openSession: 'open the session',
  configureSession: 'carry out a change',
  closeSession: 'close the session',
  summary: 'sum up the session',
  har: 'read what it has seen',
  entry: 'read an exchange',
  expect: 'check an expectation',
  finishRecording: 'finish the recording',
  stackPorts: 'learn the ports of the stack',
  ping: 'give a sign of life',
  subscribe: 'send its events',
};

function ended(): ProxyctlError {
  return new ProxyctlError('PROXYCTL_CHILD', 'The MITM process has ended', {
    hint: 'It is started again; proxyctl logs mitm says what it said.',
  });
}

/**
 * What the worker threw. An error without a code is none that it expects: whoever asked for the change is to hear of
 * it.
 */
function revive(method: WorkerMethod, error: Extract<ReplyMessage, { error: unknown }>['error']): ProxyctlError {
  if (error.code === undefined || !(error.code in errorCodes))
    return new ProxyctlError('PROXYCTL_INTERNAL', `The MITM process failed to ${verbs[method]}: ${error.message}`, {
      hint: 'proxyctl logs mitm has where it failed.',
      data: { method },
    });
  const { hint, data } = error;
  return new ProxyctlError(error.code as ErrorCode, error.message, {
    ...(hint === undefined ? {} : { hint }),
    ...(data === undefined ? {} : { data }),
  });
}

async function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    lines.filter((line) => line.trim() !== '').forEach(onLine);
  }
  if (rest.trim() !== '') onLine(rest);
}

async function firstOf(
  ready: Promise<void>,
  exited: Promise<ProcessExit>,
  signal: AbortSignal,
  limitMs: number,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not ready within ${limitMs / 1000} s`), limitMs);
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  try {
    return await Promise.race([
      ready.then(() => 'ready'),
      exited.then(({ code, signal: by }) => `ended by ${by ?? `exit code ${code}`}`),
      limit,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
