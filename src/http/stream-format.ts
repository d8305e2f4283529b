import { header, type RawHeaders } from './headers.js';

/**
 * How the parts of a streamed body are told apart: events with a blank line after each (Server-Sent Events), lines,
 * frames (gRPC, Connect), or by nothing but when they came.
 */
export type StreamFormat = 'events' | 'lines' | 'frames' | 'text';

/**
 * What a body is a stream of, which its reader takes part by part; undefined: it is read as a whole. One whose length
 * was known before is none.
 */
export function streamFormat(headers: RawHeaders): StreamFormat | undefined {
  if (header(headers, 'content-length') !== undefined) return undefined;
  const type = (header(headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/event-stream') return 'events';
  if (type === 'text/plain') return 'text';
  if (type === 'application/grpc' || type.startsWith('application/grpc+')) return 'frames';
  if (/^application\/connect(?:\+|$)/.test(type)) return 'frames';
  return /(?:^application\/(?:x-)?(?:nd-?json|json-?lines?|jsonl)$|json-seq$|^application\/(?:\w+\+)?stream\+json$)/.test(
    type,
  )
    ? 'lines'
    : undefined;
}

/** When the bytes of a body came: so many in all by then, in milliseconds since its request began. */
export type StreamPiece = [bytes: number, afterMs: number];
