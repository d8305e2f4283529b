import { opcodes, urlOf, type Exchange, type WebSocketMessage } from '../../http/index.js';
import type { Announcement } from '../match/made-anew.js';
import type { MatchResult } from '../match/comparison.js';
import type { Correlation } from '../match/correlation.js';
import type { RequestMatcher } from '../match/request-matcher.js';
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
  /** The questions to its `values` can be answered. */
  matcher: RequestMatcher;
  correlation: Correlation;
  exchange: Exchange;
  /** The connection's entry in the recording. */
  position: number;
  url: string;
  /** When this run began, and what time it is. */
  startedAt: number;
  now: () => number;
}

/** Which values of a recorded message and a live one stand for each other. */
export interface Agreement {
  pairs: MatchResult['pairs'];
  announced: readonly Announcement[];
}

/** Compares the messages of a client with the recorded ones, as requests are compared. */
export class ClientMessages {
  readonly #init: MessagesInit;
  readonly #prepared = new WeakMap<WebSocketMessage, PreparedRequest>();

  constructor(init: MessagesInit) {
    this.#init = init;
  }

  /**
   * Of recorded messages the first that a live one is: as it was sent, with the recorded names put back, or at last
   * with values for those that the client made then.
   */
  find(
    recorded: readonly ScriptedMessage[],
    incoming: WebSocketMessage,
  ): { recorded: ScriptedMessage; agreement: Agreement } | undefined {
    if (recorded.length === 0) return undefined;
    const { correlation, matcher } = this.#init;
    const sent = this.#prepareLive(incoming);
    const found = this.#equal(recorded, sent);
    if (found !== undefined) return found;
    const named = correlation.hasNames ? this.#prepareLive(withNames(incoming, correlation)) : sent;
    const equal = named === sent ? undefined : this.#equal(recorded, named);
    if (equal !== undefined) return equal;
    let fewest = Infinity;
    let best: { recorded: ScriptedMessage; agreement: Agreement } | undefined;
    for (const message of recorded) {
      const unified = matcher.unifyOne(this.#prepare(message), this.#facts(message), named, this.#now());
      const count = unified?.announced.filter(({ isKnown }) => !isKnown).length ?? Infinity;
      if (unified === undefined || count >= fewest) continue;
      fewest = count;
      best = { recorded: message, agreement: { pairs: unified.matchResult.pairs, announced: unified.announced } };
    }
    return best;
  }

  /** What differs in a recorded and a live message stands for each other from now on. */
  bind({ pairs, announced }: Agreement): void {
    const { correlation } = this.#init;
    for (const [from, to] of pairs) correlation.bind(from, to);
    for (const name of announced) if (name.isSize !== true) correlation.announce(name);
  }

  /** Whether two recorded messages differ at most in what is another one each time. */
  areOne(one: ScriptedMessage, other: ScriptedMessage): boolean {
    const [a, b] = [this.#prepare(one), this.#prepare(other)];
    return a.lineKey === b.lineKey && a.bodyKey === b.bodyKey;
  }

  /** The names in a recorded message, each with the one that stands in its place in another message of this kind. */
  namesIn(own: ScriptedMessage, other: ScriptedMessage): [string, string][] {
    if (!this.areOne(own, other)) return [];
    const values = this.#prepare(other).volatileValues;
    return this.#prepare(own).volatileValues.flatMap(({ kind, word }, i): [string, string][] => {
      const found = values[i];
      return found === undefined || found.word === word || kind !== 'id' ? [] : [[word, found.word]];
    });
  }

  /** Of each pair the first name stands for what the second one was called, from now on. */
  exchangeNames(names: readonly [string, string][]): void {
    this.#init.correlation.exchange(names);
  }

  readonly asks = ({ data }: WebSocketMessage): boolean => {
    const node = parseJsonText(data.toString('utf8'));
    if (node?.type !== 'object') return false;
    const named = node.members.find(({ key }) => /^(?:type|op|action|method|event|kind|cmd|command)$/i.test(key));
    return named?.value.type === 'string' && soundsLikeAsking(named.value.value);
  };

  missOf(incoming: WebSocketMessage, expected: ScriptedMessage | undefined): MissReport {
    const { position, url, matcher } = this.#init;
    const miss = this.#missed();
    if (expected === undefined) return { ...miss, reason: 'the client sent nothing on the recorded WebSocket' };
    const { differences } = matcher.comparison.ofAll(
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

  #missed(): Pick<MissReport, 'index' | 'method' | 'url'> {
    const { exchange } = this.#init;
    return { index: exchange.index, method: 'WEBSOCKET', url: urlOf(exchange.request) };
  }

  #equal(
    recorded: readonly ScriptedMessage[],
    live: PreparedRequest,
  ): { recorded: ScriptedMessage; agreement: Agreement } | undefined {
    const { comparison } = this.#init.matcher;
    for (const message of recorded) {
      const past = this.#prepare(message);
      if (past.lineKey !== live.lineKey || past.bodyKey !== live.bodyKey) continue;
      const { differences, pairs } = comparison.ofSameKey(past, live, this.#facts(message), this.#now());
      if (differences.length === 0) return { recorded: message, agreement: { pairs, announced: [] } };
    }
    return undefined;
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

function withNames(message: WebSocketMessage, correlation: Correlation): WebSocketMessage {
  if (message.opcode !== opcodes.text) return message;
  const text = message.data.toString('utf8');
  const named = correlation.putBack(text);
  return named === text ? message : { ...message, data: Buffer.from(named) };
}
