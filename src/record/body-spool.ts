import { close, open, writev } from 'node:fs';
import type { BodyFlow } from '../http/index.js';

/** Bytes not yet written at which the body is held back, and at which it may flow again. */
const highWaterBytes = 1024 * 1024;
const lowWaterBytes = 256 * 1024;

/**
 * Streams one large body into a file of its own. At most about a mebibyte waits in memory: beyond, the flow is paused. When
 * the disk fails, `fail` is called once, the flow is let go, and all that comes is dropped. (Its hash is made when the
 * recording is published: here, on the way of the traffic, it would cost as much as all of the writing.)
 */
export class BodySpool {
  #size = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #fd: number | undefined;
  #busy = true;
  #dead = false;
  #paused: BodyFlow | undefined;
  #ended: ((size: number | undefined) => void) | undefined;

  constructor(
    path: string,
    readonly fail: (error: Error) => void,
  ) {
    open(path, 'wx', 0o600, (error, fd) => {
      this.#busy = false;
      if (error !== null) return this.#die(error);
      this.#fd = fd;
      this.#pump();
    });
  }

  write(chunk: Buffer, flow: BodyFlow): void {
    if (this.#dead) return;
    this.#size += chunk.length;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > highWaterBytes && this.#paused === undefined) {
      this.#paused = flow;
      flow.pause();
    }
    this.#pump();
  }

  /** Calls back with the size once all is written and the file is closed; with undefined when the disk failed. */
  end(done: (size: number | undefined) => void): void {
    if (this.#dead) return done(undefined);
    this.#ended = done;
    this.#pump();
  }

  #pump(): void {
    if (this.#busy || this.#fd === undefined) return;
    if (this.#waiting.length === 0) {
      if (this.#ended !== undefined) this.#close(this.#fd);
      return;
    }
    this.#busy = true;
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#writeAll(this.#fd, chunks, this.#waitingBytes);
  }

  #writeAll(fd: number, chunks: Buffer[], bytes: number): void {
    writev(fd, chunks, (error, written) => {
      if (error !== null) {
        this.#busy = false;
        return this.#die(error);
      }
      this.#waitingBytes -= written;
      if (written < bytes) return this.#writeAll(fd, withoutFirst(chunks, written), bytes - written);
      this.#busy = false;
      if (this.#waitingBytes < lowWaterBytes) this.#letFlow();
      this.#pump();
    });
  }

  #close(fd: number): void {
    this.#fd = undefined;
    const done = this.#ended;
    close(fd, (error) => {
      if (error !== null) return this.#die(error);
      done?.(this.#size);
    });
  }

  #die(error: Error): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#waiting = [];
    if (this.#fd !== undefined) close(this.#fd, () => undefined); // it is lost already
    this.#fd = undefined;
    this.fail(error);
    this.#letFlow();
    this.#ended?.(undefined);
  }

  #letFlow(): void {
    const flow = this.#paused;
    this.#paused = undefined;
    flow?.resume();
  }
}

/** What is left of `chunks` after their first `bytes`. */
export function withoutFirst(chunks: readonly Buffer[], bytes: number): Buffer[] {
  let skip = bytes;
  const rest: Buffer[] = [];
  for (const chunk of chunks) {
    if (skip < chunk.length) rest.push(skip === 0 ? chunk : chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
  }
  return rest;
}
