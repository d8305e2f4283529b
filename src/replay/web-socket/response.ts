import type { RecordedExchange } from '../../http/index.js';
import {
  acceptOf,
  Body,
  closeBody,
  header,
  serverWindowBits,
  withHeader,
  withoutHeaders,
  type Exchange,
  type HttpResponse,
  type WebSocketMessage,
} from '../../http/index.js';
import type { Holds } from '../select/holds.js';
import { gapMs, type Timing } from '../respond/timing.js';
import type { Conversations, LiveConversation } from './conversations.js';
import { Playback } from './playback.js';
import { ReplayedSocket } from './replayed-socket.js';
import type { ScriptedMessage } from './script.js';
import type { RecordedConversation } from './script-progress.js';

interface WebSocketInit {
  timing: Timing;
  /** The recorded connections that this one may be, in recorded order; it begins as `first`. */
  options: readonly RecordedConversation[];
  first: RecordedConversation;
  recordedOf: (option: RecordedConversation) => RecordedExchange;
  conversations: Conversations;
  holds: (option: RecordedConversation, changed: () => void) => Holds;
  /** A message of the server as it reads in this run. */
  rewritten: (message: ScriptedMessage) => Buffer;
  /** The handshake's headers as they read in this run. */
  headers: HttpResponse['headers'];
  /** It has turned out to be this recorded connection. */
  movedTo: (option: RecordedConversation) => void;
  missed: (option: RecordedConversation, message: WebSocketMessage, expected: ScriptedMessage | undefined) => void;
  /** The write that a message of the server waited for was not made. */
  causeMissed: (option: RecordedConversation, cause: number) => void;
}

/** A recorded WebSocket: its handshake, made for this client's key, and then what was said on it. */
export function webSocketResponse(exchange: Exchange, init: WebSocketInit): HttpResponse {
  const { headers } = exchange.request;
  const recorded = init.recordedOf(init.first);
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
    upgraded: { stream: play(extended, init), head: Buffer.alloc(0) },
  };
}

function play(headers: HttpResponse['headers'], init: WebSocketInit): ReplayedSocket {
  const { conversations, rewritten, timing } = init;
  let current = init.first;
  const changed = (): void => playback.goOn();
  let holds = init.holds(current, changed);
  const breaksOff = (): boolean => {
    const { error } = init.recordedOf(current);
    return error !== undefined && error.kind !== 'aborted';
  };
  const playback = new Playback({
    conversation: current,
    send: (message) => socket.say({ opcode: message.opcode, data: rewritten(message) }),
    close: (body) => socket.sayClose(body),
    breakOff: () => breaksOff() && socket.breakOff(),
    moved: () => conversations.move(live),
    missed: (message, expected) => {
      init.missed(current, message, expected);
      playback.stop();
      socket.sayClose(closeBody(1011, 'PROXYCTL_REPLAY_MISS: this message is not in the recording'));
    },
    mayFollow: (message) => holds.mayFollow(message),
    gapMs: (message) => gapBefore(message, init.recordedOf(current), timing, holds),
  });
  const live: LiveConversation = {
    playback,
    options: init.options,
    movedTo: (option) => {
      current = option;
      holds.stop();
      holds = init.holds(option, changed);
      init.movedTo(option);
    },
  };
  const socket = new ReplayedSocket(serverWindowBits(header(headers, 'sec-websocket-extensions')), {
    heard: (message) => playback.heard(message),
    gone: () => {
      playback.stop();
      conversations.remove(live);
      const cause = holds.missed;
      if (cause !== undefined) init.causeMissed(current, cause);
      holds.stop();
    },
  });
  conversations.add(live);
  setImmediate(changed);
  return socket;
}

/** What follows upon something else comes at once; messages that follow each other keep their distance. */
function gapBefore(
  { place, atMs }: ScriptedMessage,
  { webSocketMessages: messages = [], startedAt }: RecordedExchange,
  timing: Timing,
  holds: Holds,
): number {
  const before = messages[place - 1];
  const since = before === undefined ? startedAt : before.time * 1000;
  const isNext = before?.type === 'receive' && holds.latestBefore(atMs) <= since;
  return isNext || timing === 'recorded' ? gapMs(since, atMs, timing) : 0;
}
