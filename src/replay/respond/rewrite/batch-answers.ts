import type { BatchOrder } from '../../match/batch-order.js';
import { idOf } from '../../match/batches.js';
import { parseJsonText } from '../../request/text/json-text.js';

/**
 * The answers to a batch in the order of its calls now. `recorded`: as they were recorded, which tells what call each
 * belongs to; `told`: as they read in this run.
 */
export function inOrderOfCalls(recorded: string, told: string, { places, ids }: BatchOrder): string {
  const [past, present] = [parseJsonText(recorded), parseJsonText(told)];
  if (past?.type !== 'array' || present?.type !== 'array' || past.items.length !== present.items.length) return told;
  const calls = past.items.map((item) => ids.indexOf(idOf(item, recorded) ?? noId));
  // answers without ids stand at the places of their calls
  const byPlace = calls.every((call) => call === -1) && calls.length === places.length;
  if (!byPlace && calls.includes(-1)) return told;
  const texts = present.items.map(({ start, end }) => told.slice(start, end));
  const order = [...texts.keys()].sort((a, b) => placeOf(a) - placeOf(b));
  let result = '';
  let at = 0;
  for (const [i, { start, end }] of present.items.entries()) {
    result += told.slice(at, start) + texts[order[i] as number];
    at = end;
  }
  return result + told.slice(at);

  function placeOf(answer: number): number {
    return places[byPlace ? answer : (calls[answer] as number)] ?? answer;
  }
}

/** Nothing that stands in JSON. */
const noId = ' ';
