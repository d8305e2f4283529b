import { type WebSocketMessage, type Exchange, urlOf } from '../../http/index.js';
import type { Comparison } from '../match/comparison.js';
import type { Correlation } from '../match/correlation.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import { soundsLikeAsking } from '../request/request-kind.js';
import type { RecordedFacts } from '../loaded/facts.js';
import type { MissReport } from '../explain/miss.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from '../match/prepared-request.js';
import { parseJsonText } from '../request/text/json-text.js';
import { incomingMessage } from '../request/incoming-request.js';
import { messageRequest } from '../request/message-request.js';
import type { ScriptedMessage } from './script.js';

interface MessagesInit {
  context: MatchContext;
  comparison: Comparison;
  correlation: Correlation;
  exchange: Exchange;
  /** The connection's entry in the recording. */
  position: number;
  url: string;
  /** When this run began, and what time it is. */
  startedAt: number;
  now: () => number;
}

/** Compares the messages of a client with the recorded ones, as requests are compared. */
export class ClientMessages {
  readonly #init: MessagesInit;
  readonly #prepared = new WeakMap<WebSocketMessage, PreparedRequest>();

  constructor(init: MessagesInit) {
    this.#init = init;
  }

  /** Whether they mean the same; then what differs in them stands for each other from now on. */
  readonly agrees = (recorded: ScriptedMessage, incoming: WebSocketMessage): boolean => {
    const [past, present] = [this.#prepare(recorded), this.#prepareLive(incoming)];
    if (past.lineKey !== present.lineKey || past.bodyKey !== present.bodyKey) return false;
    const matchResult = this.#init.comparison.ofSameKey(past, present, this.#facts(recorded), this.#now());
    if (matchResult.differences.length > 0) return false;
    for (const [from, to] of matchResult.pairs) this.#init.correlation.bind(from, to);
    return true;
  };

  readonly asks = ({ data }: WebSocketMessage): boolean => {
    const node = parseJsonText(data.toString('utf8'));
    if (node?.type !== 'object') return false;
    const named = node.members.find(({ key }) => /^(?:type|op|action|method|event|kind|cmd|command)$/i.test(key));
    return named?.value.type === 'string' && soundsLikeAsking(named.value.value);
  };

  missOf(incoming: WebSocketMessage, expected: ScriptedMessage | undefined): MissReport {
    const { exchange, position, url, comparison } = this.#init;
    const miss = { index: exchange.index, method: 'WEBSOCKET', url: urlOf(exchange.request) };
    if (expected === undefined) return { ...miss, reason: 'the client sent nothing on the recorded WebSocket' };
    const { differences } = comparison.ofAll(
      this.#prepare(expected),
      this.#prepareLive(incoming),
      this.#facts(expected),
      this.#now(),
    );
    const reason =
      differences.length === 0
        ? 'a message was sent more often than it was recorded'
        : `a message differs from the recorded one in ${differences
            .map(({ where }) => where)
            .slice(0, 5)
            .join(', ')}`;
    return { ...miss, reason, nearest: { index: position, method: 'WEBSOCKET', url, differences } };
  }

  #prepare(message: WebSocketMessage): PreparedRequest {
    const known = this.#prepared.get(message);
    if (known !== undefined) return known;
    const prepared = prepareRequest(messageRequest(message), this.#init.context);
    this.#prepared.set(message, prepared);
    return prepared;
  }

  /** What the client sent, its secrets replaced as in the recording. */
  #prepareLive(message: WebSocketMessage): PreparedRequest {
    const { redactor } = this.#init.context;
    if (redactor === undefined) return this.#prepare(message);
    return prepareRequest(messageRequest(incomingMessage(message, redactor)), this.#init.context);
  }

  #facts({ atMs }: ScriptedMessage): RecordedFacts {
    const { position } = this.#init;
    return {
      position,
      method: 'WEBSOCKET',
      startedAt: atMs,
      answeredAt: atMs,
      isRead: false,
      status: 101,
      responseHeaders: [],
    };
  }

  #now(): RunTimes {
    return { startedAt: this.#init.startedAt, requestAt: this.#init.now() };
  }
}
