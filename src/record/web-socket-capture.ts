import { MessageReader, opcodes } from '../http/index.js';
import { messageOf } from '../errors/index.js';
import type { ExchangeRecord, RecordedFailure } from './exchange-record.js';

/** Messages are held until the connection is over; more bytes than this are not. */
const maxHeldBytes = 128 * 1024 * 1024;

type Direction = 'send' | 'receive';

/** Understands what passes on a WebSocket, as HAR's `_webSocketMessages`: text as it is, all else in base64. */
export class WebSocketCapture {
  readonly messages: NonNullable<ExchangeRecord['webSocketMessages']> = [];
  readonly #now: () => number;
  readonly #readers = { send: new MessageReader(), receive: new MessageReader() };
  #bytes = 0;
  #problem: string | undefined;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  passed(type: Direction, chunk: Buffer): void {
    if (this.#problem !== undefined) return;
    try {
      for (const { opcode, data } of this.#readers[type].read(chunk)) {
        this.#bytes += data.length;
        if (this.#bytes > maxHeldBytes) throw new Error(`more than ${maxHeldBytes} bytes of messages`);
        const text = data.toString(opcode === opcodes.text ? 'utf8' : 'base64');
        this.messages.push({ type, time: this.#now() / 1000, opcode, data: text });
      }
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }

  /** What kept it from ending as it should; undefined when both sides said goodbye, or the server did. */
  failure(endedBy: 'client' | 'server' | 'recording'): RecordedFailure | undefined {
    const phase = 'response';
    if (this.#problem !== undefined) {
      return {
        kind: 'protocol',
        phase,
        message: `Not all of this WebSocket could be recorded: ${this.#problem}`,
      };
    }
    if (this.messages.some(({ opcode, type }) => opcode === opcodes.close && type === 'receive')) return undefined;
    if (endedBy === 'client') {
      return { kind: 'aborted', phase, message: 'The client left the WebSocket' };
    }
    if (endedBy === 'recording') {
      return { kind: 'aborted', phase, message: 'The recording ended before this WebSocket did' };
    }
    return { kind: 'closed', phase, message: 'The server broke the WebSocket off' };
  }
}
