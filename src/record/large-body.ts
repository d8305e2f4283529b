import { crc32 } from 'node:zlib';
import type { BodyFlow } from '../http/index.js';
import type { BodyRef } from './exchange-record.js';

/** Takes a body that is not kept in memory. */
interface Spool {
  write(chunk: Buffer, flow: BodyFlow): void;
  /** Calls back with its size once it is all there; with undefined when it could not be written. */
  end(done: (size: number | undefined) => void): void;
}

/** What the large bodies of a journal have in common. */
export interface LargeBodyPlace {
  /** Whether so many bytes more may wait in memory; they then count until they are let go. */
  hold(bytes: number): boolean;
  letGo(bytes: number): void;
  /** The file of a body with these bytes that is in the journal already, if it is still known. */
  find(chunks: readonly Buffer[], size: number): string | undefined;
  /** A new file beside the journal. */
  spool(): { file: string; spool: Spool };
  /** This file has these bytes; they are found from when its record is in the journal. */
  remember(file: string, chunks: readonly Buffer[], size: number): void;
}

/** Bodies up to this size wait in memory until they are whole. */
const heldBytes = 1024 * 1024;

/**
 * A body too large to stand in the journal itself. One of up to a mebibyte waits in memory until it is whole, and is
 * not written when the journal has the same already: clients load the same things again and again, and to write a page
 * that is new to the system can cost more than all else that is done with it. A larger body, or one too many, goes to a
 * file on its way.
 */
export class LargeBody {
  #held: Buffer[] | undefined = [];
  #size = 0;
  #crc = 0;
  #spooled: { file: string; spool: Spool } | undefined;

  constructor(readonly place: LargeBodyPlace) {}

  write(chunk: Buffer, flow: BodyFlow): void {
    this.#crc = crc32(chunk, this.#crc);
    if (this.#held === undefined) {
      this.#spooled?.spool.write(chunk, flow);
      return;
    }
    this.#held.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= heldBytes && this.place.hold(chunk.length)) return;
    this.place.letGo(this.#size - chunk.length);
    this.#spool(this.#held, flow);
    this.#held = undefined;
  }

  /** Calls back with where it is once it is all there; with undefined when the disk failed. To be called once. */
  end(done: (ref: BodyRef | undefined) => void): void {
    const chunks = this.#held;
    const crc = this.#crc;
    if (chunks === undefined) {
      const { file = '', spool } = this.#spooled ?? {};
      spool?.end((size) => done(size === undefined ? undefined : { size, at: { file }, crc }));
      return;
    }
    const size = this.#size;
    const known = this.place.find(chunks, size);
    if (known !== undefined) {
      this.place.letGo(size);
      done({ size, at: { file: known }, crc });
      return;
    }
    const { file, spool } = this.#spool(chunks, unpaused);
    spool.end((written) => {
      this.place.letGo(size);
      if (written === undefined) return done(undefined);
      this.place.remember(file, chunks, size);
      done({ size, at: { file }, crc });
    });
  }

  #spool(chunks: readonly Buffer[], flow: BodyFlow): { file: string; spool: Spool } {
    const spooled = this.place.spool();
    this.#spooled = spooled;
    for (const chunk of chunks) spooled.spool.write(chunk, flow);
    return spooled;
  }
}

/** Nothing more comes. */
const unpaused: BodyFlow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
