import type { Exchange } from './exchange.js';
import type { HttpResponse } from './message.js';

export type Next = (exchange: Exchange) => Promise<HttpResponse>;

/**
 * One link of the chain around an exchange: answers itself, or asks `next` and perhaps changes the answer. To change the
 * request it hands `next` an exchange with another one (`withRequest`). A failure is thrown; the edge of the proxy turns
 * it into what the client sees.
 */
export type Interceptor = (exchange: Exchange, next: Next) => Promise<HttpResponse>;

/** One function of a chain of interceptors that ends at `last`. */
export function chain(interceptors: readonly Interceptor[], last: Next): Next {
  return interceptors.reduceRight<Next>((next, interceptor) => (exchange) => interceptor(exchange, next), last);
}

/** The same exchange (its timings, notes and abort), asking for something else. */
export function withRequest(exchange: Exchange, request: Exchange['request']): Exchange {
  const changed = Object.create(exchange) as { request: Exchange['request'] } & Exchange;
  Object.defineProperty(changed, 'request', { value: request, enumerable: true });
  return changed;
}
