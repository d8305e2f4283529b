import { z } from 'zod';
import { UsageError } from '../errors/index.js';

/** What one opportunity of a trace carries, bytes: a whole packet (Mahimahi). */
const opportunityBytes = 1500;
const mostOpportunities = 2_000_000;

/** A recorded link in Mahimahi's format: when packets could leave. */
export const linkTrace = z.strictObject({
  name: z.string(),
  /** Milliseconds, ascending; one packet may leave at each. After the last one it begins anew. */
  opportunities: z.array(z.number().int().min(0)).min(1).max(mostOpportunities),
});
export type LinkTrace = z.infer<typeof linkTrace>;

/** Reads a file of Mahimahi's: a line for each packet that could leave, with its millisecond. Throws `UsageError`. */
export function parseTrace(name: string, text: string): LinkTrace {
  const opportunities: number[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const time = /^\d{1,9}$/.test(line) ? Number(line) : NaN;
    const before = opportunities.at(-1) ?? 0;
    if (!(time >= before)) {
      throw new UsageError(
        `${name}, line ${index + 1}: "${line.slice(0, 40)}" is not a millisecond from ${before} on`,
        {
          hint: 'A trace has a line for each packet that could leave: a whole number of milliseconds, ascending.',
        },
      );
    }
    opportunities.push(time);
  }
  if (opportunities.length === 0 || opportunities.at(-1) === 0)
    throw new UsageError(`${name} holds no trace`, { hint: 'Its last line says how many milliseconds it takes.' });
  if (opportunities.length > mostOpportunities)
    throw new UsageError(`${name} has ${opportunities.length} lines; ${mostOpportunities} at most`);
  return { name, opportunities };
}

/**
 * When packets leave by a trace that began at `startMs` of the link's clock. What an opportunity has left, the next
 * packet may use.
 */
export class DeliveryTrace {
  readonly #opportunities: readonly number[];
  readonly #periodMs: number;
  readonly #startMs: number;
  /** The opportunity in use, counted over all rounds, and the bytes that it has left. */
  #index = -1;
  #left = 0;

  constructor(opportunities: readonly number[], startMs: number) {
    this.#opportunities = opportunities;
    this.#periodMs = Math.max(1, opportunities.at(-1) ?? 1);
    this.#startMs = startMs;
  }

  /** Mean bytes in a millisecond. */
  get meanRate(): number {
    return (this.#opportunities.length * opportunityBytes) / this.#periodMs;
  }

  /** When the last byte of a packet that comes at `now`, behind all others, has left. */
  leave(bytes: number, now: number): number {
    if (this.#index < 0 || this.#timeOf(this.#index) < now) {
      this.#index = this.#firstFrom(now);
      this.#left = opportunityBytes;
    }
    let missing = bytes;
    while (missing > this.#left) {
      missing -= this.#left;
      this.#index += 1;
      this.#left = opportunityBytes;
    }
    this.#left -= missing;
    return this.#timeOf(this.#index);
  }

  #timeOf(index: number): number {
    const { length } = this.#opportunities;
    const round = Math.floor(index / length);
    return this.#startMs + round * this.#periodMs + (this.#opportunities[index - round * length] ?? 0);
  }

  /** The first opportunity at `now` or later. */
  #firstFrom(now: number): number {
    const { length } = this.#opportunities;
    const sinceStart = Math.max(0, now - this.#startMs);
    const round = Math.floor(sinceStart / this.#periodMs);
    const within = sinceStart - round * this.#periodMs;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#opportunities[middle] ?? Infinity) < within) low = middle + 1;
      else high = middle;
    }
    return round * length + low;
  }
}
