import type { Writable } from 'node:stream';

const corked = new WeakSet<Writable>();

/**
 * Lets all that is written to `stream` within this turn of the event loop leave in one system call. TLS hands a body
 * out in records of 16 KiB, four of them to a turn: written one by one, each would cost a call and wake the receiver.
 */
export function corkForTurn(stream: Writable): void {
  if (corked.has(stream)) return;
  corked.add(stream);
  stream.cork();
  setImmediate(() => {
    corked.delete(stream);
    stream.uncork();
  });
}
