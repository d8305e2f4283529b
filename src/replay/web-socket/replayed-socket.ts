import { Duplex } from 'node:stream';
import { messageOf } from '../../errors/index.js';
import { MessageReader, opcodes, type WebSocketMessage, closeBody, writeFrame } from '../../http/index.js';

/** How long a client may take to answer a close frame, in milliseconds. */
const closeLimitMs = 5000;

interface SocketEvents {
  heard: (message: WebSocketMessage) => void;
  gone: () => void;
}

/**
 * The server's end of a WebSocket that has no server: what is written to it is read as messages, what it says are
 * frames.
 */
export class ReplayedSocket extends Duplex {
  readonly #reader = new MessageReader();
  readonly #windowBits: number | undefined;
  readonly #events: SocketEvents;
  #closing: NodeJS.Timeout | undefined;
  #clientClosed = false;
  #ended = false;

  /** `windowBits`: messages are compressed. */
  constructor(windowBits: number | undefined, events: SocketEvents) {
    super({ allowHalfOpen: true });
    this.#windowBits = windowBits;
    this.#events = events;
  }

  say(message: WebSocketMessage): void {
    if (this.#ended) return;
    const control = message.opcode >= opcodes.close;
    this.push(writeFrame(message, control ? undefined : this.#windowBits));
  }

  /** Says goodbye; the connection ends when the client has answered, or after five seconds. */
  sayClose(body: Buffer): void {
    this.say({ opcode: opcodes.close, data: body });
    if (this.#clientClosed) this.breakOff();
    else this.#closing ??= setTimeout(() => this.breakOff(), closeLimitMs).unref();
  }

  breakOff(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  override _read(): void {
    // what there is to say has been pushed already: a recording is finite
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    try {
      for (const message of this.#reader.read(chunk)) this.#heard(message);
    } catch (error) {
      this.sayClose(closeBody(1002, messageOf(error)));
    }
    callback();
  }

  override _final(callback: () => void): void {
    this.breakOff();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#ended = true;
    clearTimeout(this.#closing);
    this.#events.gone();
    callback(error);
  }

  #heard(message: WebSocketMessage): void {
    if (message.opcode === opcodes.ping) this.say({ opcode: opcodes.pong, data: message.data });
    if (message.opcode === opcodes.close) this.#clientClosed = true;
    if (this.#closing !== undefined) {
      if (this.#clientClosed) this.breakOff();
      return;
    }
    this.#events.heard(message);
  }
}
