import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { detachFromParser, type ParserError } from './detach-from-parser.js';

/** What no client can know, and Node's parser takes for part of a URL. */
const mark = `~${randomBytes(8).toString('hex')}~`;
const marked = new RegExp(`${mark}([0-9a-f]{2})`, 'g');
const newline = 0x0a;
let everMarked = false;

/**
 * Clients such as curl send a path as they were given it, in UTF-8. Node's parser refuses any byte above 0x7f in a URL,
 * so the request line is read anew with those bytes written otherwise, and `unmarkTarget` gives them back. Resolves
 * with whether it could be done: not when the line began in an earlier packet than the byte came in, as the parser has
 * that part already.
 */
export async function markTarget(socket: Socket, error: ParserError, maxBytes: number): Promise<boolean> {
  const { rawPacket, bytesParsed = 0 } = error;
  if (rawPacket === undefined || (rawPacket[bytesParsed] ?? 0) < 0x80) return false;
  const start = rawPacket.lastIndexOf(newline, bytesParsed) + 1;
  if (!/^[A-Z-]+ \S/.test(rawPacket.toString('latin1', start, start + 40))) return false;
  detachFromParser(socket);
  const bytes = await throughLine(socket, rawPacket.subarray(start), maxBytes);
  const end = bytes.indexOf(newline);
  if (end === -1) return false;
  everMarked = true;
  const line = bytes.toString('latin1', 0, end);
  const written = line.replace(/[\x80-\xff]/g, (char) => `${mark}${char.charCodeAt(0).toString(16)}`);
  socket.unshift(Buffer.concat([Buffer.from(written, 'latin1'), bytes.subarray(end)]));
  return true;
}

/** A URL as the client sent it, in latin1. */
export function unmarkTarget(url: string): string {
  return everMarked ? url.replace(marked, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))) : url;
}

/** Reads on until there is a whole line, or too much without one. */
function throughLine(socket: Socket, first: Buffer, maxBytes: number): Promise<Buffer> {
  if (first.includes(newline)) return Promise.resolve(first);
  return new Promise((resolve) => {
    let bytes = first;
    const over = (): void => {
      socket.pause().off('data', more).off('close', over).off('end', over);
      resolve(bytes);
    };
    const more = (data: Buffer): void => {
      bytes = Buffer.concat([bytes, data]);
      if (data.includes(newline) || bytes.length > maxBytes) over();
    };
    socket.on('data', more).once('close', over).once('end', over).resume();
  });
}
