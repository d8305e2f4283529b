import type { Socket } from 'node:net';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** What Node's HTTP/1 parser says when it has read an HTTP/2 preface (RFC 9113 §3.4), which looks like a request. */
export interface PrefaceError {
  /** The chunk that the preface ended in, and where. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

/** Of Node's HTTP server, what holds on to a connection. */
interface ServedSocket extends Socket {
  parser?: { unconsume(): void; remove(): void; _consumed: boolean };
}

/**
 * Takes a connection back from Node's HTTP/1 server, whose parser met HTTP/2's preface, as the server itself does for an upgrade.
 * What was read is there to be read again. So HTTP/2 with prior knowledge costs connections of HTTP/1 nothing.
 */
export function takePreface(socket: ServedSocket, { rawPacket, bytesParsed = 0 }: PrefaceError): void {
  const { parser } = socket;
  if (parser?._consumed === true) parser.unconsume();
  if (parser !== undefined) parser._consumed = false;
  // Else the server's time limit for requests would end it.
  parser?.remove();
  for (const event of ['data', 'end', 'drain', 'timeout', 'pause', 'resume', 'error']) socket.removeAllListeners(event);
  socket.on('error', () => undefined);
  socket.pause();
  const rest = rawPacket?.subarray(bytesParsed) ?? Buffer.alloc(0);
  socket.unshift(Buffer.concat([preface, rest]));
}
