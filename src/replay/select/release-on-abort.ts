import type { Exchange, RecordedExchange } from '../../http/index.js';
import type { ServedExchanges } from './served.js';

/**
 * Gives a recorded exchange back when its client goes away before the response has reached it: who asks again gets it
 * again. Not one that broke off when it was recorded: then it is we who break off, or the client that gives up anew.
 * Returns what gives it back at once.
 */
export function releaseOnAbort(
  served: ServedExchanges,
  position: number,
  recorded: RecordedExchange,
  exchange: Exchange,
): () => void {
  if (recorded.error !== undefined) return () => undefined;
  return exchange.onAbort(() => served.release(position));
}
