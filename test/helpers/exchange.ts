import { Body, type Exchange, type HttpRequest, type HttpResponse, type RawHeaders } from '../../src/http/index.js';

export interface TestExchange extends Exchange {
  /** What went to the client ahead of the answer. */
  readonly sent: { status: number; headers: RawHeaders }[];
  /** The client goes away. */
  abort(reason: Error): void;
}

/** An exchange as the proxy hands it to a session, without a socket behind it. */
export function exchangeOf(
  index: number,
  request: Partial<HttpRequest> = {},
  facts: Partial<Pick<Exchange, 'startedAt' | 'timings' | 'notes'>> = {},
): TestExchange {
  const began = performance.now();
  const callbacks = new Set<(reason: Error) => void>();
  const sent: { status: number; headers: RawHeaders }[] = [];
  return {
    id: `exchange-${index}`,
    sessionId: 'session-1',
    index,
    startedAt: facts.startedAt ?? Date.now(),
    request: {
      method: 'GET',
      scheme: 'https',
      host: 'api.example.com',
      port: 443,
      target: `/items/${index}`,
      httpVersion: 'HTTP/1.1',
      headers: ['Host', 'api.example.com'],
      body: Body.empty(),
      ...request,
    },
    timings: facts.timings ?? {},
    notes: facts.notes ?? { servedBy: 'upstream' },
    elapsed: () => performance.now() - began,
    onAbort: (callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    informational: (status, headers) => sent.push({ status, headers }),
    sent,
    abort: (reason) => callbacks.forEach((callback) => callback(reason)),
  };
}

export function responseOf(body: Body | Buffer | string, response: Partial<HttpResponse> = {}): HttpResponse {
  return {
    status: 200,
    reason: 'OK',
    httpVersion: 'HTTP/1.1',
    headers: ['Content-Type', 'application/json'],
    body: body instanceof Body ? body : Body.of(body),
    ...response,
  };
}
