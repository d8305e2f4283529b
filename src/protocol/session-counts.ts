import { z } from 'zod';

const count = z.number().int();

/** What a session counts: exchanges and tunnels by number, bodies by bytes. */
export const sessionCounts = z.object({
  exchanges: count,
  inFlight: count,
  failures: count,
  misses: count,
  tunnels: count,
  requestBytes: z.number(),
  responseBytes: z.number(),
});
export type SessionCounts = z.infer<typeof sessionCounts>;

/** The counts of a session that has done nothing yet: a new object for each call. */
export function noCounts(): SessionCounts {
  return { exchanges: 0, inFlight: 0, failures: 0, misses: 0, tunnels: 0, requestBytes: 0, responseBytes: 0 };
}

export function addCounts(a: SessionCounts, b: SessionCounts): SessionCounts {
  const sum = noCounts();
  for (const key of Object.keys(sum) as (keyof SessionCounts)[]) sum[key] = a[key] + b[key];
  return sum;
}

/** A failed exchange, as a session's summary lists it. */
export interface SessionFailure {
  index: number;
  method: string;
  url: string;
  message: string;
  /** It is we who failed it, and neither its client nor a backend. */
  own?: true;
}

/** What a session reports that no exchange tells. */
export interface SessionWarning {
  message: string;
  hint?: string;
}
