import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { messageOf, ProxyctlError } from '../errors/index.js';
import type { SessionEvent } from '../session/session-event.js';
import type { ApiOptions } from './app.js';
import { checkAccess } from './access.js';

/** Bytes that may wait for a slow reader; past that events are dropped for it, and it is told how many. */
const backlogBytes = 4 * 1024 * 1024;

/**
 * `GET /v1/events` and `GET /v1/sessions/:id/events` as WebSocket: one JSON event a message, from now on, or from
 * `?since=SEQ`. Returns a function that closes all.
 */
export function attachEvents(server: Server, { controller, access }: ApiOptions): () => void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    try {
      checkAccess(access, request.headers, url.searchParams.get('token') ?? undefined);
      const session = sessionOf(url.pathname);
      if (session !== undefined) controller.session(session);
      const since = url.searchParams.get('since');
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        send(webSocket, session, since === null ? undefined : Number(since));
      });
    } catch (error) {
      const status = error instanceof ProxyctlError ? error.httpStatus : 500;
      socket.end(
        `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${messageOf(error)}\n`,
      );
    }
  });

  function send(webSocket: WebSocket, session: string | undefined, since: number | undefined): void {
    let missed = 0;
    const stop = controller.onEvent((event: SessionEvent) => {
      if (session !== undefined && event.session !== session) return;
      if (webSocket.bufferedAmount > backlogBytes) {
        missed += 1;
        return;
      }
      if (missed > 0) webSocket.send(JSON.stringify({ type: 'missed', count: missed }));
      missed = 0;
      webSocket.send(JSON.stringify(event));
    }, since);
    webSocket.on('close', stop);
    webSocket.on('error', stop);
  }

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
