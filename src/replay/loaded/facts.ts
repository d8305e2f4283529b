import type { ComparableRequest } from '../request/comparable-request.js';
import { isEcho, isRead } from '../request/request-kind.js';
import type { RecordedExchange } from '../../http/index.js';
import type { RawHeaders } from '../../http/index.js';

/** What matching needs to know of a recorded exchange besides its request. Times are milliseconds since 1970. */
export interface RecordedFacts {
  position: number;
  method: string;
  startedAt: number;
  /** When the response began to come. */
  answeredAt: number;
  /** Asks without changing anything, as far as method, path and body tell. */
  isRead: boolean;
  /** Changes or removes what has to be there before. */
  isOfThing?: boolean;
  /** Answers with what it was asked, so that a value in its response need not have been there before. */
  isEcho?: boolean;
  status: number;
  responseHeaders: RawHeaders;
  /** The response did not come to its end. */
  isBroken?: boolean;
}

/** Where starts are whole milliseconds, so is this, that one may be compared with the other. */
export function answeredAt({ startedAt, timings, timeMs }: RecordedExchange): number {
  const { blocked, dns, connect, send, wait } = timings;
  const before = [blocked, dns, connect, send, wait].reduce((sum, ms) => sum + Math.max(0, ms), 0);
  const at = startedAt + Math.min(before, Math.max(timeMs, 0) || before);
  return Number.isInteger(startedAt) ? Math.floor(at) : at;
}

export function factsOf(recorded: RecordedExchange, position: number, request: ComparableRequest): RecordedFacts {
  return {
    position,
    method: request.method,
    startedAt: recorded.startedAt,
    answeredAt: answeredAt(recorded),
    isRead: isRead(request),
    isOfThing: /^(?:DELETE|PATCH)$/.test(request.method),
    isEcho: isEcho(request),
    status: recorded.response?.status ?? 0,
    responseHeaders: recorded.response?.headers ?? [],
    isBroken: recorded.error !== undefined,
  };
}
