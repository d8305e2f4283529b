import { constants, deflateRawSync } from 'node:zlib';
import type { WebSocketMessage } from './message-reader.js';

/**
 * A server's frame with a whole message (RFC 6455 §5.2). `windowBits`: it is compressed (RFC 7692), referring to
 * nothing before it.
 */
export function writeFrame({ opcode, data }: WebSocketMessage, windowBits?: number): Buffer {
  const payload = windowBits === undefined ? data : deflated(data, windowBits);
  const first = 0x80 | (windowBits === undefined ? 0 : 0x40) | opcode;
  if (payload.length < 126) return Buffer.concat([Buffer.from([first, payload.length]), payload]);
  const head = Buffer.alloc(payload.length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = payload.length < 65_536 ? 126 : 127;
  if (payload.length < 65_536) head.writeUInt16BE(payload.length, 2);
  else head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** Without the four bytes that every message would end with. */
function deflated(data: Buffer, windowBits: number): Buffer {
  const whole = deflateRawSync(data, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return whole.subarray(0, whole.length - 4);
}

/** The body of a close frame (RFC 6455 §5.5.1); the reason is cut to what fits. */
export function closeBody(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const body = Buffer.alloc(2 + Math.min(text.length, 123));
  body.writeUInt16BE(code);
  text.copy(body, 2);
  return body;
}
