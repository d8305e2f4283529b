import { ProxyctlError } from '../../errors/index.js';
import type { Body, BodyFlow, BodySink } from '../../http/index.js';

/** A request's body while it comes: what there is of it so far, and word of each change. */
export class LiveRequest implements BodySink {
  ended = false;
  failed: Error | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  #flow: BodyFlow | undefined;
  #wake: (() => void)[] = [];

  constructor(
    body: Body,
    readonly limitBytes: number,
  ) {
    body.pipe(this);
  }

  get data(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#size)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  get over(): boolean {
    return this.ended || this.failed !== undefined;
  }

  /** Resolves when more of it came, or it is over. */
  changed(): Promise<void> {
    return this.over ? Promise.resolve() : new Promise((resolve) => this.#wake.push(resolve));
  }

  open(flow: BodyFlow): void {
    this.#flow = flow;
  }

  chunk(data: Buffer): void {
    this.#size += data.length;
    if (this.#size > this.limitBytes) {
      const error = new ProxyctlError('PROXYCTL_BODY_TOO_LARGE', `The body is over ${this.limitBytes} bytes`);
      this.#flow?.abort(error);
      this.error(error);
      return;
    }
    this.#chunks.push(data);
    this.#changed();
  }

  end(): void {
    this.ended = true;
    this.#changed();
  }

  error(error: Error): void {
    this.failed ??= error;
    this.#changed();
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
