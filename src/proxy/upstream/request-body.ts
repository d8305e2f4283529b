import type { Socket } from 'node:net';
import type { BodyFlow, BodySink, RawHeaders } from '../../http/index.js';
import { corkForTurn } from '../../core/cork-for-turn.js';

/**
 * Writes a request's body to its connection, framed as the head said, and holds the client back while the server is
 * slow.
 */
export class RequestBodyWriter implements BodySink {
  #flow: BodyFlow | undefined;
  #over = false;

  constructor(
    readonly socket: Socket,
    readonly chunked: boolean,
    readonly done: () => void,
    readonly failed: (error: Error) => void,
  ) {}

  open(flow: BodyFlow): void {
    this.#flow = flow;
  }

  chunk(data: Buffer): void {
    if (this.#over || data.length === 0) return;
    let free: boolean;
    corkForTurn(this.socket);
    if (this.chunked) {
      this.socket.write(`${data.length.toString(16)}\r\n`, 'latin1');
      this.socket.write(data);
      free = this.socket.write('\r\n', 'latin1');
    } else {
      free = this.socket.write(data);
    }
    if (!free) this.#flow?.pause();
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#over = true;
    if (this.chunked) this.socket.write(`0\r\n${trailerLines(trailers)}\r\n`, 'latin1');
    this.done();
  }

  error(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.failed(error);
  }

  drained(): void {
    this.#flow?.resume();
  }

  /** Lets the rest of the body go. */
  stop(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#flow?.abort(reason);
  }
}

function trailerLines(trailers: RawHeaders): string {
  let text = '';
  for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i] ?? ''}: ${trailers[i + 1] ?? ''}\r\n`;
  return text;
}
