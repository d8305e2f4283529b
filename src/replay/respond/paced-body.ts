import { Body, type BodySink, type Exchange, type RawHeaders, type UpstreamError } from '../../http/index.js';
import { pause } from '../select/pause.js';
import { BodyGate } from './body-gate.js';

interface PacedBody {
  data: Buffer;
  trailers: RawHeaders;
  /** What the body ends with in place of its end. `aborted`: it stays open until the client goes away. */
  failure: UpstreamError | undefined;
  /** Over which time its bytes are spread. */
  receiveMs: number;
  hangMs: number;
  exchange: Exchange;
}

const pieces = 16;

/** A recorded body that takes its time, or breaks off where it broke off. */
export function pacedBody({ data, trailers, failure, receiveMs, hangMs, exchange }: PacedBody): Body {
  return new Body(
    { pipe: (sink) => void feed(sink) },
    failure === undefined ? data.length : undefined, // a body that breaks off was announced longer than it is
  );

  async function feed(sink: BodySink): Promise<void> {
    const gate = new BodyGate();
    sink.open(gate);
    try {
      for (const piece of split(data, receiveMs > 0 ? pieces : 1)) {
        await pause(Math.ceil(receiveMs / pieces), exchange);
        await gate.opened();
        sink.chunk(piece);
      }
      if (failure?.details.kind === 'aborted') await pause(hangMs, exchange);
      await gate.opened();
    } catch (reason) {
      if (gate.aborted === undefined) sink.error(reason instanceof Error ? reason : new Error(String(reason)));
      return;
    }
    if (failure === undefined) sink.end(trailers);
    else sink.error(failure);
  }
}

function split(data: Buffer, count: number): Buffer[] {
  const size = Math.max(1, Math.ceil(data.length / count));
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; at += size) parts.push(data.subarray(at, at + size));
  return parts;
}
