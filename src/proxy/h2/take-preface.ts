import type { Socket } from 'node:net';
import { detachFromParser, type ParserError } from '../detach-from-parser.js';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/**
 * Takes a connection back from Node's HTTP/1 server, whose parser met HTTP/2's preface (RFC 9113 §3.4), which looks
 * like a request. What was read is there to be read again. So HTTP/2 with prior knowledge costs connections of HTTP/1
 * nothing.
 */
export function takePreface(socket: Socket, { rawPacket, bytesParsed = 0 }: ParserError): void {
  detachFromParser(socket);
  const rest = rawPacket?.subarray(bytesParsed) ?? Buffer.alloc(0);
  socket.unshift(Buffer.concat([preface, rest]));
}
