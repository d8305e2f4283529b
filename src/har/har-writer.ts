import { Readable } from 'node:stream';
import { packageVersion } from '../core/package-version.js';
import type { HarEntry, HarLog, HarRecordingInfo } from './har.js';
import { withoutArguments } from './recording-info.js';

/** Text is handed on in pieces of about this many characters. */
const pieceLength = 64 * 1024;

/** What a HAR says before its entries. */
export type HarHead = Omit<HarLog, 'entries'>;

export function recordingHead(info: HarRecordingInfo): HarHead {
  return {
    version: '1.2',
    creator: { name: 'proxyctl', version: packageVersion() },
    pages: [],
    _proxyctl: withoutArguments(info),
  };
}

/** A HAR as it is written, one entry to a line; holds one entry at a time. A failure of `entries` fails the stream. */
export function writeHar(head: HarHead, entries: AsyncIterable<HarEntry> | Iterable<HarEntry>): Readable {
  return Readable.from(pieces(head, entries), { objectMode: false });
}

async function* pieces(
  head: HarHead,
  entries: AsyncIterable<HarEntry> | Iterable<HarEntry>,
): AsyncGenerator<Buffer, void, undefined> {
  // The head is an object and not empty, so its closing brace can be opened again.
  let piece = `{"log":${JSON.stringify(head).slice(0, -1)},"entries":[`;
  let separator = '\n';
  for await (const entry of entries) {
    piece += separator + JSON.stringify(entry);
    separator = ',\n';
    if (piece.length < pieceLength) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  yield Buffer.from(`${piece}\n]}}\n`);
}
