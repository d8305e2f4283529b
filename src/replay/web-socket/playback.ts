import { type WebSocketMessage, opcodes, closeBody } from '../../http/index.js';
import { isHeartbeat, type Script, type ScriptedMessage } from './script.js';

interface PlaybackInit {
  script: Script;
  /** Whether an asked message means the same as a recorded one; binds what they call differently when it does. */
  agrees: (recorded: ScriptedMessage, incoming: WebSocketMessage) => boolean;
  /** Whether a message only asks, so that it may be answered once more. */
  asks: (message: WebSocketMessage) => boolean;
  /** Sends a recorded message as it reads in this run. */
  send: (message: ScriptedMessage) => void;
  close: (body: Buffer) => void;
  /** Nothing more is said, and nobody said goodbye. Undefined: the connection stays until the client leaves. */
  breakOff: (() => void) | undefined;
  /** A message of the client that was not recorded. */
  missed: (message: WebSocketMessage, expected: ScriptedMessage | undefined) => void;
  /** Whether what a recorded message followed upon outside of this connection has happened in this run. */
  mayFollow: (message: ScriptedMessage) => boolean;
  /** Milliseconds that a message is held back when its turn has come. */
  delayMs: (message: ScriptedMessage) => number;
}

/** When nothing has been said for so long, in milliseconds, a response need not wait for the questions of others. */
const quietMs = 250;

/**
 * The server's side of a recorded WebSocket: its messages in recorded order, each once the client has said what it had
 * said before it. The client's messages may come in another order; one that was not recorded is a miss.
 */
export class Playback {
  readonly #init: PlaybackInit;
  readonly #unsent: ScriptedMessage[];
  readonly #unheard: ScriptedMessage[];
  readonly #heard: ScriptedMessage[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The message whose delay is over. */
  #due: ScriptedMessage | undefined;
  #over = false;

  constructor(init: PlaybackInit) {
    this.#init = init;
    this.#unsent = [...init.script.fromServer];
    this.#unheard = [...init.script.fromClient];
  }

  /** Says all that can be said now. To be called at first, and whenever `mayFollow` may have changed. */
  goOn(): void {
    clearTimeout(this.#timer);
    while (!this.#over) {
      const [next] = this.#unsent;
      if (next === undefined) return this.#end();
      if (!this.#wasRequested(next) || !this.#init.mayFollow(next)) break;
      const delay = this.#due === next ? 0 : this.#init.delayMs(next);
      if (delay > 0) {
        this.#timer = setTimeout(() => {
          this.#due = next;
          this.goOn();
        }, delay);
        return;
      }
      this.#unsent.shift();
      this.#say(next);
    }
    if (!this.#over) this.#timer = setTimeout(() => this.#responseOutOfTurn(), quietMs);
  }

  heard(message: WebSocketMessage): void {
    if (this.#over) return;
    if (message.opcode === opcodes.ping || message.opcode === opcodes.pong) return;
    if (message.opcode === opcodes.close) return this.#closed(message.data);
    const { agrees, asks, missed, script } = this.#init;
    const place = this.#unheard.findIndex((recorded) => agrees(recorded, message));
    const [recorded] = place === -1 ? [] : this.#unheard.splice(place, 1);
    if (recorded !== undefined) {
      this.#heard.push(recorded);
      if (recorded.heartbeat) this.#react(recorded);
      return this.goOn();
    }
    const beats = isHeartbeat(message.data.toString('utf8'));
    const again = this.#heard.findLast((earlier) => agrees(earlier, message));
    if (again !== undefined && (beats || asks(message))) {
      for (const reaction of script.reactions.get(again.place) ?? []) this.#say(reaction);
    } else if (!beats) {
      missed(message, this.#unheard[0] ?? script.fromClient.at(-1));
    }
  }

  /** The connection is gone. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #react(beat: ScriptedMessage): void {
    for (const reaction of this.#init.script.reactions.get(beat.place) ?? []) {
      if (reaction.heartbeat) this.#say(reaction);
    }
  }

  #wasRequested(message: ScriptedMessage): boolean {
    return !this.#unheard.some(({ place, heartbeat }) => place < message.place && !heartbeat);
  }

  /** Of questions that were sent at once, some may never come before others are answered. */
  #responseOutOfTurn(): void {
    const { script, mayFollow } = this.#init;
    const found = this.#unsent.findIndex(
      (message) =>
        message.id !== undefined &&
        mayFollow(message) &&
        this.#heard.some(({ id, place }) => id === message.id && place < message.place) &&
        !script.fromServer.some(
          (other) => other.id === message.id && other.place < message.place && this.#unsent.includes(other),
        ),
    );
    if (found === -1 || this.#over) return;
    const [message] = this.#unsent.splice(found, 1);
    if (message !== undefined) this.#say(message);
    this.goOn();
  }

  #say(message: ScriptedMessage): void {
    if (message.opcode !== opcodes.close) return this.#init.send(message);
    this.stop();
    this.#init.close(message.data);
  }

  #end(): void {
    if (this.#unheard.some(({ heartbeat }) => !heartbeat)) return;
    this.#init.breakOff?.();
  }

  #closed(body: Buffer): void {
    this.stop();
    const { closeReply } = this.#init.script;
    // a reply repeats the code as a rule (RFC 6455 §5.5.1)
    this.#init.close(closeReply ?? (body.length >= 2 ? body.subarray(0, 2) : closeBody(1000, '').subarray(0, 0)));
  }
}
