import { header, type BodyFlow, type BodyTap, type Dialogue, type RawHeaders } from '../http/index.js';
import type { BodyCapture } from './body-capture.js';

/** Whether the messages of this request may alternate with those of its response. */
export function mayAlternate(headers: RawHeaders): boolean {
  return /^application\/(?:grpc|connect)\b/i.test(header(headers, 'content-type') ?? '');
}

/** Captures a response's body, and how it alternated with its request's. */
export class DialogueCapture implements BodyTap {
  readonly #turns: Dialogue['turns'] = [];
  #endedFirst = false;

  constructor(
    readonly request: BodyCapture,
    readonly answer: BodyCapture,
  ) {}

  /** Undefined when the whole response came after the whole request. */
  get dialogue(): Dialogue | undefined {
    if (this.#turns.length === 0) return undefined;
    return { turns: this.#turns, ...(this.#endedFirst ? { endedFirst: true } : {}) };
  }

  open(flow: BodyFlow): void {
    this.answer.open(flow);
  }

  chunk(data: Buffer): void {
    this.answer.chunk(data);
    if (!this.request.flowing) return;
    const last = this.#turns.at(-1);
    if (last?.[1] === this.request.size) last[0] = this.answer.size;
    else this.#turns.push([this.answer.size, this.request.size]);
  }

  end(trailers: RawHeaders): void {
    this.#endedFirst = this.request.flowing;
    this.answer.end(trailers);
  }

  error(): void {
    this.answer.error();
  }
}
