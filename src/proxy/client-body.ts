import type { IncomingMessage } from 'node:http';
import { Body, ClientGoneError, type BodyFlow, type BodySink, type BodySource } from '../http/index.js';

/**
 * The body of a client's request. `wanted` is called when somebody starts to read it (the moment for `100 Continue`).
 * A body that is given up is drained, so that the client still gets its response and the connection can go on.
 */
export function clientBody(request: IncomingMessage, wanted?: () => void): Body {
  const { headers } = request;
  const length = headers['content-length'];
  if (length === undefined && headers['transfer-encoding'] === undefined) return Body.empty();
  if (length === '0') return Body.empty();
  return new Body(new ClientBody(request, wanted), length === undefined ? undefined : Number(length));
}

class ClientBody implements BodySource, BodyFlow {
  #sink: BodySink | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly wanted: (() => void) | undefined,
  ) {}

  pipe(sink: BodySink): void {
    const { request } = this;
    this.#sink = sink;
    sink.open(this);
    this.wanted?.();
    // It may have been over before anybody listened.
    if (request.readableEnded) {
      this.#ended();
      return;
    }
    if (request.destroyed) {
      this.#fail(request.errored ?? closedWithin());
      return;
    }
    request.on('data', (data: Buffer) => this.#sink?.chunk(data));
    request.once('end', () => this.#ended());
    request.once('error', (error) => this.#fail(error));
    request.once('close', () => this.#fail(closedWithin()));
  }

  cancel(): void {
    this.request.resume();
  }

  pause(): void {
    if (this.#sink !== undefined) this.request.pause();
  }

  resume(): void {
    if (this.#sink !== undefined) this.request.resume();
  }

  abort(): void {
    this.#sink = undefined;
    this.request.resume();
  }

  #ended(): void {
    const reader = this.#sink;
    this.#sink = undefined;
    reader?.end(this.request.rawTrailers);
  }

  #fail(error: Error): void {
    const reader = this.#sink;
    this.#sink = undefined;
    reader?.error(error);
  }
}

function closedWithin(): Error {
  return new ClientGoneError('the client closed the connection within its request');
}
