import { constants, type Http2Session, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';

/**
 * Keeps Node from aborting the whole process over one client (nodejs/node#64850: `onread->IsFunction()`). A stream that
 * begins while its session counts as destroyed is not set up, and its first DATA frame then ends the process. That
 * happens when a session is destroyed while input of it is being read or waits for a write to end. So
 * - a session is destroyed from the event loop, never from within what its own input has called;
 * - until it has closed it does not count as destroyed: streams that begin meanwhile are set up, and reset at once.
 * A connection that closes ends its session this way, too.
 */
export function guardSession(session: ServerHttp2Session, socket: Duplex): void {
  const destroy = session.destroy.bind(session);
  let ending = false;
  let ended = false;
  const end: Http2Session['destroy'] = (error, code) => {
    if (ended || session.destroyed) return;
    ending = ended = true;
    Object.defineProperty(session, 'destroyed', { configurable: true, get: () => false });
    session.once('close', () => Reflect.deleteProperty(session, 'destroyed'));
    destroy(error, code);
  };
  session.destroy = (error, code) => {
    if (ending || session.destroyed) return;
    ending = true;
    setImmediate(() => end(error, code));
  };
  session.prependListener('stream', (stream: ServerHttp2Stream) => {
    if (ending) stream.destroy();
  });
  // No error, but what was open was cancelled. (Node drops the code where the error is undefined in place of null.)
  socket.prependOnceListener('close', () => end(null as unknown as undefined, constants.NGHTTP2_CANCEL));
}
