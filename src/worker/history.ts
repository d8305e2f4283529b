import { hostMatcher } from '../core/host-pattern.js';
import { packageVersion } from '../core/package-version.js';
import type { Har, HarEntry } from '../har/har.js';
import { Body, type FaultReceipt, type HttpRequest, type Interceptor, splitUrl } from '../http/index.js';
import type { HarFilter } from '../protocol/har-filter.js';
import { entryOf, MemoryLog, type KeptExchange } from '../record/memory-log.js';
import { createRecorder } from '../record/recorder.js';
import { compilePredicate, RequestFacts, type ExpectRequest, type ExpectResult } from '../overrides/index.js';

/** Candidates that are shown when an expectation is not met. */
const nearestShown = 3;

/** Decoded bodies up to this size stand in a history's HAR. */
const mostBodyBytes = 4 * 1024 * 1024;
/** How long an exchange whose end was told may take to be kept, ms. */
const entryLimitMs = 1000;

/**
 * What a session has seen, as its clients saw it: for its HAR, and for tests that expect a request. Lives in the MITM
 * process.
 */
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

  /** HAR 1.2, of the exchanges that fit, in order of arrival. */
  har({ since, hosts, predicate }: HarFilter): Har {
    const { dropped } = this.#log;
    const fits = fitting(hosts, predicate);
    const entries = this.#log
      .exchanges()
      .filter((exchange) => exchange.record.index >= since && fits(exchange))
      .sort((a, b) => a.record.index - b.record.index)
      .map((exchange) => entryOf(exchange, mostBodyBytes));
    return {
      log: {
        version: '1.2',
        creator: { name: 'proxyctl', version: packageVersion() },
        entries,
        ...(dropped === 0 ? {} : { comment: `${dropped} older exchanges were not kept` }),
      },
    };
  }

  /** The exchange of this index, once it has ended; undefined when it is not kept, or does not end within a moment. */
  async entry(index: number, mostBytes: number): Promise<HarEntry | undefined> {
    const isIt = ({ record }: KeptExchange): boolean => record.index === index;
    const kept = this.#log.exchanges().findLast(isIt) ?? (await this.#log.next(isIt, entryLimitMs));
    return kept === undefined ? undefined : entryOf(kept, mostBytes);
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

function fitting(hosts: HarFilter['hosts'], predicate: HarFilter['predicate']): (exchange: KeptExchange) => boolean {
  if (hosts === undefined && predicate === undefined) return () => true;
  const ofHosts = hosts === undefined ? undefined : hostMatcher(hosts);
  const compiled = predicate === undefined ? undefined : compilePredicate(predicate);
  return (exchange) => {
    const facts = factsOf(exchange);
    const { host, port } = facts.request;
    return ofHosts?.(host, port) !== false && (compiled === undefined || compiled.fit(facts) !== undefined);
  };
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
