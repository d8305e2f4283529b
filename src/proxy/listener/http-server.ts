import { createServer, type Server } from 'node:http';
import { ProxyctlError, systemCode } from '../../errors/index.js';

export const maxHeaderBytes = 256 * 1024;
/** How long a client may take over the head of a request, ms. Slow links are what this product is for. */
export const headersTimeoutMs = 300_000;
/**
 * What may wait for a slow client before the server is held back. Node's own 16 KiB hold it back at each TLS record.
 */
export const bufferBytes = 128 * 1024;

/** Node's HTTP server with the limits of a proxy that slow clients use. */
export function createHttpServer(): Server {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false,
    requireHostHeader: false,
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: 0,
    // Finds clients that vanished.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    noDelay: true,
    highWaterMark: bufferBytes,
  });
  // Else headers over 2000 would be dropped without a word; the size of the head has a limit of its own.
  server.maxHeadersCount = 0;
  return server;
}

/** The error of a server that could not listen: `PROXYCTL_PORT_IN_USE`, or the system's. */
export function listenFailure(error: Error, host: string, port: number): Error {
  if (systemCode(error) !== 'EADDRINUSE') return error;
  return new ProxyctlError('PROXYCTL_PORT_IN_USE', `Port ${port} on ${host} is in use`, {
    cause: error,
    hint: 'Choose another port, or 0 for any free one.',
    data: { host, port },
  });
}
