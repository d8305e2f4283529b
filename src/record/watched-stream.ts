import { Duplex } from 'node:stream';

interface Watcher {
  sent(chunk: Buffer): void;
  received(chunk: Buffer): void;
}

/** A connection to a server with somebody looking on; every byte, end, failure and pause passes as it is. */
export class WatchedStream extends Duplex {
  readonly #inner: Duplex;
  readonly #watcher: Watcher;
  /** Which side ended first; undefined while neither has. */
  endedBy: 'client' | 'server' | undefined;

  constructor(inner: Duplex, watcher: Watcher) {
    super({ allowHalfOpen: true });
    this.#inner = inner;
    this.#watcher = watcher;
    inner.on('data', (chunk: Buffer) => {
      watcher.received(chunk);
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('end', () => {
      this.endedBy ??= 'server';
      this.push(null);
    });
    inner.on('error', (error) => {
      this.endedBy ??= 'server';
      this.destroy(error);
    });
    inner.on('close', () => {
      this.endedBy ??= 'server';
      // after a proper end, what is still buffered must be read first
      if (!inner.readableEnded) this.destroy();
    });
    inner.pause();
    if (inner.destroyed) this.destroy();
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#watcher.sent(chunk);
    this.#inner.write(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.endedBy ??= 'client';
    this.#inner.end(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.endedBy ??= 'client';
    this.#inner.destroy(error ?? undefined);
    callback(error);
  }
}
