import type { Socket } from 'node:net';
import { ConnectionTimedOutError } from './connection-timed-out-error.js';
import type { ShapedConnection } from './shaped-connection.js';

/** A socket that was closed may go on delivering what it has taken for this long, ms. */
const lingerMs = 120_000;

const grafted = new WeakMap<object, ShapedConnection>();

/**
 * Whether a modelled network was put into this socket. Whoever reads its handle without the socket's own code passes it
 * by.
 */
export function isInstrumented(socket: object): boolean {
  return grafted.has(socket);
}

/** The modelled network in this socket, if one was put into it. */
export function instrumentedConnection(socket: object): ShapedConnection | undefined {
  return grafted.get(socket);
}

/** What a stream implements for its base class: replaced one by one on a socket that lives already. */
interface Inner {
  push(chunk: Buffer | null): boolean;
  _read(size: number): void;
  _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void;
  _writev(chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], done: Done): void;
  _final(done: Done): void;
  _destroy(error: Error | null, done: Done): void;
}
type Done = (error?: Error | null) => void;

/**
 * Puts the modelled network into a socket that is in use, of TCP or TLS, between the socket and its handle: what has
 * arrived before stays arrived, what comes and goes from now on passes the model. Of TLS it holds plain bytes, some 1 %
 * fewer than go over the wire. Resolves when the socket is closed.
 */
export function instrument(socket: Socket, connection: ShapedConnection): Promise<void> {
  grafted.set(socket, connection);
  const stream = socket as unknown as Inner;
  const inner: Inner = {
    push: stream.push.bind(socket),
    _read: stream._read.bind(socket),
    _write: stream._write.bind(socket),
    _writev: stream._writev.bind(socket),
    _final: stream._final.bind(socket),
    _destroy: stream._destroy.bind(socket),
  };
  instrumentReading(socket, stream, inner, connection);
  instrumentWriting(socket, stream, inner, connection);
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function instrumentReading(socket: Socket, stream: Inner, inner: Inner, { up }: ShapedConnection): void {
  up.sink = {
    deliver: (chunk) => socket.destroyed || inner.push(chunk),
    end: () => void (socket.destroyed || inner.push(null)),
    ready: () => inner._read(0),
    timedOut: () => void socket.destroy(new ConnectionTimedOutError('data from the client')),
  };
  stream.push = (chunk) => {
    if (chunk !== null) return up.write(chunk);
    up.end();
    return false;
  };
  stream._read = (size) => {
    up.resume();
    inner._read(size);
  };
  // An HTTP server has its parser read the handle itself; it stops that when somebody else wants to see the bytes.
  if ((socket as { parser?: unknown }).parser === undefined || socket.destroyed) return;
  const nothing = (): void => undefined;
  socket.on('data', nothing).off('data', nothing);
}

function instrumentWriting(socket: Socket, stream: Inner, inner: Inner, connection: ShapedConnection): void {
  const { down } = connection;
  let writable: Done | undefined;
  let ended: Done | undefined;
  let drained: (() => void) | undefined;
  let writing = false;

  /** One write at a time, as TLS needs. Returns false while it is under way. */
  const deliver = (chunk: Buffer): boolean => {
    let returned = false;
    writing = true;
    inner._write(chunk, 'buffer' as BufferEncoding, (error) => {
      writing = false;
      if (error !== undefined && error !== null) socket.destroy(error);
      else if (returned) down.resume();
      if (down.ended) drained?.();
    });
    returned = true;
    return !writing;
  };
  down.sink = {
    deliver,
    end: () => {
      if (!writing) drained?.();
      if (ended !== undefined) inner._final(ended);
    },
    ready: () => {
      const done = writable;
      writable = undefined;
      done?.();
    },
    timedOut: () => void socket.destroy(new ConnectionTimedOutError('data to the client')),
  };
  const take = (chunk: Buffer, done: Done): void => {
    if (down.write(chunk)) done();
    else writable = done;
  };
  stream._write = (chunk, encoding, done) => take(bytesOf(chunk, encoding), done);
  // As one write, so that the model pushes once, at its end.
  stream._writev = (chunks, done) =>
    take(Buffer.concat(chunks.map(({ chunk, encoding }) => bytesOf(chunk, encoding))), done);
  stream._final = (done) => {
    ended = done;
    down.end();
  };
  stream._destroy = (error, done) => {
    const close = (): void => {
      drained = undefined;
      clearTimeout(timer);
      connection.close();
      inner._destroy(error, done);
    };
    // Like a kernel's socket it delivers what it has taken before it closes; a failure drops it.
    const timer = setTimeout(close, lingerMs);
    const reset = (socket as { resetAndClosing?: boolean }).resetAndClosing === true;
    if (error !== null || reset || (!writing && (down.ended || down.idle))) return close();
    drained = close;
    if (!down.ended) down.end();
  };
}

function bytesOf(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}
