import type { RawHeaders } from '../../http/index.js';
import { ChunkedDecoder } from './chunked-decoder.js';
import { MalformedResponse, parseResponseHead, type ResponseHead } from './response-head.js';

/** What a parser finds, in the order of the wire. */
export interface ResponseEvents {
  informational(head: ResponseHead): void;
  /** The final head (or 101, after which the connection is no longer HTTP's). */
  head(head: ResponseHead): void;
  data(bytes: Buffer): void;
  /** The response is complete. */
  end(trailers: RawHeaders): void;
}

const maxHeadBytes = 256 * 1024;
const nothing: Buffer = Buffer.alloc(0);
const noTrailers: RawHeaders = [];

type State = 'idle' | 'head' | 'length' | 'chunked' | 'close' | 'upgraded';

/**
 * Reads HTTP/1.1 responses out of a connection's bytes, chunk by chunk, without copying bodies. Strict where two
 * readers could disagree about where a message ends; lenient only with a line feed that lacks its carriage return in a
 * head.
 */
export class ResponseParser {
  #state: State = 'idle';
  #method = '';
  #events: ResponseEvents | undefined;
  #partial = nothing;
  #remaining = 0;
  readonly #chunked = new ChunkedDecoder();

  /** Awaits a response to a request of this method. */
  begin(method: string, events: ResponseEvents): void {
    this.#state = 'head';
    this.#method = method;
    this.#events = events;
  }

  get idle(): boolean {
    return this.#state === 'idle';
  }

  /**
   * Takes the next bytes; what it finds is told within the call. Returns bytes that are not of this response: the first
   * of an upgraded connection, or (when idle) what nobody asked for. Throws `MalformedResponse`.
   */
  execute(data: Buffer): Buffer {
    const events = this.#events;
    if (events === undefined) return data;
    let rest = data;
    while (rest.length > 0) {
      switch (this.#state) {
        case 'head':
          rest = this.#head(rest, events);
          break;
        case 'length':
          rest = this.#length(rest, events);
          break;
        case 'chunked':
          rest = this.#decode(rest, events);
          break;
        case 'close':
          events.data(rest);
          rest = nothing;
          break;
        case 'idle':
        case 'upgraded':
          return rest;
      }
    }
    return rest;
  }

  /** The connection ended. Returns whether that ended a response that only the end of the connection ends. */
  finish(): boolean {
    if (this.#state !== 'close') return false;
    this.#complete(noTrailers);
    return true;
  }

  #head(data: Buffer, events: ResponseEvents): Buffer {
    const bytes = this.#partial.length === 0 ? data : Buffer.concat([this.#partial, data]);
    // An empty line or two ahead of a status line is passed over (RFC 9112 §2.2).
    let start = 0;
    while (bytes[start] === 13 || bytes[start] === 10) start += 1;
    const end = endOfHead(bytes, start, Math.max(start, this.#partial.length - 3));
    if (end === undefined || end.head - start > maxHeadBytes) {
      if (bytes.length - start > maxHeadBytes) throw new MalformedResponse(`a head of over ${maxHeadBytes} bytes`);
      this.#partial = bytes;
      return nothing;
    }
    this.#partial = nothing;
    const head = parseResponseHead(bytes.toString('latin1', start, end.head), this.#method);
    if (head.status < 200 && head.status !== 101) {
      events.informational(head);
    } else {
      this.#start(head, events);
    }
    return bytes.subarray(end.body);
  }

  #start(head: ResponseHead, events: ResponseEvents): void {
    this.#state = head.status === 101 ? 'upgraded' : head.framing === 'none' ? 'idle' : head.framing;
    this.#remaining = head.length ?? 0;
    events.head(head);
    if (head.framing === 'chunked') this.#chunked.begin();
    else if (head.framing !== 'close' && this.#remaining === 0) this.#complete(noTrailers);
  }

  #length(data: Buffer, events: ResponseEvents): Buffer {
    const { length } = data;
    if (length < this.#remaining) {
      this.#remaining -= length;
      events.data(data);
      return nothing;
    }
    const last = length === this.#remaining ? data : data.subarray(0, this.#remaining);
    const rest = length === this.#remaining ? nothing : data.subarray(this.#remaining);
    events.data(last);
    this.#complete(noTrailers);
    return rest;
  }

  #decode(data: Buffer, events: ResponseEvents): Buffer {
    const end = this.#chunked.decode(data, events);
    if (end === undefined) return nothing;
    this.#complete(this.#chunked.trailers);
    return data.subarray(end);
  }

  #complete(trailers: RawHeaders): void {
    const events = this.#events;
    if (this.#state !== 'upgraded') {
      this.#state = 'idle';
      this.#events = undefined;
    }
    events?.end(trailers);
  }
}

/** Where the head ends (without its last line feed) and where the body starts. Lines end in CR LF, or in LF alone. */
function endOfHead(bytes: Buffer, start: number, from: number): { head: number; body: number } | undefined {
  const usual = bytes.indexOf('\n\r\n', from, 'latin1');
  // A bare pair of line feeds further up ends the head earlier. Looked for in the head only, as a body may be long.
  const bare = (usual === -1 ? bytes : bytes.subarray(0, usual)).indexOf('\n\n', from, 'latin1');
  if (bare !== -1) return { head: Math.max(bare, start), body: bare + 2 };
  if (usual !== -1) return { head: Math.max(usual, start), body: usual + 3 };
  return undefined;
}
