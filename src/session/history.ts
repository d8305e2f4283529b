import { packageVersion } from '../core/package-version.js';
import type { Har } from '../har/har.js';
import { Body, type FaultReceipt, type HttpRequest, type Interceptor } from '../http/index.js';
import { splitUrl } from '../http/split-url.js';
import { MemoryLog, type KeptExchange } from '../record/memory-log.js';
import { createRecorder } from '../record/recorder.js';
import { compilePredicate, RequestFacts, type ExpectRequest, type ExpectResult } from '../rules/index.js';

/** Candidates that are shown when an expectation is not met. */
const nearestShown = 3;

/** What a session has seen, as its clients saw it: for its HAR, and for tests that expect a request. Lives in the MITM process. */
export class History {
  /** Stands before all others. */
  readonly interceptor: Interceptor;
  /** Told what faults an exchange met, once that is known. */
  readonly faults: (index: number, faults: readonly FaultReceipt[]) => void;
  readonly #log = new MemoryLog();

  constructor(sessionId: string) {
    const nextIndex = (): number => {
      throw new Error('A history keeps no tunnels');
    };
    const recorder = createRecorder({ journal: this.#log, sessionId, nextIndex });
    this.interceptor = recorder.interceptor;
    this.faults = recorder.faults.bind(recorder);
  }

  /** HAR 1.2. `since`: entries from this index on. */
  har(since = 0): Har {
    const { dropped } = this.#log;
    const entries = this.#log.entries().filter(({ _proxyctl: info }) => (info?.index ?? 0) >= since);
    return {
      log: {
        version: '1.2',
        creator: { name: 'proxyctl', version: packageVersion() },
        entries,
        ...(dropped === 0 ? {} : { comment: `${dropped} older exchanges were not kept` }),
      },
    };
  }

  /** Resolves when it is met or cannot be met any more, and when the time is over. */
  expect({ predicate, count, within, since }: ExpectRequest): Promise<ExpectResult> {
    const begun = performance.now();
    const compiled = compilePredicate(predicate);
    const { min, max } = typeof count === 'number' ? { min: count, max: undefined } : count;
    const matched: KeptExchange[] = [];
    const others: { exchange: KeptExchange; differences: string[] }[] = [];
    const look = (exchange: KeptExchange): void => {
      if (exchange.record.index < since) return;
      const facts = factsOf(exchange);
      if (compiled.fit(facts) !== undefined) matched.push(exchange);
      else others.push({ exchange, differences: compiled.differences(facts) });
    };
    this.#log.exchanges().forEach(look);
    const settled = (): boolean => (max === undefined ? matched.length >= min : matched.length > max);
    const result = (): ExpectResult => {
      const met = matched.length >= min && (max === undefined || matched.length <= max);
      const waitedMs = performance.now() - begun;
      const wanted = max === undefined ? `at least ${min}` : max === min ? `${min}` : `${min} to ${max}`;
      const nearest = matched.length >= min ? [] : others.sort((a, b) => a.differences.length - b.differences.length);
      return {
        met,
        message: `${matched.length} ${matched.length === 1 ? 'request fits' : 'requests fit'}, ${wanted} expected, after ${Math.round(waitedMs)} ms`,
        matched: matched.map(shown),
        nearest: nearest
          .slice(0, nearestShown)
          .map(({ exchange, differences }) => ({ ...shown(exchange), differences })),
        waitedMs,
      };
    };
    if (settled()) return Promise.resolve(result());
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stop();
        resolve(result());
      };
      const timer = setTimeout(end, within);
      const stop = this.#log.listen((exchange) => {
        look(exchange);
        if (settled()) end();
      });
    });
  }
}

function shown({ record: { index, request, response } }: KeptExchange): ExpectResult['matched'][number] {
  const { method, url } = request;
  return { index, method, url, ...(response === undefined ? {} : { status: response.status }) };
}

function factsOf({ record, request: body }: KeptExchange): RequestFacts {
  const { method, url, httpVersion, headers } = record.request;
  const place = splitUrl(url) ?? { scheme: 'http' as const, host: '', port: 0, target: '/' };
  const request: HttpRequest = { ...place, method, httpVersion, headers, body: Body.empty() };
  return new RequestFacts(request, body);
}
