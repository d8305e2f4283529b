import { STATUS_CODES, type ServerResponse } from 'node:http';
import {
  hasHeader,
  mayHaveBody,
  type BodyFlow,
  type BodySink,
  type HttpResponse,
  type RawHeaders,
} from '../http/index.js';
import { connectionOptions } from './hop-by-hop.js';
import { corkForTurn } from '../core/cork-for-turn.js';

/** How long the rest of a broken answer may take to leave, ms. */
const flushMs = 30_000;
const oneWriteBytes = 16 * 1024;

interface RespondOptions {
  method: string;
  /** The client's connection cannot serve another request after this one. */
  close: boolean;
}

/**
 * Sends a response to the client: status line, headers in order and case as they came, the same framing, then the body
 * with back-pressure and the trailers. A response that only the end of its connection ended is chunked for HTTP/1.1
 * clients. When the body breaks off, so does the client's connection: a truncated answer never looks whole.
 */
export function respond(response: ServerResponse, answer: HttpResponse, options: RespondOptions): void {
  const { status, reason, body } = answer;
  const bodiless = !mayHaveBody(options.method, status);
  const headers = clientHeaders(response, answer, options, bodiless);
  response.sendDate = false;
  // Else Node adds a Connection header where there is none.
  response.removeHeader('connection');
  // HTTP/2 has no reason phrases, and some clients of HTTP/1 print them.
  const phrase = reason === '' && answer.httpVersion === 'HTTP/2.0' ? (STATUS_CODES[status] ?? '') : reason;
  response.writeHead(status, phrase, headers);
  if (bodiless) {
    response.end();
    body.cancel(noBody);
    return;
  }
  const announced = body.length !== undefined || hasHeader(answer.headers, 'content-length');
  const writer = new ResponseWriter(response, body.length, announced);
  body.pipe(writer);
  // The head does not wait for a body that is yet to come, save for the rest of this turn, as one write costs half of
  // two.
  if (!writer.begun) setImmediate(() => writer.begun || response.flushHeaders());
}

const noBody = new Error('This answer has no body');

class ResponseWriter implements BodySink {
  /** Whether anything was written. */
  begun = false;
  #flow: BodyFlow | undefined;
  #received = 0;
  #over = false;
  #waiting = false;

  constructor(
    readonly response: ServerResponse,
    readonly length: number | undefined,
    /** The client knows how much is to come, so that it notices when less does. */
    readonly announced: boolean,
  ) {}

  open(flow: BodyFlow): void {
    this.#flow = flow;
  }

  chunk(data: Buffer): void {
    if (this.#over) return;
    const { response } = this;
    this.begun = true;
    this.#received += data.length;
    if (this.#received === this.length && !response.chunkedEncoding) {
      // Head and body of a short answer leave in one write: as one string, which is cheaper than gathering two buffers.
      this.#over = true;
      if (data.length <= oneWriteBytes) response.end(data.toString('latin1'), 'latin1');
      else response.end(data);
      return;
    }
    if (response.socket !== null) corkForTurn(response.socket);
    if (response.write(data) || this.#waiting) return;
    this.#waiting = true;
    this.#flow?.pause();
    response.once('drain', () => {
      this.#waiting = false;
      this.#flow?.resume();
    });
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return;
    if (trailers.length > 0 && this.response.chunkedEncoding && !this.#addTrailers(trailers)) {
      this.error();
      return;
    }
    this.#over = this.begun = true;
    this.response.end();
  }

  /**
   * False for trailers that cannot be written, as somebody may have put into a recording: without them the response is
   * not whole.
   */
  #addTrailers(trailers: RawHeaders): boolean {
    try {
      this.response.addTrailers(pairs(trailers));
      return true;
    } catch {
      return false;
    }
  }

  error(): void {
    if (this.#over) return;
    this.#over = this.begun = true;
    const { response } = this;
    if (response.chunkedEncoding || this.announced) cutAfterFlush(response);
    else response.destroy();
  }
}

/** Lets what was written leave, and then closes without the end that would make it look whole. */
function cutAfterFlush(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) {
    response.destroy();
    return;
  }
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), flushMs);
  socket.once('close', () => clearTimeout(timer));
}

function pairs(headers: RawHeaders): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i < headers.length; i += 2) result.push([headers[i] as string, headers[i + 1] as string]);
  return result;
}

/**
 * The headers for this client: all but those that concerned the server's connection to us; `Connection` says what holds
 * here.
 */
function clientHeaders(
  response: ServerResponse,
  { status, headers, body }: HttpResponse,
  options: RespondOptions,
  bodiless: boolean,
): string[] {
  const { named, close } = connectionOptions(headers);
  const persistent = response.shouldKeepAlive && !options.close && !close;
  const oldClient = response.req.httpVersionMinor === 0;
  const chunkable = !oldClient && (!bodiless || options.method === 'HEAD');
  const result: string[] = [];
  let hasConnection = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    let value = headers[i + 1] as string;
    switch (name.length) {
      case 7:
        if (is(name, 'upgrade') && status !== 426) continue;
        if (is(name, 'trailer') && (!chunkable || hasHeader(headers, 'content-length'))) continue;
        break;
      case 10:
        if (is(name, 'keep-alive') && !persistent) continue;
        if (is(name, 'connection')) {
          if (hasConnection) continue;
          hasConnection = true;
          value = persistent ? 'keep-alive' : 'close';
        }
        break;
      case 14:
        // A rule may have changed the body.
        if (is(name, 'content-length') && !bodiless && body.length !== undefined && Number(value) !== body.length)
          value = String(body.length);
        break;
      case 16:
        if (is(name, 'proxy-connection')) continue;
        break;
      case 17:
        if (is(name, 'transfer-encoding') && !chunkable) continue;
        break;
    }
    if (named.size > 0 && named.has(name.toLowerCase())) continue;
    result.push(name, value);
  }
  if (!hasConnection && !persistent) result.push('Connection', 'close');
  else if (!hasConnection && oldClient) result.push('Connection', 'keep-alive');
  return result;
}

function is(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}
