import { constants, inflateRawSync } from 'node:zlib';

/** Opcodes (RFC 6455 §11.8). */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A whole message or a control frame: fragments joined, unmasked, its compression undone. */
export interface WebSocketMessage {
  opcode: number;
  data: Buffer;
}

/** The bytes are not those of a WebSocket (RFC 6455 §5.2), or a message is over the limit. */
class NotWebSocket extends Error {}

interface FrameHead {
  final: boolean;
  compressed: boolean;
  opcode: number;
  mask: Buffer | undefined;
  length: number;
  /** Bytes of the head itself. */
  size: number;
}

/** What a compressed message may refer back to (RFC 7692 §7.2.3.2): DEFLATE's window. */
const windowBytes = 32 * 1024;
/** What senders leave off each compressed message (RFC 7692 §7.2.1). */
const deflateTail = Buffer.from([0, 0, 0xff, 0xff]);

/** Reads one direction of a WebSocket: chunks of its bytes in, messages out. */
export class MessageReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** How many bytes must be there before it is worth to look again. */
  #wanted = 2;
  #fragments: Buffer[] = [];
  #fragmentsBytes = 0;
  #opcode = 0;
  #compressed = false;
  #window: Buffer = Buffer.alloc(0);

  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are complete now. Throws `NotWebSocket`. */
  read(chunk: Buffer): WebSocketMessage[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return [];
    let data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const messages: WebSocketMessage[] = [];
    for (;;) {
      const head = frameHead(data);
      this.#wanted = head === undefined ? data.length + 1 : head.size + head.length;
      if (head !== undefined && head.length + this.#fragmentsBytes > this.#maxBytes) {
        throw new NotWebSocket(`A message of more than ${this.#maxBytes} bytes`);
      }
      if (head === undefined || data.length < this.#wanted) break;
      const message = this.#frame(head, unmasked(data.subarray(head.size, this.#wanted), head.mask));
      if (message !== undefined) messages.push(message);
      data = data.subarray(this.#wanted);
    }
    this.#chunks = data.length === 0 ? [] : [data];
    this.#buffered = data.length;
    return messages;
  }

  #frame({ final, compressed, opcode }: FrameHead, data: Buffer): WebSocketMessage | undefined {
    if (opcode >= opcodes.close) return { opcode, data };
    if (opcode !== opcodes.continuation) {
      this.#opcode = opcode;
      this.#compressed = compressed;
    }
    this.#fragments.push(data);
    this.#fragmentsBytes += data.length;
    if (!final) return undefined;
    const whole = this.#fragments.length === 1 ? data : Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#fragmentsBytes = 0;
    return { opcode: this.#opcode, data: this.#compressed ? this.#inflated(whole) : whole };
  }

  /** A sender that keeps no context refers to nothing before its message, so the window may always be there. */
  #inflated(data: Buffer): Buffer {
    let inflated: Buffer;
    try {
      inflated = inflateRawSync(Buffer.concat([data, deflateTail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.#maxBytes,
        ...(this.#window.length === 0 ? {} : { dictionary: this.#window }),
      });
    } catch (error) {
      throw new NotWebSocket('A message that cannot be inflated', { cause: error });
    }
    const seen = inflated.length >= windowBytes ? inflated : Buffer.concat([this.#window, inflated]);
    this.#window = Buffer.from(seen.subarray(Math.max(0, seen.length - windowBytes)));
    return inflated;
  }
}

/** Undefined while it is not all there. */
function frameHead(data: Buffer): FrameHead | undefined {
  if (data.length < 2) return undefined;
  const [first = 0, second = 0] = data;
  if ((first & 0x30) !== 0) throw new NotWebSocket('Reserved bits of an extension that is not known');
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const masked = (second & 0x80) !== 0;
  const size = 2 + lengthBytes + (masked ? 4 : 0);
  if (data.length < size) return undefined;
  const length = lengthBytes === 0 ? short : lengthBytes === 2 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  return {
    final: (first & 0x80) !== 0,
    compressed: (first & 0x40) !== 0,
    opcode: first & 0x0f,
    mask: masked ? data.subarray(size - 4, size) : undefined,
    length,
    size,
  };
}

function unmasked(data: Buffer, mask: Buffer | undefined): Buffer {
  const plain = Buffer.from(data);
  if (mask === undefined) return plain;
  for (let i = 0; i < plain.length; i++) plain[i] = (plain[i] as number) ^ (mask[i & 3] as number);
  return plain;
}
