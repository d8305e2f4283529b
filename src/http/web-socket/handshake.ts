import { createHash } from 'node:crypto';
import { header, type RawHeaders } from '../headers.js';

/** Whether a request asks for a WebSocket, or a response opens one. */
export function isWebSocket(headers: RawHeaders): boolean {
  return header(headers, 'upgrade')?.trim().toLowerCase() === 'websocket';
}

/** `Sec-WebSocket-Accept` for the client's `Sec-WebSocket-Key` (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key.trim()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/**
 * The window that the server may compress with, in bits, as `Sec-WebSocket-Extensions` says; undefined without
 * compression.
 */
export function serverWindowBits(extensions: string | undefined): number | undefined {
  if (extensions === undefined || !/(?:^|,)\s*permessage-deflate\b/i.test(extensions)) return undefined;
  const bits = Number(/server_max_window_bits="?(\d+)/i.exec(extensions)?.[1] ?? 15);
  return Math.min(15, Math.max(9, bits)); // zlib has no raw window of 8
}
