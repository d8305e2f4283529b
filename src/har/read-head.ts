import type { HarHead } from './har-writer.js';
import { replaceHead } from './replace-head.js';

/** What a HAR of ours says of itself, of which no more is read than that; undefined for one of another layout. */
export async function readHead(source: AsyncIterable<Buffer>): Promise<HarHead | undefined> {
  let head: HarHead | undefined;
  for await (const _ of replaceHead(source, (found) => (head = found))) break;
  return head;
}
