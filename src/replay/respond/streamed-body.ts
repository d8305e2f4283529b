import { setImmediate as nextTurn } from 'node:timers/promises';
import { Body, type BodySink, type Exchange, type RawHeaders, type UpstreamError } from '../../http/index.js';
import { pause } from '../select/pause.js';
import { BodyGate } from './body-gate.js';
import type { PartEncoder } from './part-encoder.js';
import type { StreamPart } from './stream-parts.js';

interface StreamedBody {
  parts: readonly StreamPart[];
  trailers: RawHeaders;
  /** What the body ends with in place of its end. `aborted`: it stays open until the client goes away. */
  failure: UpstreamError | undefined;
  hangMs: number;
  exchange: Pick<Exchange, 'onAbort'>;
  /** How long a part is held back after the one before it was sent, in milliseconds. */
  gapMs: (part: StreamPart, before: StreamPart | undefined) => number;
  /** Resolves when what a part followed upon has happened, or the body is given up. */
  mayFollow: (part: StreamPart, given: Promise<void>) => Promise<void>;
  /** A part as it reads in this run. */
  rewritten: (part: StreamPart) => Buffer;
  encoder: PartEncoder | undefined;
  /** The body has ended, or its reader has left. */
  over: () => void;
}

/** A recorded stream, each part of it when its time has come. */
export function streamedBody(stream: StreamedBody): Body {
  return new Body({ pipe: (sink) => void feed(stream, sink) });
}

async function feed(stream: StreamedBody, sink: BodySink): Promise<void> {
  const { parts, trailers, failure, hangMs, exchange, gapMs, mayFollow, rewritten, encoder, over } = stream;
  const gate = new BodyGate();
  sink.open(gate);
  let sentAt = performance.now();
  try {
    for (const [i, part] of parts.entries()) {
      await mayFollow(part, gate.given);
      await pause(sentAt + gapMs(part, parts[i - 1]) - performance.now(), exchange);
      await gate.opened();
      const data = rewritten(part);
      sink.chunk(encoder === undefined ? data : await encoder.encode(data));
      sentAt = performance.now();
      await nextTurn(); // what is written in one turn leaves in one packet
    }
    if (failure?.details.kind === 'aborted') await pause(hangMs, exchange);
    await gate.opened();
    const rest = failure === undefined ? await encoder?.end() : undefined;
    if (rest !== undefined && rest.length > 0) sink.chunk(rest);
  } catch (reason) {
    if (gate.aborted === undefined) sink.error(reason instanceof Error ? reason : new Error(String(reason)));
    return;
  } finally {
    over();
  }
  if (failure === undefined) sink.end(trailers);
  else sink.error(failure);
}
