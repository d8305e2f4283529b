import { constants, type ServerHttp2Stream } from 'node:http2';

/** What had passed on a client's stream when it closed. */
export interface StreamClose {
  /** Whether the end of the response had left: what follows breaks nothing off. */
  readonly answered: boolean;
  /** Whether the end of the request had come. */
  readonly asked: boolean;
}

/**
 * Tells an end from a reset, which Node's own signs do not: `finish` is never emitted where the last byte of a response
 * closes its stream, and comes before trailers have left; a reset with NO_ERROR looks like an end. So the state is read
 * just before a stream goes: when it closes, which is when Node sets its timeout to 0, or when it is destroyed with its
 * connection. After a reset with NO_ERROR Node waits for an end that cannot come: then the stream goes at once.
 */
export function watchClose(stream: ServerHttp2Stream): StreamClose {
  const passed = { answered: false, asked: stream.endAfterHeaders };
  let seen = false;
  const look = (): void => {
    if (seen || stream.destroyed) return;
    seen = true;
    passed.answered = stream.state.localClose === 1;
    // A reset closes the remote side as well; what has been put down by now came with END_STREAM.
    passed.asked ||= (stream as { _readableState?: { ended: boolean } })._readableState?.ended === true;
  };
  const [close, destroy] = [stream.close.bind(stream), stream.destroy.bind(stream)];
  const setTimeout = stream.setTimeout.bind(stream);
  stream.close = (code = constants.NGHTTP2_NO_ERROR, callback) => {
    look();
    // The request is not waited for any more: the rest of the response leaves ahead of this.
    if (code === constants.NGHTTP2_NO_ERROR && stream.writableFinished) passed.answered = true;
    close(code, callback);
  };
  stream.destroy = (error) => {
    look();
    return destroy(error);
  };
  stream.setTimeout = (ms, callback) => {
    if (stream.closed && !seen) {
      look();
      if (!passed.answered) setImmediate(() => stream.destroy());
    }
    setTimeout(ms, callback);
  };
  return passed;
}
