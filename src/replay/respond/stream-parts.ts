import { decodeContentStart, frameEnds, type StreamFormat, type StreamPiece } from '../../http/index.js';

/** What came of a stream at one time. */
export interface StreamPart {
  data: Buffer;
  /** Milliseconds since its request began; undefined: not known. */
  afterMs: number | undefined;
}

interface RecordedStream {
  format: StreamFormat;
  /** Its body without a content coding. */
  data: Buffer;
  /** The body as it was recorded, in its content coding. */
  wire: Buffer;
  coding: string | undefined;
  pieces: readonly StreamPiece[] | undefined;
}

/** More pieces of a coded body are not decoded one by one. */
const maxDecoded = 500;

/**
 * A recorded stream in the parts that it came in. No event, line or frame is cut in two: what came in pieces of its own
 * is one part, and so is what came at once. Without a note of when they came, each event, line or frame is a part.
 */
export function streamParts(stream: RecordedStream): StreamPart[] {
  const { format, data, pieces } = stream;
  const ends = endsOf(format, data);
  if (pieces === undefined || pieces.length === 0) return partsAt(data, ends ?? [data.length], () => undefined);
  const known = decodedPieces(stream, pieces);
  const all = ends ?? known.map(([bytes]) => bytes).filter((end) => !isWithinWord(data, end));
  if (all.at(-1) !== data.length) all.push(data.length);
  let at = 0;
  const pieceOf = (end: number): number => {
    while (at < known.length - 1 && (known[at] as StreamPiece)[0] < end) at += 1;
    return at;
  };
  const cuts = all.map((end) => ({ end, piece: pieceOf(end) }));
  const together = cuts.filter(({ piece }, i) => piece !== cuts[i + 1]?.piece);
  return partsAt(
    data,
    together.map(({ end }) => end),
    (i) => known[together[i]?.piece ?? 0]?.[1],
  );
}

function partsAt(data: Buffer, ends: readonly number[], afterMs: (i: number) => number | undefined): StreamPart[] {
  return ends.map((end, i) => ({ data: data.subarray(ends[i - 1] ?? 0, end), afterMs: afterMs(i) }));
}

/** Where events, lines or frames end; the last one may be cut off. Undefined: nothing tells. */
function endsOf(format: StreamFormat, data: Buffer): number[] | undefined {
  if (format === 'text') return undefined;
  const ends = format === 'frames' ? frameEnds(data) : matchesIn(data, format === 'events' ? blankLine : lineEnd);
  if (ends.at(-1) !== data.length && data.length > 0) ends.push(data.length);
  return ends;
}

const blankLine = /(?:\r\n|\n|\r)(?:\r\n|\n|\r)+/g;
const lineEnd = /\n/g;

function matchesIn(data: Buffer, pattern: RegExp): number[] {
  return [...data.toString('latin1').matchAll(pattern)].map(({ 0: text, index }) => index + text.length);
}

/** The pieces by the bytes of the body without its coding; about, where the body was changed after it had come. */
function decodedPieces({ data, wire, coding }: RecordedStream, pieces: readonly StreamPiece[]): readonly StreamPiece[] {
  const total = pieces.at(-1)?.[0] ?? 0;
  if (total === wire.length && wire.length === data.length) return pieces;
  if (total === wire.length && pieces.length <= maxDecoded) {
    return pieces.map(([bytes, at]) => [decodeContentStart(wire.subarray(0, bytes), coding)?.length ?? 0, at]);
  }
  return pieces.map(([bytes, at]) => [Math.round((bytes * data.length) / Math.max(1, total)), at]);
}

function isWithinWord(data: Buffer, at: number): boolean {
  const isWord = (byte: number | undefined): boolean =>
    byte !== undefined && (byte >= 0x80 || /\w/.test(String.fromCharCode(byte)));
  return isWord(data[at - 1]) && isWord(data[at]);
}
