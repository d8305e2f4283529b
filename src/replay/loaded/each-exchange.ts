import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedExchange, RecordedExchanges } from '../../http/index.js';
import { positionsOf } from './recorded-request.js';

/** How many exchanges are visited before other work has its turn. */
const sliceSize = 50;

/** Visits all exchanges that can answer a request, one after the other. */
export async function eachExchange(
  exchanges: RecordedExchanges,
  visit: (recorded: RecordedExchange, position: number) => Promise<void>,
): Promise<void> {
  for (const position of positionsOf(exchanges)) {
    await visit(exchanges.get(position), position);
    if (position % sliceSize === 0) await nextTurn();
  }
}
