import { checkFormat } from '../core/stored-formats.js';
import type { HarHead } from './har-writer.js';
import { withoutArguments } from './recording-info.js';

/** A head is at most so long; a HAR whose first line is longer is none of ours. */
const maxHeadBytes = 1024 * 1024;

/**
 * A HAR of ours (its head is its first line) with another head, the rest byte for byte: what `change` makes of it, and
 * without the arguments of a command. One of another layout comes as it is.
 */
export async function* replaceHead(
  source: AsyncIterable<Buffer>,
  change: (head: HarHead) => HarHead,
): AsyncGenerator<Buffer, void, undefined> {
  let first: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (first === undefined) {
      yield chunk;
      continue;
    }
    first = Buffer.concat([first, chunk]);
    const end = first.indexOf('\n');
    if (end < 0 && first.length < maxHeadBytes) continue;
    yield end < 0 ? first : changed(first, end, change);
    first = undefined;
  }
  if (first !== undefined) yield first;
}

function changed(data: Buffer, end: number, change: (head: HarHead) => HarHead): Buffer {
  const line = data.subarray(0, end).toString('utf8');
  const opening = /,"entries":\[$/;
  if (!line.startsWith('{"log":{') || !opening.test(line)) return data;
  const head = JSON.parse(`${line.slice('{"log":'.length).replace(opening, '')}}`) as HarHead;
  checkFormat('recording', head._proxyctl, 'The recording', head.creator.version);
  const { _proxyctl: info, ...next } = change(head);
  const written = info === undefined ? next : { ...next, _proxyctl: withoutArguments(info) };
  const text = `{"log":${JSON.stringify(written).slice(0, -1)},"entries":[`;
  return Buffer.concat([Buffer.from(text), data.subarray(end)]);
}
