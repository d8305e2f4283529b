import { randomUUID } from 'node:crypto';
import {
  type Exchange,
  type FaultReceipt,
  type HttpResponse,
  type Interceptor,
  type Next,
  type TunnelReport,
  isWebSocket,
} from '../http/index.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { ExchangeLog } from './exchange-log.js';
import { OpenExchange } from './open-exchange.js';

interface RecorderOptions {
  journal: ExchangeLog;
  sessionId: string;
  /** The next index of the session (`ProxySession.nextIndex`): a tunnel takes one too. */
  nextIndex: () => number;
}

/** Writes each exchange that passes into a journal. */
export interface Recorder extends AsyncDisposable {
  readonly interceptor: Interceptor;
  tunnel(report: TunnelReport): void;
  /** What an exchange met; told once its response has arrived, or before `close`. */
  faults(index: number, faults: readonly FaultReceipt[]): void;
  /** Exchanges that have begun and are not in the journal yet. */
  readonly inFlight: number;
  /**
   * Resolves once no exchange is open. Those still open after `limitMs` are written as far as they came, as cut off;
   * `cut` is their number.
   */
  idle(limitMs: number): Promise<{ cut: number }>;
  /** Ends the recording and marks the journal as finished; open exchanges are cut. Traffic may go on, unrecorded. */
  close(): Promise<void>;
}

/**
 * A client gets the end of a response (or a failure) when its exchange is in the journal. What is recorded is what the
 * backend said: wire bytes, raw headers. When the journal breaks (see its `onError`), traffic goes on unrecorded.
 */
export function createRecorder({ journal, sessionId, nextIndex }: RecorderOptions): Recorder {
  const open = new Set<OpenExchange>();
  const turn = new EndOfTurn();
  const webSockets = new WatchedWebSockets();
  const idle: (() => void)[] = [];
  let cutInAll = 0;
  let closing: Promise<void> | undefined;

  const finished = (exchange: OpenExchange): void => {
    open.delete(exchange);
    if (open.size === 0 && idle.length > 0) for (const callback of idle.splice(0)) callback();
  };

  const interceptor: Interceptor = async (exchange: Exchange, next: Next): Promise<HttpResponse> => {
    if (!journal.writable || closing !== undefined) return next(exchange);
    const recording = new OpenExchange(exchange, journal, turn.later, finished);
    open.add(recording);
    let response: HttpResponse;
    try {
      response = await next(recording.watched());
    } catch (error) {
      await recording.threw(error);
      throw error;
    }
    if (response.upgraded !== undefined && isWebSocket(response.headers)) {
      const { host, port } = exchange.request;
      webSockets.opened(host, port);
      return recording.webSocket(response, response.upgraded);
    }
    return response.body.length === 0 ? recording.answeredEmpty(response) : recording.answered(response);
  };

  const cutOpen = (): number => {
    const cut = [...open];
    for (const exchange of cut) exchange.cut();
    cutInAll += cut.length;
    return cut.length;
  };

  const whenIdle = (): Promise<void> =>
    open.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve));

  const close = (): Promise<void> => {
    closing ??= (async () => {
      cutOpen();
      await whenIdle();
      await journal.finish({ cut: cutInAll });
    })();
    return closing;
  };

  return {
    interceptor,
    get inFlight() {
      return open.size;
    },
    faults: (index, faults) => journal.faults(index, faults),
    tunnel: (report) => {
      if (webSockets.ended(report)) return;
      journal.append(tunnelRecord(report, sessionId, nextIndex()), [], () => undefined);
    },
    idle: async (limitMs) => {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, limitMs, 'late')));
      const outcome = await Promise.race([whenIdle(), limit]);
      clearTimeout(timer);
      if (outcome !== 'late') return { cut: 0 };
      const cut = cutOpen();
      await whenIdle();
      return { cut };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Calls back at the end of the event loop's turn; one timer serves all that ask within it. */
class EndOfTurn {
  #callbacks: (() => void)[] = [];

  readonly later = (callback: () => void): void => {
    if (this.#callbacks.push(callback) === 1) setImmediate(this.#run);
  };

  readonly #run = (): void => {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
  };
}

/**
 * WebSockets are reported as tunnels too when they end; those that were recorded message by message need no second
 * entry.
 */
class WatchedWebSockets {
  readonly #open = new Map<string, number>();

  opened(host: string, port: number): void {
    const key = `${host}:${port}`;
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
  }

  /** Whether the tunnel was one of them. */
  ended({ host, port, reason }: TunnelReport): boolean {
    const key = `${host}:${port}`;
    const open = this.#open.get(key) ?? 0;
    if (reason !== 'upgrade' || open === 0) return false;
    this.#open.set(key, open - 1);
    return true;
  }
}

/** A connection that passed through is a CONNECT without a response to look into. */
function tunnelRecord(report: TunnelReport, sessionId: string, index: number): ExchangeRecord {
  const { host, port, reason, startedAt, durationMs, bytesSent, bytesReceived } = report;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    id: randomUUID(),
    index,
    sessionId,
    startedAt,
    timings: { responseStart: 0, responseEnd: durationMs },
    request: { method: 'CONNECT', url: `https://${authority}/`, httpVersion: 'HTTP/1.1', headers: ['Host', authority] },
    tunnel: { host, port, reason, bytesSent, bytesReceived },
    ...(report.error === undefined
      ? {}
      : { error: { kind: 'closed' as const, phase: 'response' as const, message: report.error } }),
  };
}
