import { constants, type Http2Session } from 'node:http2';
import type { Duplex } from 'node:stream';

/**
 * Keeps Node from aborting the whole process over one client (nodejs/node#64850: `onread->IsFunction()`). A session that is
 * destroyed resets its streams, one write each; a write may take up input that was waiting, and a stream that begins in there is
 * not set up, as the session counts as destroyed already: its first DATA frame ends the process. So while the streams are
 * reset the session does not yet count as destroyed. Streams that begin meanwhile are set up, and reset with the others.
 * A connection that closes ends its session this way, too.
 */
export function guardSession(session: Http2Session, socket: Duplex): void {
  const destroy = session.destroy.bind(session);
  let ending = false;
  session.destroy = (error, code) => {
    if (ending || session.destroyed) return;
    ending = true;
    Object.defineProperty(session, 'destroyed', { configurable: true, get: () => false });
    try {
      destroy(error, code);
    } finally {
      Reflect.deleteProperty(session, 'destroyed');
    }
  };
  // No error, but what was open was cancelled. (Node drops the code where the error is undefined in place of null.)
  socket.prependOnceListener('close', () => session.destroy(null as unknown as undefined, constants.NGHTTP2_CANCEL));
}
