import type { HarEntry } from '../har/har.js';
import { type InlineRule, type StoredBody } from '../har/har-body.js';
import type { FaultReceipt } from '../http/index.js';
import type { ExchangeLog } from './exchange-log.js';
import type { BodyRef, ExchangeRecord } from './exchange-record.js';
import type { LargeBodyPlace } from './large-body.js';
import { toHarEntry } from './to-har-entry.js';

interface MemoryLogOptions {
  /** How many exchanges are kept, the newest. */
  most?: number;
  /** How many bytes of their bodies. */
  mostBytes?: number;
}

/** An exchange as it is kept. */
export interface KeptExchange {
  record: ExchangeRecord;
  /** Wire bytes; undefined where there were none, or too many to be kept (over 1 MiB). */
  request: Buffer | undefined;
  response: Buffer | undefined;
}

/** The newest exchanges of a session, in memory. */
export class MemoryLog implements ExchangeLog {
  readonly writable = true;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #kept: KeptExchange[] = [];
  readonly #large = new Map<string, Buffer>();
  readonly #listeners = new Set<(exchange: KeptExchange) => void>();
  #bytes = 0;
  #dropped = 0;
  #names = 0;

  constructor({ most = 5000, mostBytes = 64 * 1024 * 1024 }: MemoryLogOptions = {}) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Exchanges that were let go, as they were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** In the order in which they ended. */
  exchanges(): readonly KeptExchange[] {
    return this.#kept;
  }

  /** Calls back with each exchange that ends from now on. Returns a function that ends it. */
  listen(listener: (exchange: KeptExchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next exchange to end that fits; undefined when none does within the limit, ms. */
  next(fits: (exchange: KeptExchange) => boolean, limitMs: number): Promise<KeptExchange | undefined> {
    return new Promise((resolve) => {
      const end = (exchange?: KeptExchange): void => {
        clearTimeout(timer);
        stop();
        resolve(exchange);
      };
      const timer = setTimeout(end, limitMs);
      const stop = this.listen((exchange) => {
        if (fits(exchange)) end(exchange);
      });
    });
  }

  append(record: ExchangeRecord, inline: readonly Buffer[], done: () => void): void {
    let rest = inline.length === 1 ? (inline[0] as Buffer) : Buffer.concat(inline);
    const take = (ref: BodyRef | undefined): Buffer | undefined => {
      if (ref === undefined) return undefined;
      if (ref.at !== 'inline') return this.#taken(ref.at.file);
      const bytes = rest.subarray(0, ref.size);
      rest = rest.subarray(ref.size);
      return bytes;
    };
    const exchange = { record, request: take(record.request.body), response: take(record.response?.body) };
    this.#kept.push(exchange);
    this.#bytes += sizeOf(exchange);
    while (this.#kept.length > this.#most || (this.#bytes > this.#mostBytes && this.#kept.length > 1))
      this.#dropOldest();
    for (const listener of this.#listeners) listener(exchange);
    done();
  }

  largeBodies(): LargeBodyPlace {
    return {
      hold: () => true,
      letGo: () => undefined,
      find: (chunks) => {
        const name = String(this.#names++);
        this.#large.set(name, Buffer.concat(chunks));
        return name;
      },
      spool: () => {
        let size = 0;
        return { file: '', spool: { write: (chunk) => void (size += chunk.length), end: (done) => done(size) } };
      },
      remember: () => undefined,
    };
  }

  faults(index: number, faults: readonly FaultReceipt[]): void {
    const kept = this.#kept.findLast(({ record }) => record.index === index);
    if (kept !== undefined) kept.record = { ...kept.record, faults: [...faults] };
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  #taken(name: string): Buffer | undefined {
    const bytes = this.#large.get(name);
    this.#large.delete(name);
    return bytes;
  }

  #dropOldest(): void {
    const oldest = this.#kept.shift();
    if (oldest === undefined) return;
    this.#bytes -= sizeOf(oldest);
    this.#dropped += 1;
  }
}

/** As HAR 1.2. Bodies of up to `mostBytes`, decoded, stand in it. */
export function entryOf({ record, request, response }: KeptExchange, mostBytes: number): HarEntry {
  const bodies = { request: stored(record.request.body, request), response: stored(record.response?.body, response) };
  const rule: InlineRule = { mostBytes, otherwise: 'The body is left out' };
  return toHarEntry(record, bodies, rule);
}

function sizeOf({ request, response }: KeptExchange): number {
  return (request?.length ?? 0) + (response?.length ?? 0);
}

function stored(ref: BodyRef | undefined, bytes: Buffer | undefined): StoredBody | undefined {
  if (ref === undefined) return undefined;
  return bytes === undefined ? { size: ref.size } : { size: ref.size, bytes };
}
