import type { Exchange } from '../../http/index.js';
import { pause } from './pause.js';
import type { ServedExchanges } from './served.js';

/**
 * Resolves when all `positions` have been answered in this run, or after `limitMs`. Rejects when the client goes away.
 */
export async function awaitWrites(
  positions: readonly number[],
  served: ServedExchanges,
  limitMs: number,
  exchange: Pick<Exchange, 'onAbort'>,
): Promise<void> {
  const missing = new Set(positions.filter((position) => !served.hasHappened(position)));
  if (missing.size === 0) return;
  const stop = new AbortController();
  const happened = new Promise<void>((resolve) => {
    for (const position of missing) {
      const release = served.onServed(position, () => {
        missing.delete(position);
        if (missing.size === 0) resolve();
      });
      stop.signal.addEventListener('abort', release, { once: true });
    }
  });
  try {
    await Promise.race([happened, pause(limitMs, exchange, stop.signal)]);
  } finally {
    stop.abort();
  }
}
