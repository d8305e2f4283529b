import type { BodyFlow, BodyTap, RawHeaders, StreamPiece } from '../http/index.js';

/** Of a stream in more pieces, those after are not told apart. */
const maxPieces = 20_000;

/** Notes when the pieces of a streamed response came, as they pass to what captures the response. */
export class PieceCapture implements BodyTap {
  readonly pieces: StreamPiece[] = [];
  readonly #to: BodyTap;
  readonly #elapsed: () => number;
  #size = 0;

  /** `elapsed`: milliseconds since the request began. */
  constructor(to: BodyTap, elapsed: () => number) {
    this.#to = to;
    this.#elapsed = elapsed;
  }

  open(flow: BodyFlow): void {
    this.#to.open(flow);
  }

  chunk(data: Buffer): void {
    this.#size += data.length;
    if (this.pieces.length < maxPieces) this.pieces.push([this.#size, Math.round(this.#elapsed() * 10) / 10]);
    this.#to.chunk(data);
  }

  end(trailers: RawHeaders): void {
    this.#to.end(trailers);
  }

  error(error: Error): void {
    this.#to.error(error);
  }
}
