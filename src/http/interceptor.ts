import type { Exchange } from './exchange.js';
import type { RawHeaders } from './headers.js';
import type { HttpRequest, HttpResponse } from './message.js';

export type Next = (exchange: Exchange) => Promise<HttpResponse>;

/**
 * One link of the chain around an exchange: answers itself, or asks `next` and perhaps changes the response. To change
 * the request it hands `next` an exchange with another one (`withRequest`). A failure is thrown; the edge of the proxy
 * turns it into what the client sees.
 */
export type Interceptor = (exchange: Exchange, next: Next) => Promise<HttpResponse>;

/** One function of a chain of interceptors that ends at `last`. */
export function chain(interceptors: readonly Interceptor[], last: Next): Next {
  return interceptors.reduceRight<Next>((next, interceptor) => (exchange) => interceptor(exchange, next), last);
}

/**
 * The same exchange (its timings, notes and abort), asking for something else. `onInformational` sees informational
 * responses on their way.
 */
export function withRequest(
  exchange: Exchange,
  request: HttpRequest,
  onInformational?: (status: number, headers: RawHeaders) => void,
): Exchange {
  return new ChangedExchange(exchange, request, onInformational);
}

class ChangedExchange implements Exchange {
  constructor(
    readonly inner: Exchange,
    readonly request: HttpRequest,
    readonly seen: ((status: number, headers: RawHeaders) => void) | undefined,
  ) {}

  get id() {
    return this.inner.id;
  }
  get sessionId() {
    return this.inner.sessionId;
  }
  get index() {
    return this.inner.index;
  }
  get startedAt() {
    return this.inner.startedAt;
  }
  get timings() {
    return this.inner.timings;
  }
  get notes() {
    return this.inner.notes;
  }
  elapsed() {
    return this.inner.elapsed();
  }
  onAbort(callback: (reason: Error) => void) {
    return this.inner.onAbort(callback);
  }
  informational(status: number, headers: RawHeaders) {
    this.seen?.(status, headers);
    this.inner.informational(status, headers);
  }
}
