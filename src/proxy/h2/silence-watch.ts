import type { Http2Session } from 'node:http2';
import type { Duplex } from 'node:stream';

export interface SilenceLimits {
  /** A connection on which no byte has moved for so long is asked whether it is still there. Default 5 min. */
  pingAfterMs?: number;
  /** One that says nothing to that for so long is ended. Default 10 min. */
  endAfterMs?: number;
}

interface Watched {
  socket: { bytesRead: number; bytesWritten: number };
  bytes: number;
  since: number;
  pinged: boolean;
}

/**
 * Ends connections of HTTP/2 whose peer is gone. Node stops reading one for good when a peer breaks the protocol in
 * some ways (a CONTINUATION of nothing, for one): such a connection never learns that it was closed, and would stay for
 * ever.
 */
export class SilenceWatch {
  readonly #pingAfterMs: number;
  readonly #endAfterMs: number;
  readonly #watched = new Map<Http2Session, Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ pingAfterMs = 300_000, endAfterMs = 600_000 }: SilenceLimits = {}) {
    this.#pingAfterMs = pingAfterMs;
    this.#endAfterMs = endAfterMs;
  }

  /** Until the session closes. A stream that is no socket is read in JavaScript, and learns of its end. */
  watch(session: Http2Session, socket: Duplex): void {
    if (!countsBytes(socket)) return;
    this.#watched.set(session, { socket, bytes: 0, since: performance.now(), pinged: false });
    this.#timer ??= setInterval(() => this.#look(), Math.min(this.#pingAfterMs, this.#endAfterMs) / 4).unref();
    session.once('close', () => this.#forget(session));
    socket.once('close', () => this.#forget(session));
  }

  #forget(session: Http2Session): void {
    this.#watched.delete(session);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const [session, watched] of this.#watched) {
      const { socket } = watched;
      // What is written does not count after the question, which is written itself.
      const bytes = watched.pinged ? socket.bytesRead : socket.bytesRead + socket.bytesWritten;
      if (bytes !== watched.bytes) Object.assign(watched, { bytes, since: now, pinged: false });
      const silentMs = now - watched.since;
      if (watched.pinged && silentMs >= this.#endAfterMs) end(session, socket);
      else if (!watched.pinged && silentMs >= this.#pingAfterMs) {
        Object.assign(watched, { bytes: socket.bytesRead, since: now, pinged: true });
        if (!session.destroyed) session.ping(() => undefined);
      }
    }
  }
}

function end(session: Http2Session, socket: object): void {
  session.destroy();
  (socket as Duplex).destroy();
}

function countsBytes(stream: object): stream is { bytesRead: number; bytesWritten: number } {
  return typeof (stream as { bytesRead?: unknown }).bytesRead === 'number';
}
