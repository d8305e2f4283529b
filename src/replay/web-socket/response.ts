import type { RecordedExchange } from '../../http/index.js';
import {
  Body,
  header,
  withHeader,
  withoutHeaders,
  type Exchange,
  type HttpResponse,
  acceptOf,
  serverWindowBits,
  type WebSocketMessage,
  closeBody,
} from '../../http/index.js';
import type { ServedExchanges } from '../select/served.js';
import type { RecordedWrite } from '../select/write-history.js';
import type { Timing } from '../respond/recorded-response.js';
import { Playback } from './playback.js';
import { ReplayedSocket } from './replayed-socket.js';
import { scriptOf, type ScriptedMessage } from './script.js';

interface WebSocketInit {
  timing: Timing;
  served: ServedExchanges;
  /** Of the same host, on any port. */
  writes: readonly RecordedWrite[];
  agrees: (recorded: ScriptedMessage, incoming: WebSocketMessage) => boolean;
  asks: (message: WebSocketMessage) => boolean;
  /** A message of the server as it reads in this run. */
  rewritten: (message: ScriptedMessage) => Buffer;
  /** The handshake's headers as they read in this run. */
  headers: HttpResponse['headers'];
  missed: (message: WebSocketMessage, expected: ScriptedMessage | undefined) => void;
}

/** A message waits at most so long for a write that it followed upon, in milliseconds; longer where it took longer. */
const minHoldMs = 5000;

/** A recorded WebSocket: its handshake, made for this client's key, and then what was said on it. */
export function webSocketResponse(recorded: RecordedExchange, exchange: Exchange, init: WebSocketInit): HttpResponse {
  const { headers } = exchange.request;
  const answer = recorded.response as NonNullable<RecordedExchange['response']>;
  const compressed =
    header(headers, 'sec-websocket-extensions') === header(recorded.headers, 'sec-websocket-extensions');
  const extended = compressed ? init.headers : withoutHeaders(init.headers, new Set(['sec-websocket-extensions']));
  const key = header(headers, 'sec-websocket-key');
  const { status, reason, httpVersion } = answer;
  return {
    ...{ status, reason, httpVersion },
    headers: key === undefined ? extended : withHeader(extended, 'Sec-WebSocket-Accept', acceptOf(key)),
    body: Body.empty(),
    upgraded: { stream: play(recorded, extended, init), head: Buffer.alloc(0) },
  };
}

function play(recorded: RecordedExchange, headers: HttpResponse['headers'], init: WebSocketInit): ReplayedSocket {
  const { webSocketMessages: messages = [], error, startedAt } = recorded;
  const { agrees, asks, rewritten, served } = init;
  const holds = new Holds(startedAt, init.writes, served, () => playback.goOn());
  const breaksOff = error !== undefined && error.kind !== 'aborted';
  const playback = new Playback({
    script: scriptOf(messages),
    agrees,
    asks,
    send: (message) => socket.say({ opcode: message.opcode, data: rewritten(message) }),
    close: (body) => socket.sayClose(body),
    breakOff: breaksOff ? () => socket.breakOff() : undefined,
    missed: (message, expected) => {
      init.missed(message, expected);
      playback.stop();
      socket.sayClose(closeBody(1011, 'PROXYCTL_REPLAY_MISS: this message is not in the recording'));
    },
    mayFollow: (message) => holds.mayFollow(message),
    delayMs: ({ place, atMs }) =>
      init.timing === 'fast' ? 0 : atMs - (place === 0 ? startedAt : (messages[place - 1]?.time ?? 0) * 1000),
  });
  const socket = new ReplayedSocket(serverWindowBits(header(headers, 'sec-websocket-extensions')), {
    heard: (message) => playback.heard(message),
    gone: () => {
      playback.stop();
      holds.stop();
    },
  });
  setImmediate(() => playback.goOn());
  return socket;
}

/**
 * A server tells on a WebSocket what was written elsewhere: such a message waits for the writes that came before it.
 */
class Holds {
  readonly #writes: readonly RecordedWrite[];
  readonly #served: ServedExchanges;
  readonly #changed: () => void;
  readonly #releases: (() => void)[];
  readonly #since = new Map<ScriptedMessage, number>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(openedAt: number, writes: readonly RecordedWrite[], served: ServedExchanges, changed: () => void) {
    this.#writes = writes.filter((write) => write.startedAt >= openedAt && !served.hasHappened(write.position));
    this.#served = served;
    this.#changed = changed;
    this.#releases = this.#writes.map(({ position }) => served.onServed(position, changed));
  }

  mayFollow(message: ScriptedMessage): boolean {
    const missing = this.#writes.filter(
      ({ startedAt, position }) => startedAt <= message.atMs && !this.#served.hasHappened(position),
    );
    if (missing.length === 0) return true;
    const since = this.#since.get(message);
    const limitMs = Math.max(minHoldMs, 2 * (message.atMs - Math.max(...missing.map(({ startedAt }) => startedAt))));
    if (since !== undefined) return performance.now() - since >= limitMs;
    this.#since.set(message, performance.now());
    this.#timers.add(setTimeout(this.#changed, limitMs + 1));
    return false;
  }

  stop(): void {
    for (const release of this.#releases) release();
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
