import type { Socket } from 'node:net';
import type { BodySink, UpstreamError } from '../../http/index.js';
import { failure, failureOf, type Target } from './failures.js';
import { RequestBodyWriter } from './request-body.js';
import { requestHead } from './request-head.js';
import { wantsCredentials } from './route/connect-tunnel.js';
import type { ParentProxy } from '../../protocol/parent-proxy.js';
import { ResponseParser } from './response-parser.js';
import type { Carrier, Transaction } from './transaction.js';

/** How long a body waits for `100 Continue` from a server that may not know of it (RFC 9110 §10.1.1), ms. */
const continueMs = 1000;

export interface ConnectionOwner {
  /** Seconds, coarse: it costs nothing to read. */
  now: number;
  /** The connection is free for another request. */
  free(connection: UpstreamConnection): void;
  gone(connection: UpstreamConnection): void;
  /** The transaction got no byte of a response on a connection that had served before: another one may do. */
  retry(transaction: Transaction): boolean;
}

interface ConnectionParts {
  socket: Socket;
  /** The proxy that it is to, which is asked in absolute form. */
  via: ParentProxy | undefined;
  /** What may share it. */
  key: string;
  id: string;
  target: Target;
}

/** One HTTP/1.1 connection to a server: one transaction at a time. */
export class UpstreamConnection implements Carrier {
  /** Requests that it has been given. */
  served = 0;
  /** When it last moved a byte or changed hands, in the owner's seconds. */
  lastActive = 0;
  /** The server's own limit on its idle time, ms. */
  keepAliveMs: number | undefined;
  readonly #parser = new ResponseParser();
  #current: Transaction | undefined;
  #request: RequestBodyWriter | undefined;
  #requestSent = false;
  #reusable = true;
  #continueTimer: NodeJS.Timeout | undefined;
  #dead = false;

  readonly socket: Socket;
  readonly key: string;
  readonly id: string;
  readonly target: Target;
  readonly #via: ParentProxy | undefined;

  constructor(
    { socket, via, key, id, target }: ConnectionParts,
    readonly owner: ConnectionOwner,
  ) {
    this.socket = socket;
    this.#via = via;
    this.key = key;
    this.id = id;
    this.target = target;
    this.address = socket.remoteAddress;
    this.port = socket.remotePort;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.on('drain', this.#onDrain);
  }

  readonly address: string | undefined;
  readonly port: number | undefined;

  get busy(): boolean {
    return this.#current !== undefined;
  }

  /** Sends a request; its response goes to the transaction. */
  send(transaction: Transaction): void {
    const { exchange } = transaction;
    const { request, notes } = exchange;
    const head = requestHead(request, this.#via);
    notes.servedBy = 'upstream';
    notes.serverAddress = this.address;
    notes.serverPort = this.port;
    notes.connection = this.id;
    this.served += 1;
    this.lastActive = this.owner.now;
    this.#current = transaction;
    this.#reusable = !head.upgrade;
    transaction.carriedBy(this);
    this.#parser.begin(request.method, transaction);
    if (!head.chunked && request.body.length === 0) {
      this.#request = undefined;
      this.socket.write(head.text, 'latin1');
      this.#sent();
      if (!request.body.used) request.body.pipe(noSink);
      return;
    }
    this.#requestSent = false;
    this.#request = new RequestBodyWriter(
      this.socket,
      head.chunked,
      () => this.#sent(),
      (error) => this.#requestFailed(error),
    );
    this.socket.cork();
    this.socket.write(head.text, 'latin1');
    if (head.expectContinue) this.#continueTimer = setTimeout(() => this.#sendBody(), continueMs);
    else request.body.pipe(this.#request);
    // Head and what is there of the body leave together.
    process.nextTick(() => this.socket.uncork());
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Ends what is under way on it with this failure. */
  fail(error: UpstreamError): void {
    const transaction = this.#current;
    this.#current = undefined;
    this.#release();
    this.#request?.stop(error);
    transaction?.fail(error);
    this.socket.destroy();
  }

  #sent(): void {
    this.#requestSent = true;
    this.#request = undefined;
    const transaction = this.#current;
    if (transaction !== undefined) transaction.exchange.timings.requestSent = transaction.exchange.elapsed();
  }

  #sendBody(): void {
    this.#release();
    const writer = this.#request;
    const body = this.#current?.exchange.request.body;
    if (writer !== undefined && body !== undefined && !body.used) body.pipe(writer);
  }

  /** The client's side broke off in mid-request. */
  #requestFailed(error: Error): void {
    this.fail(failure('aborted', 'request', this.target, `the client broke off its request (${error.message})`));
  }

  readonly #onData = (data: Buffer): void => {
    this.lastActive = this.owner.now;
    const transaction = this.#current;
    if (transaction === undefined) {
      // Nobody asked: a server that announces its time-out (408), or one that is out of step.
      this.socket.destroy();
      return;
    }
    if (!transaction.started) {
      transaction.started = true;
      transaction.exchange.timings.responseStart = transaction.exchange.elapsed();
    }
    let rest: Buffer;
    try {
      rest = this.#parser.execute(data);
    } catch (error) {
      this.fail(transaction.malformed(error));
      return;
    }
    if (this.#via !== undefined && transaction.responseHead?.status === 407) {
      this.#refuse(transaction, wantsCredentials(this.target, this.#via));
      return;
    }
    this.#continueOn(transaction);
    if (transaction.responseHead?.status === 101) {
      this.#upgrade(transaction, rest);
      return;
    }
    if (transaction.ended) this.#finish(transaction, rest.length > 0);
    transaction.answer();
  };

  /** A response has come, perhaps whole, but not from the server: it is not handed on. */
  #refuse(transaction: Transaction, error: UpstreamError): void {
    this.#current = undefined;
    this.#release();
    transaction.unwatch();
    this.#request?.stop(error);
    transaction.reject(error);
    this.socket.destroy();
  }

  /** After `100 Continue` the body goes on; after a final response it stays where it is. */
  #continueOn(transaction: Transaction): void {
    if (this.#continueTimer === undefined) return;
    if (transaction.responseHead === undefined) this.#sendBody();
    else this.#release();
  }

  /** The response is whole: on to the next, if the server and its framing allow. */
  #finish(transaction: Transaction, excess: boolean): void {
    this.#current = undefined;
    transaction.unwatch();
    const head = transaction.responseHead;
    if (!this.#requestSent) this.#request?.stop(new Error('The server answered before the whole request was sent'));
    if (head?.keepAlive === true && this.#reusable && this.#requestSent && !excess) {
      this.keepAliveMs = head.keepAliveMs ?? this.keepAliveMs;
      this.socket.resume();
      this.owner.free(this);
    } else {
      this.socket.destroy();
    }
  }

  #upgrade(transaction: Transaction, head: Buffer): void {
    if (this.#reusable) {
      this.fail(transaction.malformed(new Error('101 Switching Protocols, though no switch was asked for')));
      return;
    }
    this.#current = undefined;
    this.#dead = true;
    transaction.unwatch();
    const { socket } = this;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).off('drain', this.#onDrain);
    socket.pause();
    this.owner.gone(this);
    transaction.answer({ stream: socket, head });
  }

  readonly #onEnd = (): void => {
    const transaction = this.#current;
    if (transaction !== undefined && this.#parser.finish()) {
      this.#finish(transaction, false);
      transaction.answer();
      return;
    }
    this.#broken(failure('closed', this.#phase(), this.target, transaction?.progress() ?? ''));
  };

  readonly #onError = (error: Error): void => {
    const phase = this.#phase();
    const progress = this.#current?.progress();
    const cause = new Error(`${error.message}${progress === undefined ? '' : ` ${progress}`}`, { cause: error });
    Object.assign(cause, { code: 'code' in error ? error.code : undefined });
    this.#broken(failureOf(cause, phase, this.target));
  };

  readonly #onClose = (): void => {
    this.#broken(failure('closed', this.#phase(), this.target, this.#current?.progress() ?? ''));
    if (this.#dead) return;
    this.#dead = true;
    this.owner.gone(this);
  };

  readonly #onDrain = (): void => {
    this.lastActive = this.owner.now;
    this.#request?.drained();
  };

  #broken(error: UpstreamError): void {
    const transaction = this.#current;
    if (transaction !== undefined && !transaction.started && this.served > 1 && this.owner.retry(transaction)) {
      this.#current = undefined;
      this.#release();
    }
    this.fail(error);
  }

  #phase(): 'request' | 'response' {
    return this.#requestSent ? 'response' : 'request';
  }

  #release(): void {
    clearTimeout(this.#continueTimer);
    this.#continueTimer = undefined;
  }
}

/** An empty body is read all the same, as somebody may be watching it. */
const noSink: BodySink = {
  open: () => undefined,
  chunk: () => undefined,
  end: () => undefined,
  error: () => undefined,
};
