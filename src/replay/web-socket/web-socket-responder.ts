import { LRUCache } from 'lru-cache';
import { type Exchange, type HttpResponse, type RawHeaders, type RecordedExchanges } from '../../http/index.js';
import { causeReport, type MissReport } from '../explain/miss.js';
import type { RunClock } from '../loaded/run-clock.js';
import type { Correlation } from '../match/correlation.js';
import type { Match } from '../match/matching.js';
import type { MatchContext } from '../match/prepared-request.js';
import type { RequestMatcher } from '../match/request-matcher.js';
import type { Responder } from '../respond/responder.js';
import type { Echo } from '../respond/rewrite/echoes.js';
import type { ResponseRewriter } from '../respond/rewrite/response-rewriter.js';
import type { Timing } from '../respond/timing.js';
import { Holds } from '../select/holds.js';
import type { ServedExchanges } from '../select/served.js';
import type { WriteHistory } from '../select/write-history.js';
import type { WriteValues } from '../select/write-values.js';
import { Conversations } from './conversations.js';
import { ClientMessages } from './messages.js';
import { webSocketResponse } from './response.js';
import { scriptOf, type Script } from './script.js';
import type { RecordedConversation } from './script-progress.js';

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
  writeValues: WriteValues;
  clock: RunClock;
  timing: Timing;
  /** A recorded connection may be given once more when all are used. */
  mayRepeat: boolean;
  onMiss: (report: MissReport) => void;
}

/** Of more connections with equal handshakes than this, the others are not looked at. */
const maxOptions = 200;
const maxScripts = 500;

/** Plays back a recorded WebSocket, each message of the server once the messages have come that it followed upon. */
export class WebSocketResponder {
  readonly #init: WebSocketResponderInit;
  readonly #conversations: Conversations;
  readonly #scripts = new LRUCache<number, Script>({ max: maxScripts });

  constructor(init: WebSocketResponderInit) {
    this.#init = init;
    this.#conversations = new Conversations(init.served, init.mayRepeat);
  }

  /** `matches`: the recorded handshakes that this one may be; it begins as the one of `position`. */
  async respond(
    position: number,
    exchange: Exchange,
    echoes: readonly Echo[],
    matches: readonly Match[],
  ): Promise<HttpResponse> {
    const { exchanges, matcher, responder, served, writes, writeValues, timing, onMiss } = this.#init;
    const recorded = exchanges.get(position);
    const { response } = recorded;
    if (!isWebSocket(recorded)) return responder.respond(position, exchange, echoes);
    await matcher.ready();
    const others = matches.map(({ candidate }) => candidate.facts.position).slice(0, maxOptions);
    const positions = [...new Set([position, ...others])].sort((a, b) => a - b);
    const options = positions
      .filter((other) => isWebSocket(exchanges.get(other)))
      .map((other) => this.#option(other, exchange));
    const first = options.find((option) => option.position === position) as RecordedConversation;
    const allWrites = await writes.ofAllPorts(exchange.request.host);
    return webSocketResponse(exchange, {
      ...{ timing, options, first, conversations: this.#conversations },
      recordedOf: (option) => exchanges.get(option.position),
      holds: ({ position: at, script }, changed) =>
        new Holds({
          ...{ writes: allWrites, values: writeValues, served, changed },
          openedAt: exchanges.get(at).startedAt,
          request: exchanges.get(at).url,
          messages: script.fromServer,
        }),
      headers: this.#rewritten(Buffer.alloc(0), response?.headers ?? [], recorded.startedAt).headers,
      rewritten: ({ data, atMs }) => this.#rewritten(data, [], atMs).data,
      movedTo: (option) => {
        exchange.notes.recordedIndex = option.position;
      },
      missed: ({ messages }, message, expected) => onMiss(messages.missOf(message, expected)),
      causeMissed: ({ position: at }, cause) =>
        onMiss(
          causeReport(exchange, { method: 'WEBSOCKET', url: exchanges.get(at).url }, at, exchanges.outline(cause)),
        ),
    });
  }

  #option(position: number, exchange: Exchange): RecordedConversation {
    const { exchanges, context, matcher, correlation, clock } = this.#init;
    const { url } = exchanges.get(position);
    const messages = new ClientMessages({
      ...{ exchange, position, url, context, matcher, correlation },
      ...{ startedAt: clock.startedAt, now: () => clock.now() },
    });
    return { position, script: this.#script(position), messages };
  }

  #script(position: number): Script {
    let script = this.#scripts.get(position);
    if (script === undefined) {
      script = scriptOf(this.#init.exchanges.get(position).webSocketMessages ?? []);
      this.#scripts.set(position, script);
    }
    return script;
  }

  #rewritten(data: Buffer, headers: RawHeaders, atMs: number): { data: Buffer; headers: RawHeaders } {
    const times = { recordedAt: atMs, answeredAt: atMs, answeringAt: this.#init.clock.now() };
    return this.#init.rewriter.rewrite({ headers, trailers: [], data, whole: true }, [], times);
  }
}

function isWebSocket({ response, webSocketMessages }: ReturnType<RecordedExchanges['get']>): boolean {
  return response?.status === 101 && webSocketMessages !== undefined;
}
