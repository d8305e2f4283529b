import { closeBody, opcodes, type WebSocketMessage } from '../../http/index.js';
import type { ScriptedMessage } from './script.js';
import { ScriptProgress, type Followed, type RecordedConversation, type Turn } from './script-progress.js';

interface PlaybackInit {
  conversation: RecordedConversation;
  /** Sends a recorded message as it reads in this run. */
  send: (message: ScriptedMessage) => void;
  close: (body: Buffer) => void;
  /** Nothing more is said, and nobody said goodbye. Undefined: the connection stays until the client leaves. */
  breakOff: (() => void) | undefined;
  /**
   * A message of the client was not recorded on this connection. Whether the playback has been moved to another one
   * that has it; otherwise it is a miss.
   */
  moved: (message: WebSocketMessage) => boolean;
  missed: (message: WebSocketMessage, expected: ScriptedMessage | undefined) => void;
  /** Whether what a recorded message followed upon outside of this connection has happened in this run. */
  mayFollow: (message: ScriptedMessage) => boolean;
  /** Milliseconds that a message is held back after the one before it was sent; 0: none. */
  gapMs: (message: ScriptedMessage) => number;
}

/** When nothing has been said for so long, in milliseconds, a response need not wait for the questions of others. */
const quietMs = 250;

/**
 * The server's side of a recorded WebSocket: its messages in recorded order, each once the client has said what it had
 * said before it. The client's messages may come in another order; one that was not recorded is a miss.
 */
export class Playback {
  readonly #init: PlaybackInit;
  #turns: Turn[] = [];
  #progress: ScriptProgress;
  #timer: NodeJS.Timeout | undefined;
  /** When the last message was sent, by `performance.now()`. */
  #sentAt = performance.now();
  #over = false;

  constructor(init: PlaybackInit) {
    this.#init = init;
    this.#progress = new ScriptProgress(init.conversation);
  }

  /** What has happened so far. */
  get turns(): readonly Turn[] {
    return this.#turns;
  }

  get position(): number {
    return this.#progress.conversation.position;
  }

  /** Goes on along another recorded connection, which has followed the turns so far. */
  moveTo(progress: ScriptProgress, { told }: Followed): void {
    this.#progress = progress;
    const own = told.map(([message]) => message);
    this.#turns = this.#turns.map((turn) => ('sent' in turn ? { sent: own.shift() ?? turn.sent } : turn));
    setImmediate(() => this.goOn());
  }

  /** Says all that can be said now. To be called at first, and whenever `mayFollow` may have changed. */
  goOn(): void {
    clearTimeout(this.#timer);
    while (!this.#over) {
      const [next] = this.#progress.unsent;
      if (next === undefined) return this.#end();
      if (!this.#progress.mayBeSent(next) || !this.#init.mayFollow(next)) break;
      const waitMs = this.#sentAt + this.#init.gapMs(next) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.goOn(), Math.ceil(waitMs));
        return;
      }
      this.#say(next);
    }
    if (!this.#over) this.#timer = setTimeout(() => this.#answerOutOfTurn(), quietMs);
  }

  heard(message: WebSocketMessage): void {
    if (this.#over) return;
    if (message.opcode === opcodes.ping || message.opcode === opcodes.pong) return;
    if (message.opcode === opcodes.close) return this.#closed(message.data);
    this.#turns.push({ received: message });
    const received = this.#progress.receive(message);
    if (received === undefined) {
      if (!this.#init.moved(message)) this.#init.missed(message, this.#progress.expected);
      return;
    }
    const { script, messages } = this.#progress.conversation;
    const reactions = received.is === 'heartbeat' ? [] : (script.reactions.get(received.recorded.place) ?? []);
    if (received.is === 'repeated') for (const reaction of reactions) this.#send(reaction);
    if (received.is !== 'expected') return;
    messages.bind(received.agreement);
    if (received.recorded.heartbeat) for (const beat of reactions) if (beat.heartbeat) this.#send(beat);
    this.goOn();
  }

  /** The connection is gone. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** Of questions that were sent at once, some may never come before others are answered. */
  #answerOutOfTurn(): void {
    const message = this.#progress.answerOutOfTurn(this.#init.mayFollow);
    if (message === undefined || this.#over) return;
    this.#say(message);
    this.goOn();
  }

  #say(message: ScriptedMessage): void {
    this.#progress.sent(message);
    this.#turns.push({ sent: message });
    this.#sentAt = performance.now();
    if (message.opcode !== opcodes.close) return this.#init.send(message);
    this.stop();
    this.#init.close(message.data);
  }

  #send(message: ScriptedMessage): void {
    if (message.opcode !== opcodes.close) this.#init.send(message);
  }

  #end(): void {
    if (this.#progress.isHeard) this.#init.breakOff?.();
  }

  #closed(body: Buffer): void {
    this.stop();
    const { closeReply } = this.#progress.conversation.script;
    // a reply repeats the code as a rule (RFC 6455 §5.5.1)
    this.#init.close(closeReply ?? (body.length >= 2 ? body.subarray(0, 2) : closeBody(1000, '').subarray(0, 0)));
  }
}
