import type { RawHeaders } from '../../http/index.js';
import { forbidden, MalformedResponse } from './response-head.js';

const maxLineBytes = 4096;
const maxTrailerBytes = 64 * 1024;
const sizeLine = /^([0-9a-f]{1,13})[ \t]*(?:;[^\r\n]*)?$/i;
const trailerLine = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;

type State = 'size' | 'data' | 'data-end' | 'trailers';

/**
 * Takes the chunked coding apart (RFC 9112 §7.1). Extensions are dropped, as a proxy may. Throws `MalformedResponse`.
 */
export class ChunkedDecoder {
  trailers: RawHeaders = [];
  #trailers: string[] = [];
  #state: State = 'size';
  #remaining = 0;
  /** The part of a line that has come so far. */
  #line = '';
  #trailerBytes = 0;

  begin(): void {
    this.#state = 'size';
    this.#line = '';
    this.#trailers = [];
    this.#trailerBytes = 0;
    this.trailers = this.#trailers;
  }

  /** Hands on the data in `bytes`. Returns where the message ended in them, or undefined when it goes on. */
  decode(bytes: Buffer, sink: { data(bytes: Buffer): void }): number | undefined {
    let position = 0;
    while (position < bytes.length) {
      if (this.#state === 'data') {
        const end = Math.min(position + this.#remaining, bytes.length);
        this.#remaining -= end - position;
        const data = position === 0 && end === bytes.length ? bytes : bytes.subarray(position, end);
        position = end;
        if (this.#remaining === 0) this.#state = 'data-end';
        sink.data(data);
        continue;
      }
      const newline = bytes.indexOf(10, position);
      const end = newline === -1 ? bytes.length : newline + 1;
      this.#line += bytes.toString('latin1', position, end);
      if (this.#line.length > maxLineBytes && this.#state !== 'trailers')
        throw new MalformedResponse(`a chunk size line of over ${maxLineBytes} bytes`);
      if (this.#line.length > maxTrailerBytes) throw tooManyTrailers();
      position = end;
      if (newline === -1) return undefined;
      if (!this.#line.endsWith('\r\n'))
        throw new MalformedResponse('a line feed without carriage return in chunked data');
      const line = this.#line.slice(0, -2);
      this.#line = '';
      if (this.#take(line)) return position;
    }
    return undefined;
  }

  /** Returns whether this line ended the message. */
  #take(line: string): boolean {
    if (this.#state === 'size') {
      const size = sizeLine.exec(line)?.[1];
      if (size === undefined) throw new MalformedResponse(`not a chunk size: ${JSON.stringify(line.slice(0, 80))}`);
      this.#remaining = Number.parseInt(size, 16);
      this.#state = this.#remaining === 0 ? 'trailers' : 'data';
      return false;
    }
    if (this.#state === 'data-end') {
      if (line !== '') throw new MalformedResponse('a chunk that is longer than its size');
      this.#state = 'size';
      return false;
    }
    if (line === '') return true;
    const [, name, value] = trailerLine.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new MalformedResponse(`not a trailer line: ${JSON.stringify(line.slice(0, 80))}`);
    if (forbidden.test(value)) throw new MalformedResponse(`a control character in the trailer ${name}`);
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > maxTrailerBytes) throw tooManyTrailers();
    this.#trailers.push(name, value);
    return false;
  }
}

function tooManyTrailers(): MalformedResponse {
  return new MalformedResponse(`trailers of over ${maxTrailerBytes} bytes`);
}
