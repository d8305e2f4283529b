import type { Exchange, HttpResponse, RawHeaders, RecordedExchanges } from '../../http/index.js';
import type { MissReport } from '../explain/miss.js';
import type { RunClock } from '../loaded/run-clock.js';
import type { Correlation } from '../match/correlation.js';
import type { MatchContext } from '../match/prepared-request.js';
import type { RequestMatcher } from '../match/request-matcher.js';
import type { Timing } from '../respond/recorded-response.js';
import type { Responder } from '../respond/responder.js';
import type { Echo } from '../respond/rewrite/echoes.js';
import type { ResponseRewriter } from '../respond/rewrite/response-rewriter.js';
import type { ServedExchanges } from '../select/served.js';
import type { WriteHistory } from '../select/write-history.js';
import { ClientMessages } from './messages.js';
import { webSocketResponse } from './response.js';

interface WebSocketResponderInit {
  exchanges: RecordedExchanges;
  context: MatchContext;
  matcher: RequestMatcher;
  correlation: Correlation;
  rewriter: ResponseRewriter;
  /** For a handshake that was refused. */
  responder: Responder;
  served: ServedExchanges;
  writes: WriteHistory;
  clock: RunClock;
  timing: Timing;
  onMiss: (report: MissReport) => void;
}

/** Plays back a recorded WebSocket, each message of the server once the messages have come that it followed upon. */
export class WebSocketResponder {
  readonly #init: WebSocketResponderInit;

  constructor(init: WebSocketResponderInit) {
    this.#init = init;
  }

  async respond(position: number, exchange: Exchange, echoes: readonly Echo[]): Promise<HttpResponse> {
    const { exchanges, context, matcher, correlation, responder, served, writes, clock, timing, onMiss } = this.#init;
    const recorded = exchanges.get(position);
    const { response, webSocketMessages, url } = recorded;
    if (response?.status !== 101 || webSocketMessages === undefined)
      return responder.respond(position, exchange, echoes);
    await matcher.values.ready();
    const { comparison } = matcher;
    const messages = new ClientMessages({
      ...{ exchange, position, url, context, comparison, correlation },
      ...{ startedAt: clock.startedAt, now: () => clock.now() },
    });
    return webSocketResponse(recorded, exchange, {
      ...{ timing, served, writes: await writes.ofAllPorts(exchange.request.host) },
      agrees: messages.agrees,
      asks: messages.asks,
      headers: this.#rewritten(Buffer.alloc(0), response.headers, recorded.startedAt).headers,
      rewritten: ({ data, atMs }) => this.#rewritten(data, [], atMs).data,
      missed: (message, expected) => onMiss(messages.missOf(message, expected)),
    });
  }

  #rewritten(data: Buffer, headers: RawHeaders, atMs: number): { data: Buffer; headers: RawHeaders } {
    const times = { recordedAt: atMs, answeredAt: atMs, answeringAt: this.#init.clock.now() };
    return this.#init.rewriter.rewrite({ headers, trailers: [], data, whole: true }, [], times);
  }
}
