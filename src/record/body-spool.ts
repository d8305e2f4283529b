import { close, open, unlink, writev } from 'node:fs';
import type { BodyFlow } from '../http/index.js';

/** Bytes not yet written at which the body is held back, and at which it may flow again. */
const highWaterBytes = 1024 * 1024;
const lowWaterBytes = 256 * 1024;
/** What is written at one go, save for the end: each go costs a hand-over to a thread and back. */
const batchBytes = 256 * 1024;

/**
 * Streams one large body into a file of its own. At most about a mebibyte waits in memory: beyond, the flow is paused.
 * When the disk fails, `over` is told, the flow is let go, and all that comes is dropped. (Its hash is made when the
 * recording is published: here it would hold up the traffic.)
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

  /** `over` is called once, when the file is closed: with the error, when the disk failed. */
  constructor(
    readonly path: string,
    readonly over: (error?: Error) => void,
  ) {
    open(path, 'wx', 0o600, (error, fd) => {
      this.#busy = false;
      if (error !== null) return this.#die(error);
      if (this.#dead) return this.#discard(fd);
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

  /** Gives it up and removes the file: nobody will ask for it. */
  drop(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#waiting = [];
    if (this.#fd !== undefined && !this.#busy) this.#discard(this.#fd);
    this.#letFlow();
    this.#ended?.(undefined);
  }

  #pump(): void {
    if (this.#busy || this.#fd === undefined) return;
    if (this.#waiting.length === 0) {
      if (this.#ended !== undefined) this.#close(this.#fd);
      return;
    }
    if (this.#waitingBytes < batchBytes && this.#ended === undefined) return;
    this.#busy = true;
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#writeAll(this.#fd, chunks, this.#waitingBytes);
  }

  #writeAll(fd: number, chunks: Buffer[], bytes: number): void {
    writev(fd, chunks, (error, written) => {
      if (error !== null) this.#die(error); // still busy, so that the file is closed here and nowhere else
      if (this.#dead) return this.#discard(fd);
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
    this.#ended = undefined;
    close(fd, (error) => {
      if (error !== null) this.#die(error);
      else this.over();
      done?.(error === null ? this.#size : undefined);
    });
  }

  #die(error: Error): void {
    if (this.#dead) return;
    this.over(error); // first, so that the journal is broken before anybody goes on
    this.drop();
  }

  /** What it takes up on the disk is given back, as somebody else may need it. */
  #discard(fd: number): void {
    this.#fd = undefined;
    close(fd, () => unlink(this.path, () => undefined));
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
