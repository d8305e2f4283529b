import type { Socket } from 'node:net';

/** What Node's HTTP/1 parser says of input that it does not take. */
export interface ParserError {
  /** The chunk in which it came, and where. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

/** Of Node's HTTP server, what holds on to a connection. */
interface ServedSocket extends Socket {
  parser?: { unconsume(): void; remove(): void; _consumed: boolean };
}

/** Takes a connection back from Node's HTTP/1 server, as the server itself does for an upgrade. It is paused. */
export function detachFromParser(socket: ServedSocket): void {
  const { parser } = socket;
  if (parser?._consumed === true) parser.unconsume();
  if (parser !== undefined) parser._consumed = false;
  // Else the server's time limit for requests would end it.
  parser?.remove();
  for (const event of ['data', 'end', 'drain', 'timeout', 'pause', 'resume', 'error']) socket.removeAllListeners(event);
  socket.on('error', () => undefined);
  socket.pause();
}
