import {
  decodeContent,
  decodeContentStart,
  header,
  withoutHeaders,
  type Body,
  type Exchange,
  type RawHeaders,
  type RecordedExchange,
  type RecordedResponse,
  type StreamFormat,
  type UpstreamError,
} from '../../http/index.js';
import type { Holds, PushedMessage } from '../select/holds.js';
import { acceptsCoding } from './accept-encoding.js';
import { partEncoder } from './part-encoder.js';
import type { Echo } from './rewrite/echoes.js';
import type { ResponseRewriter } from './rewrite/response-rewriter.js';
import { streamedBody } from './streamed-body.js';
import { streamParts, type StreamPart } from './stream-parts.js';
import { gapMs, type Timing } from './timing.js';

interface StreamedResponseInit {
  recorded: RecordedExchange;
  response: RecordedResponse;
  format: StreamFormat;
  /** The recorded bytes of its body, as far as they came. */
  wire: Buffer;
  /** It stays as it was recorded, byte by byte. */
  fixed: boolean;
  failure: UpstreamError | undefined;
  hangMs: number;
  exchange: Exchange;
  timing: Timing;
  rewriter: ResponseRewriter;
  /** The time of this run's client. */
  now: () => number;
  echoes: readonly Echo[];
  holds: (messages: readonly PushedMessage[], changed: () => void) => Promise<Holds>;
  /** The write that a part waited for was not made. */
  causeMissed: (cause: number) => void;
}

/** Headers (with those of the body as it is given) and body of a stream; undefined: it is none of several parts. */
export async function streamedResponse(
  init: StreamedResponseInit,
): Promise<{ headers: RawHeaders; body: Body } | undefined> {
  const { recorded, response, format, wire, failure, hangMs, exchange, timing, rewriter, echoes } = init;
  const coding = response.decoded ? undefined : header(response.headers, 'content-encoding');
  const data = failure === undefined ? decodeContent(wire, coding) : decodeContentStart(wire, coding);
  if (data === undefined) return undefined;
  const parts = streamParts({ format, data, wire, coding, pieces: response.pieces });
  if (parts.length < 2) return undefined;
  const { startedAt } = recorded;
  const momentOf = ({ afterMs }: StreamPart): number => startedAt + (afterMs ?? 0);
  const told = (
    headers: RawHeaders,
    trailers: RawHeaders,
    bytes: Buffer,
    atMs: number,
  ): ReturnType<typeof rewriter.rewrite> =>
    rewriter.rewrite(
      { headers, trailers, data: bytes, whole: true, fixed: init.fixed },
      exchange.request.headers,
      { recordedAt: atMs, answeredAt: atMs, answeringAt: init.now() },
      { echoes },
    );
  const isAccepted = coding === undefined || acceptsCoding(header(exchange.request.headers, 'accept-encoding'), coding);
  const encoder = isAccepted ? partEncoder(coding) : undefined;
  const ofBody = ['content-type', 'grpc-encoding'].flatMap((name) => {
    const value = header(response.headers, name);
    return value === undefined ? [] : [name, value];
  });
  const head = told(response.headers, response.trailers ?? [], Buffer.alloc(0), startedAt);
  const bell = new Bell();
  const messages = new Map(parts.map((part) => [part, pushedOf(part, momentOf(part))]));
  const holds = await init.holds([...messages.values()], () => bell.ring());
  const firstMs = parts[0]?.afterMs;
  const body = streamedBody({
    ...{ parts, trailers: head.trailers, failure, hangMs, exchange, encoder },
    gapMs: (part, before) => {
      // what follows upon a write comes at once
      const since = before === undefined ? undefined : momentOf(before);
      const isNext = since === undefined || holds.latestBefore(momentOf(part)) <= since;
      return isNext || timing === 'recorded' ? gapMs(before?.afterMs ?? firstMs, part.afterMs, timing) : 0;
    },
    mayFollow: async (part, given) => {
      let isGiven = false;
      const left = given.then(() => (isGiven = true));
      while (!isGiven && !holds.mayFollow(messages.get(part) as PushedMessage)) await Promise.race([bell.rung(), left]);
    },
    rewritten: (part) => told([...ofBody], [], part.data, momentOf(part)).data,
    over: () => {
      const cause = holds.missed;
      if (cause !== undefined) init.causeMissed(cause);
      holds.stop();
    },
  });
  const coded = coding === undefined || encoder !== undefined;
  return {
    headers: coded && !response.decoded ? head.headers : withoutHeaders(head.headers, new Set(['content-encoding'])),
    body,
  };
}

function pushedOf({ data }: StreamPart, atMs: number): PushedMessage {
  return { atMs, text: data.toString('utf8') };
}

/** Wakes all who wait. */
class Bell {
  #waiting: (() => void)[] = [];

  ring(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  rung(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
