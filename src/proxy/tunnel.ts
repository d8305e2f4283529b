import type { Duplex } from 'node:stream';
import { messageOf } from '../errors/index.js';
import type { TunnelReport } from '../http/index.js';

interface TunnelEnds {
  client: Duplex;
  server: Duplex;
  /** Bytes of the client that were read already, and of the server. */
  fromClient?: Buffer;
  fromServer?: Buffer;
}

/**
 * Carries bytes both ways untouched, with back-pressure. When one side ends its half, the other is told and may go on
 * sending; when one breaks, both end. Resolves with what passed once both are closed; never rejects.
 */
export function tunnel(ends: TunnelEnds, about: Pick<TunnelReport, 'host' | 'port' | 'reason'>): Promise<TunnelReport> {
  const { client, server } = ends;
  const startedAt = Date.now();
  const started = performance.now();
  const report: TunnelReport = { ...about, startedAt, durationMs: 0, bytesSent: 0, bytesReceived: 0 };
  // First of all, as a stream that is being read may pass on at once what is put back into it.
  if (ends.fromServer !== undefined && ends.fromServer.length > 0) server.unshift(ends.fromServer);
  if (ends.fromClient !== undefined && ends.fromClient.length > 0) client.unshift(ends.fromClient);
  client.on('data', (data: Buffer) => (report.bytesSent += data.length));
  server.on('data', (data: Buffer) => (report.bytesReceived += data.length));
  const over = Promise.all([closed(client, server), closed(server, client)]).then((errors) => {
    const error = errors.find((failure) => failure !== undefined);
    return {
      ...report,
      durationMs: performance.now() - started,
      ...(error === undefined ? {} : { error: messageOf(error) }),
    };
  });
  client.pipe(server);
  server.pipe(client);
  return over;

  /** When `side` is closed; its failure takes the other side along. */
  function closed(side: Duplex, other: Duplex): Promise<Error | undefined> {
    return new Promise((resolve) => {
      let failure: Error | undefined;
      side.on('error', (error) => {
        failure ??= error;
        other.destroy();
      });
      side.once('close', () => {
        // Closed before its end was read or before all was written: nothing more can pass either way.
        if (!side.readableEnded || !side.writableFinished) other.destroy();
        resolve(failure);
      });
      if (side.destroyed) {
        other.destroy();
        resolve(failure);
      }
    });
  }
}
