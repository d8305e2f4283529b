import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { z } from 'zod';
import { corkForTurn } from '../core/cork-for-turn.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import type { ApiOptions } from './app.js';
import { checkAccess } from './access.js';
import { feedEvents } from './event-feed.js';
import { eventFilter, eventQuery } from './event-filter.js';
import { onceEach, valid } from './input.js';

/** Bytes that may wait for a slow reader; past that events are dropped for it, and it is told how many. */
const backlogBytes = 4 * 1024 * 1024;

/**
 * `GET /v1/events` and `GET /v1/sessions/:id/events` as WebSocket: one JSON event a message, with `since`, `types` and
 * `hosts` as for Server-Sent Events. Once it is open, all that happens is told. Returns a function that closes all.
 */
export function attachEvents(server: Server, { stack, access }: ApiOptions): () => void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuse = (error: unknown): void => {
      const status = error instanceof ProxyctlError ? error.httpStatus : 500;
      socket.end(
        `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${messageOf(error)}\n`,
      );
    };
    socket.on('error', () => undefined); // it has gone before it was answered
    try {
      const url = new URL(request.url ?? '/', 'http://localhost');
      checkAccess(access, request.headers, url.searchParams.get('token') ?? undefined);
      const session = sessionOf(url.pathname);
      if (session !== undefined) stack.sessions.get(session);
      const filter = eventFilter(askedOf(url.searchParams), session);
      stack.events.ready().then(
        () =>
          sockets.handleUpgrade(request, socket, head, (webSocket) => {
            const stop = feedEvents(stack, filter, {
              send: ({ text }) => {
                corkForTurn(socket); // a request's events come together
                webSocket.send(text);
              },
              isBehind: () => webSocket.bufferedAmount > backlogBytes,
            });
            webSocket.on('close', stop);
            webSocket.on('error', stop);
          }),
        refuse,
      );
    } catch (error) {
      refuse(error);
    }
  });
  return () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}

/** The session that the path names; undefined for all. Throws for any other path. */
function sessionOf(path: string): string | undefined {
  const match = /^\/v1\/(?:sessions\/([^/]+)\/)?events$/.exec(path);
  if (match === null) throw new ProxyctlError('PROXYCTL_NOT_FOUND', `There is no WebSocket at ${path}`);
  return match[1] === undefined ? undefined : decodeURIComponent(match[1]);
}

function askedOf(query: URLSearchParams): z.output<typeof eventQuery> {
  const values = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]));
  const { token: _token, ...asked } = onceEach(values); // what browsers have in place of a header
  return valid(eventQuery, asked);
}
