import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ConnectionTimedOutError } from './connection-timed-out-error.js';
import type { ShapedConnection } from './shaped-connection.js';

/** A closed connection may go on delivering what it has accepted for this long without progress, ms. */
const lingerMs = 120_000;

/**
 * A client's socket with a modelled network before it. To an HTTP or TLS server it looks like the socket itself: what
 * it reads has come up through the network, what it writes goes down through it. Like a kernel's socket it takes more
 * than has been delivered, and goes on delivering that after it was closed; only a reset drops it.
 */
export class ShapedSocket extends Duplex {
  readonly connection: ShapedConnection;
  /** Resolves once the client's socket is closed too. Never rejects. */
  readonly released: Promise<void>;
  readonly #socket: Socket;
  /** The callback of a write that waits for room. */
  #writable: (() => void) | undefined;
  #ended: (() => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #idleMs = 0;
  #clientEnded = false;
  timeout: number | undefined;

  constructor(socket: Socket, connection: ShapedConnection) {
    super({ allowHalfOpen: true, autoDestroy: true, emitClose: true });
    this.#socket = socket;
    this.connection = connection;
    this.released = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.allowHalfOpen = true;
    socket.setNoDelay(true); // when a byte leaves is for the model to say
    this.#receive();
    this.#send();
    socket.on('error', (error) => this.#fail(error));
    socket.once('close', (hadError) => {
      // After an orderly end in both directions the client's last bytes may still be on their way up.
      if (hadError || !this.#clientEnded || !connection.down.ended) this.#fail();
    });
  }

  // ---- the client's bytes, up ----

  #receive(): void {
    const { up } = this.connection;
    const socket = this.#socket;
    up.sink = {
      deliver: (chunk) => {
        this.#touch();
        return this.push(chunk);
      },
      end: () => this.push(null),
      ready: () => socket.resume(),
      timedOut: () => this.timedOut('data from the client'),
    };
    socket.on('data', (chunk: Buffer) => {
      this.#touch();
      if (!up.write(chunk)) socket.pause();
    });
    socket.once('end', () => {
      this.#clientEnded = true;
      up.end();
    });
  }

  override _read(): void {
    this.connection.up.resume();
  }

  // ---- the server's bytes, down ----

  #send(): void {
    const { down } = this.connection;
    const socket = this.#socket;
    down.sink = {
      deliver: (chunk) => socket.write(chunk),
      end: () => socket.end(() => this.#takeEnded()?.()),
      ready: () => this.#takeWritable()?.(),
      timedOut: () => this.timedOut('data to the client'),
    };
    socket.on('drain', () => down.resume());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#touch();
    if (this.connection.down.write(chunk)) done();
    else this.#writable = done;
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    // As one write, so that the model pushes once, at its end.
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: () => void): void {
    this.#ended = done;
    this.connection.down.end();
  }

  // ---- the end ----

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    this.#takeWritable();
    this.#takeEnded();
    this.connection.up.close();
    this.#socket.removeAllListeners('data');
    if (this.#socket.destroyed) this.connection.close();
    else this.#linger();
    done(error);
  }

  /** Delivers what has been accepted, then closes the client's socket. */
  #linger(): void {
    const socket = this.#socket;
    const { down } = this.connection;
    socket.resume(); // what the client still sends is of no use to anyone
    const timer = setTimeout(() => socket.resetAndDestroy(), lingerMs);
    socket.once('close', () => {
      clearTimeout(timer);
      this.connection.close();
    });
    const finish = (): void => {
      socket.destroySoon();
    };
    if (down.ended) return finish();
    down.sink = {
      deliver: (chunk) => {
        timer.refresh();
        return socket.write(chunk);
      },
      end: finish,
      ready: () => undefined,
      timedOut: () => socket.resetAndDestroy(),
    };
    down.end();
  }

  /** Drops what is held and resets the client's connection. */
  resetAndDestroy(): this {
    this.connection.close();
    this.#socket.resetAndDestroy();
    return this.destroy();
  }

  /** As `net.Socket` has it: closes once all that was written has been delivered. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** The model gave up. */
  timedOut(what: string): void {
    this.connection.close();
    this.#socket.resetAndDestroy();
    this.destroy(new ConnectionTimedOutError(what));
  }

  /** The client's socket is gone: with it all that was on its way. */
  #fail(error?: Error): void {
    this.connection.close();
    if (!this.destroyed) this.destroy(error);
  }

  #takeWritable(): (() => void) | undefined {
    const callback = this.#writable;
    this.#writable = undefined;
    return callback;
  }

  #takeEnded(): (() => void) | undefined {
    const callback = this.#ended;
    this.#ended = undefined;
    return callback;
  }

  // ---- what servers expect of a socket ----

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.#socket.remoteFamily;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  address(): AddressInfo | object {
    return this.#socket.address();
  }

  setNoDelay(on?: boolean): this {
    this.#socket.setNoDelay(on);
    return this;
  }

  setKeepAlive(on?: boolean, initialDelayMs?: number): this {
    this.#socket.setKeepAlive(on, initialDelayMs);
    return this;
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }

  /** Emits `timeout` after so long without traffic. Bytes that the model holds are traffic. */
  setTimeout(idleMs: number, listener?: () => void): this {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    this.#idleMs = idleMs;
    this.timeout = idleMs;
    if (idleMs > 0) {
      if (listener !== undefined) this.once('timeout', listener);
      this.#idleTimer = setTimeout(() => this.#idle(), idleMs);
      this.#idleTimer.unref();
    } else if (listener !== undefined) {
      this.removeListener('timeout', listener);
    }
    return this;
  }

  #touch(): void {
    this.#idleTimer?.refresh();
  }

  #idle(): void {
    if (this.connection.idle) this.emit('timeout');
    else this.setTimeout(this.#idleMs);
  }
}
