import type { Duplex } from 'node:stream';
import type { ProxyctlError } from '../errors/index.js';
import { errorBytes } from './error-response.js';

/** How long a client may take to read a refusal, ms. */
const closeMs = 2000;

/** Answers a connection with an error by HTTP/1.1, and closes it. */
export function refuse(socket: Duplex, error: ProxyctlError, status?: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.on('error', () => undefined);
  socket.end(errorBytes(error, status));
  // Reading on until the client has closed too lets it read the response before a reset could take it away.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), closeMs);
  socket.once('end', () => socket.destroy());
  socket.once('close', () => clearTimeout(timer));
}
