import { connect, constants, type ClientHttp2Session, type Settings } from 'node:http2';
import type { Socket } from 'node:net';
import { authorityOf, type UpstreamError } from '../../http/index.js';
import { clientOptions, connectionWindowBytes } from '../h2/settings.js';
import { H2Stream } from './h2-stream.js';
import type { Transaction } from './transaction.js';

/** What a server may be sent at once before it has said (RFC 9113 §6.5.2 recommends no less). */
const streamsUntilSettled = 100;
/** How long its settings are waited for, ms. */
const settleMs = 5000;
/** The last stream may take this long to leave a connection that is closed, ms. */
const closeMs = 2000;

export interface H2ConnectionOwner {
  /** Seconds, coarse: it costs nothing to read. */
  now: number;
  /** It may take more streams now, or never again. */
  changed(connection: H2Connection): void;
  gone(connection: H2Connection): void;
  /**
   * The stream ended before any response; whether its transaction goes elsewhere. `refused`: the server did not look at
   * it.
   */
  retry(connection: H2Connection, transaction: Transaction, refused: boolean): boolean;
}

/** One HTTP/2 connection to a server, shared by any number of streams. What the server pushes is refused. */
export class H2Connection {
  readonly session: ClientHttp2Session;
  readonly streams = new Set<H2Stream>();
  /** Streams begun so far. */
  served = 0;
  /** When the last stream left it, in the owner's seconds. */
  lastActive: number;
  /** The error that broke it, and the code of the server's GOAWAY. */
  brokenBy: Error | undefined;
  goneAway: number | undefined;
  /** The server has said how many streams it takes, or has had the time to. */
  settled = false;
  #limit = streamsUntilSettled;
  readonly #settleTimer: NodeJS.Timeout;

  constructor(
    readonly socket: Socket,
    readonly key: string,
    readonly id: string,
    readonly target: { scheme: 'http' | 'https'; host: string; port: number },
    readonly owner: H2ConnectionOwner,
  ) {
    this.address = socket.remoteAddress;
    this.port = socket.remotePort;
    this.lastActive = owner.now;
    this.#settleTimer = setTimeout(() => this.#settle(), settleMs);
    socket.once('error', (error) => (this.brokenBy ??= error));
    // A server that closed its half answers nothing more.
    socket.once('end', () => socket.end());
    this.session = connect(`${target.scheme}://${authorityOf(target)}`, {
      ...clientOptions,
      createConnection: () => socket,
    });
    this.session.setLocalWindowSize(connectionWindowBytes);
    this.session.on('error', (error: Error) => (this.brokenBy ??= error));
    this.session.on('goaway', (code: number) => {
      this.goneAway = code;
      queueMicrotask(() => owner.changed(this));
    });
    this.session.on('remoteSettings', ({ maxConcurrentStreams }: Settings) => {
      this.#limit = maxConcurrentStreams ?? Infinity;
      this.#settle();
    });
    this.session.on('stream', (pushed) => pushed.close(constants.NGHTTP2_REFUSED_STREAM));
    this.session.once('close', () => {
      clearTimeout(this.#settleTimer);
      owner.gone(this);
    });
  }

  readonly address: string | undefined;
  readonly port: number | undefined;

  get usable(): boolean {
    const { session } = this;
    return this.goneAway === undefined && !session.closed && !session.destroyed && this.socket.writable;
  }

  get hasRoom(): boolean {
    return this.usable && this.streams.size < this.#limit;
  }

  /** Sends a request on a new stream. Throws, having sent nothing, when it cannot be written. */
  send(transaction: Transaction): H2Stream {
    const { notes } = transaction.exchange;
    notes.servedBy = 'upstream';
    notes.serverAddress = this.address;
    notes.serverPort = this.port;
    notes.connection = this.id;
    const stream = new H2Stream(this, transaction);
    this.streams.add(stream);
    this.served += 1;
    try {
      stream.send();
    } catch (error) {
      this.streams.delete(stream);
      throw error;
    }
    return stream;
  }

  get now(): number {
    return this.owner.now;
  }

  retry(transaction: Transaction, refused: boolean): boolean {
    return this.owner.retry(this, transaction, refused);
  }

  left(stream: H2Stream): void {
    if (!this.streams.delete(stream)) return;
    this.lastActive = this.owner.now;
    this.owner.changed(this);
  }

  /** Says goodbye and closes. For one without streams. */
  retire(): void {
    this.session.close();
  }

  /** Ends what is under way on it with what `error` makes for each, and the connection. Resolves once it is closed. */
  end(error: UpstreamError): Promise<void> {
    const closed = this.socket.closed
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    for (const stream of [...this.streams]) stream.fail(error);
    this.session.close();
    const timer = setTimeout(() => this.session.destroy(), closeMs);
    // The resets have been handed to the connection by now.
    setImmediate(() => this.session.destroy());
    return closed.finally(() => clearTimeout(timer));
  }

  #settle(): void {
    this.settled = true;
    clearTimeout(this.#settleTimer);
    this.owner.changed(this);
  }
}
