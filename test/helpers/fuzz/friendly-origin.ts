import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { listening, type Listening } from '../listening.js';

/**
 * A backend that answers every path with itself and its request's body with its length; an upgrade to a WebSocket
 * echoes raw bytes.
 */
export async function startFriendlyOrigin(): Promise<Listening> {
  const server: Server = createServer((request, response) => {
    let length = 0;
    request.on('data', (data: Buffer) => (length += data.length));
    request.on('end', () => response.end(`${request.url ?? ''} ${length}`));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n' +
        `Upgrade: ${request.headers.upgrade ?? 'websocket'}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  return listening(server);
}
