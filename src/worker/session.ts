import type { Duplex } from 'node:stream';
import { ProxyctlError } from '../errors/index.js';
import {
  chain,
  mayHaveBody,
  UpstreamError,
  urlOf,
  type Exchange,
  type FaultReceipt,
  type HttpResponse,
  type Interceptor,
  type Next,
  type RawHeaders,
  type TunnelReport,
} from '../http/index.js';
import { isOwnFailure } from './own-failure.js';
import type { FaultLedger, FaultSubject, FaultWatch } from './fault-ledger.js';
import { missPolicy, type MissPolicy } from '../replay/explain/miss-policy.js';
import { hostMatcher, type HostMatcher } from '../core/host-pattern.js';
import { ProxyAccess } from '../proxy/proxy-access.js';
import { parseReverseTarget, type ReverseTarget } from '../protocol/reverse-target.js';
import { noCounts, type SessionFailure, type SessionWarning } from '../protocol/session-counts.js';
import type { SessionEventBody } from '../protocol/session-event.js';
import type { SessionSpec } from '../protocol/session-spec.js';

interface SessionParts {
  /** The end of the chain: the backend, or nothing in replay. */
  upstream: Next;
  /** Between the events and the upstream, in order. */
  interceptors: Interceptor[];
  /** A recorder's eye on tunnels. */
  onTunnel?: (report: TunnelReport) => void;
  /** Who knows what exchanges meet. */
  faults?: FaultLedger;
  /** Whether a connection came by the way of its host, where that has toxics of its own. */
  onHostRoute?: (accepted: Duplex) => boolean;
  /** What toxics have held this connection back for, told once. */
  heldBefore?: (accepted: Duplex) => FaultReceipt[];
  /** A recorder's eye on it. */
  onFaults?: (index: number, faults: readonly FaultReceipt[]) => void;
  /** The index of the next exchange; over 0 at first when the session was restored after a restart. */
  indexes: { next: number };
  /** Told when what it counts has changed. */
  onChange?: () => void;
  /** Whether anybody listens; events are not made for nobody. */
  wantsEvents: () => boolean;
  emit: (event: SessionEventBody) => void;
}

/** Failures kept for the summary, our own and others each; more are counted only. The same for warnings. */
const failuresKept = 200;

/**
 * One isolated use of the stack, where its exchanges pass: the chain of interceptors and what it counts. Lives in the
 * MITM process.
 */
export class Session {
  readonly id: string;
  readonly counts = noCounts();
  readonly failures: SessionFailure[] = [];
  readonly warnings: SessionWarning[] = [];
  readonly #spec: SessionSpec;
  readonly #parts: SessionParts;
  #intercept: HostMatcher | undefined;
  #noIntercept: HostMatcher = () => false;
  readonly #answer: Next;
  readonly #onMiss: MissPolicy;
  /** Where requests to the session's own address go. */
  readonly reverse: ReverseTarget | undefined;
  /** What clients must show to use it as a proxy. */
  readonly access: ProxyAccess | undefined;
  /** `host:port` of hosts for which a client refused our certificate. */
  readonly #pinned = new Set<string>();

  constructor(spec: SessionSpec, parts: SessionParts) {
    this.id = spec.id;
    this.#spec = spec;
    this.#parts = parts;
    this.setInterception(spec);
    this.reverse = spec.reverse === undefined ? undefined : parseReverseTarget(spec.reverse);
    this.access = spec.proxyAuth === undefined ? undefined : new ProxyAccess(spec.proxyAuth);
    this.#onMiss = missPolicy(spec.onMiss);
    this.#answer = chain(parts.interceptors, parts.upstream);
  }

  get spec(): SessionSpec {
    return this.#spec;
  }

  nextIndex(): number {
    return this.#parts.indexes.next++;
  }

  /** The index that comes next. */
  get indexesGiven(): number {
    return this.#parts.indexes.next;
  }

  async handle(exchange: Exchange): Promise<HttpResponse> {
    const { counts } = this;
    counts.exchanges += 1;
    counts.inFlight += 1;
    this.#parts.onChange?.();
    if (this.#parts.wantsEvents()) this.#emitRequest(exchange);
    const watch = new ExchangeWatch(this, exchange);
    try {
      const response = await this.#answer(exchange);
      if (this.#parts.wantsEvents()) this.#emitStart(exchange, response.status);
      // What is upgraded is a tunnel from here on, and reported as one when it ends.
      if (response.upgraded !== undefined || !mayHaveBody(exchange.request.method, response.status)) {
        watch.response(response.status).end([]);
        return response;
      }
      return { ...response, body: response.body.tap(watch.response(response.status)) };
    } catch (error) {
      watch.failed(error);
      throw error;
    }
  }

  watchFaults(exchange: Exchange, stream: Duplex, accepted: Duplex): FaultWatch | undefined {
    const { faults } = this.#parts;
    return faults?.watchQuietly() ?? faults?.watch(this.#faultSubject(exchange, stream, accepted));
  }

  faultsOver(watch: FaultWatch, exchange: Exchange, stream: Duplex, accepted: Duplex): void {
    const { faults } = this.#parts;
    if (faults === undefined) return;
    const held = this.#parts.heldBefore?.(accepted) ?? [];
    const tell = (met: readonly FaultReceipt[]): void => {
      const all = [...held, ...(exchange.notes.faults ?? []), ...met];
      if (all.length === 0) return;
      exchange.notes.faults = all;
      this.#parts.onFaults?.(exchange.index, all);
    };
    if (faults.endQuietly(watch)) tell([]);
    else faults.end(watch, this.#faultSubject(exchange, stream, accepted), tell);
  }

  #faultSubject({ request: { host, port } }: Exchange, stream: Duplex, accepted: Duplex): FaultSubject {
    return {
      streams: [stream, accepted],
      applies: (toxic) =>
        toxic.host === undefined ||
        (this.#parts.onHostRoute?.(accepted) === true && hostMatcher([toxic.host])(host, port)),
    };
  }

  /** Holds for the tunnels that are asked for from now on. */
  setInterception({ intercept, noIntercept }: Pick<SessionSpec, 'intercept' | 'noIntercept'>): void {
    this.#intercept = intercept.length === 0 ? undefined : hostMatcher(intercept);
    this.#noIntercept = hostMatcher(noIntercept);
  }

  interception(host: string, port: number): true | { passthrough: string } {
    if (this.#noIntercept(host, port)) return { passthrough: 'no-intercept rule' };
    if (this.#intercept !== undefined && !this.#intercept(host, port)) return { passthrough: 'not in intercept' };
    if (this.#spec.passthroughOnPinning && this.#pinned.has(`${host}:${port}`)) return { passthrough: 'pinning' };
    return true;
  }

  certificateRefused(host: string, port: number): void {
    const where = `${host}:${port}`;
    if (this.#pinned.has(where)) return;
    this.#pinned.add(where);
    const learns = this.#spec.passthroughOnPinning && this.#spec.mode !== 'replay';
    this.warn(
      `A client refused our certificate for ${where}${learns ? ': it passes through untouched from now on' : ''}`,
      learns
        ? 'What passes through is neither recorded nor replayed.'
        : `Let it trust the CA (proxyctl ca path), or pass this host through with --no-intercept ${host}.`,
    );
  }

  mayTunnel(host: string, port: number): true | { refused: string } {
    const { action: onMiss } = this.#onMiss(host, port);
    if (this.#spec.mode !== 'replay' || onMiss === 'passthrough' || onMiss === 'record') return true;
    return {
      refused: `A replay opens no connection, and what passes through untouched to ${host}:${port} was not recorded`,
    };
  }

  tunnelEnded(report: TunnelReport): void {
    this.counts.tunnels += 1;
    this.#parts.onChange?.();
    this.#parts.onTunnel?.(report);
    const { host, port, reason, bytesSent, bytesReceived, durationMs } = report;
    if (this.#parts.wantsEvents())
      this.#parts.emit({ type: 'tunnel', host, port, reason, bytesSent, bytesReceived, durationMs });
  }

  mockHit(exchange: Exchange, mock: string): void {
    if (!this.#parts.wantsEvents()) return;
    this.#parts.emit({ type: 'mock', ...namesOf(exchange), mock });
  }

  warn(message: string, hint?: string): void {
    const warning = { message, ...(hint === undefined ? {} : { hint }) };
    if (this.warnings.length < failuresKept) this.warnings.push(warning);
    this.#parts.emit({ type: 'warning', ...warning });
  }

  /** Called by the exchange's watch, once for each exchange. */
  ended(exchange: Exchange, end: ExchangeEnd): void {
    const { counts } = this;
    counts.inFlight -= 1;
    this.#parts.onChange?.();
    counts.responseBytes += end.responseBytes;
    const requestBytes = exchange.request.body.length ?? 0;
    counts.requestBytes += requestBytes;
    if (exchange.notes.miss !== undefined) counts.misses += 1;
    if (end.error !== undefined) this.#countFailure(exchange, end.error);
    if (!this.#parts.wantsEvents()) return;
    const common = namesOf(exchange);
    if (exchange.notes.miss !== undefined) this.#parts.emit({ type: 'miss', ...common, miss: exchange.notes.miss });
    const durationMs = exchange.elapsed();
    if (end.error !== undefined) {
      const failure = failureOf(end.error);
      const status = end.status === undefined ? {} : { status: end.status };
      this.#parts.emit({ type: 'failure', ...common, durationMs, error: failure, ...status });
      return;
    }
    const { servedBy = 'upstream', recordedIndex } = exchange.notes;
    this.#parts.emit({
      type: 'response',
      ...common,
      status: end.status ?? 0,
      durationMs,
      requestBytes,
      responseBytes: end.responseBytes,
      servedBy,
      ...(recordedIndex === undefined ? {} : { recordedIndex }),
    });
  }

  #countFailure(exchange: Exchange, error: unknown): void {
    if (exchange.notes.abortedWhenRecorded === true && !(error instanceof ProxyctlError)) return;
    this.counts.failures += 1;
    const own = isOwnFailure(error, exchange);
    // Others must not crowd out our own, which fail a replay.
    if (this.failures.filter((failure) => (failure.own === true) === own).length >= failuresKept) return;
    const { index, request } = exchange;
    const { message } = failureOf(error);
    const told = { index, method: request.method, url: urlOf(request), message };
    this.failures.push(own ? { ...told, own } : told);
  }

  #emitStart(exchange: Exchange, status: number): void {
    this.#parts.emit({ type: 'response-start', ...namesOf(exchange), status, waitMs: exchange.elapsed() });
  }

  #emitRequest(exchange: Exchange): void {
    this.#parts.emit({ type: 'request', ...namesOf(exchange), httpVersion: exchange.request.httpVersion });
  }
}

/** What every event of an exchange says of it. */
function namesOf({ id, index, request }: Exchange) {
  return { exchange: id, index, method: request.method, url: urlOf(request) };
}

interface ExchangeEnd {
  /** Missing when no response came. */
  status?: number;
  responseBytes: number;
  error?: unknown;
}

/** Follows one exchange to its end, however it ends, and tells the session once. */
class ExchangeWatch {
  #bytes = 0;
  #status: number | undefined;
  #over = false;

  constructor(
    readonly session: Session,
    readonly exchange: Exchange,
  ) {}

  /** The tap that sees the response's body. */
  response(status: number) {
    this.#status = status;
    return {
      open: (): void => undefined,
      chunk: (data: Buffer): void => {
        this.#bytes += data.length;
      },
      end: (_trailers: RawHeaders): void => this.#finish(),
      error: (error: Error): void => this.failed(error),
    };
  }

  failed(error: unknown): void {
    this.#finish(error);
  }

  #finish(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const { exchange } = this;
    exchange.timings.responseEnd ??= exchange.elapsed();
    const end: ExchangeEnd = { responseBytes: this.#bytes };
    if (this.#status !== undefined) end.status = this.#status;
    if (error !== undefined) end.error = error;
    this.session.ended(exchange, end);
  }
}

function failureOf(error: unknown): Extract<SessionEventBody, { type: 'failure' }>['error'] {
  if (error instanceof UpstreamError)
    return { kind: error.details.kind, phase: error.details.phase, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof ProxyctlError ? 'protocol' : 'aborted', phase: 'response', message };
}
