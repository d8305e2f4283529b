import type { Http2Stream } from 'node:http2';

/**
 * Resets a stream with this code. Node's own `close` ends the writable side first, so that what was broken off would
 * arrive with END_STREAM and look whole: here that end is never written. What was written before still leaves ahead of
 * the reset.
 */
export function resetStream(stream: Http2Stream, code: number): void {
  if (stream.destroyed || stream.closed) return;
  if (!stream.writableEnded) (stream as { _final: (done: () => void) => void })._final = () => undefined;
  stream.close(code);
}
