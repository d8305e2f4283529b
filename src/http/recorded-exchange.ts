import type { Dialogue } from './dialogue.js';
import type { StreamPiece } from './stream-format.js';
import type { FailureKind, FailurePhase } from './failure.js';
import type { RawHeaders } from './headers.js';
import type { HttpRequest, HttpVersion } from './message.js';

/** A body of a recorded exchange, for `Recording.body`: its hash in a store, its text, or both. */
export interface StoredBody {
  /** SHA-256 (hex) of the wire bytes. */
  _sha256?: string;
  text?: string;
  encoding?: 'base64';
}

/** Milliseconds; -1 where it does not apply. */
export interface RecordedTimings {
  blocked: number;
  dns: number;
  connect: number;
  send: number;
  wait: number;
  receive: number;
  ssl: number;
}

/** A message of a recorded WebSocket. */
export interface RecordedMessage {
  type: 'send' | 'receive';
  /** Seconds since 1970. */
  time: number;
  opcode: number;
  /** Text, or base64 for a binary frame. */
  data: string;
}

/** A connection that passed through untouched. */
export interface RecordedTunnel {
  host: string;
  port: number;
  reason: string;
  bytesSent: number;
  bytesReceived: number;
}

/** An exchange as a recording tells it. Where it came from (a HAR of ours, of another program) does not show. */
export interface RecordedExchange {
  /** Order of arrival; its position in a recording of another program. */
  index: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  method: string;
  url: string;
  /** The URL in parts; undefined when it is not one of HTTP. */
  parts: Pick<HttpRequest, 'scheme' | 'host' | 'port' | 'target'> | undefined;
  httpVersion: HttpVersion;
  headers: RawHeaders;
  trailers?: RawHeaders;
  /** Undefined: there was none. */
  body?: StoredBody;
  /** The client did not send all of it. */
  bodyTruncated: boolean;
  /** Undefined when no response came; then there is an `error` (or a `tunnel`). */
  response?: RecordedResponse;
  error?: { kind: FailureKind; phase: FailurePhase; message: string; systemCode?: string; bytesReceived?: number };
  tunnel?: RecordedTunnel;
  webSocketMessages?: RecordedMessage[];
  timings: RecordedTimings;
  /** Milliseconds from the first byte of the request to the last of the response. */
  timeMs: number;
}

export interface RecordedResponse {
  status: number;
  reason: string;
  httpVersion: HttpVersion;
  headers: RawHeaders;
  trailers?: RawHeaders;
  informational: { status: number; headers: RawHeaders }[];
  dialogue?: Dialogue;
  /** Of a stream: when its pieces came. */
  pieces?: StreamPiece[];
  /** Undefined: there was none. */
  body?: StoredBody;
  bodyTruncated: boolean;
  /** The body's content encoding is undone although the headers still name it: in recordings of other programs. */
  decoded: boolean;
}

/** What can be told of a recorded exchange without looking at its headers one by one. */
export interface ExchangeOutline {
  method: string;
  url: string;
  /** The request's `Content-Type`. */
  contentType: string | undefined;
  /** A connection that passed through untouched: it can answer no request. */
  isTunnel: boolean;
  /** The messages of its request and its response alternated. */
  isDialogue: boolean;
  requestTruncated: boolean;
}

/** The exchanges of a recording by position, in recorded order. */
export interface RecordedExchanges {
  readonly length: number;
  outline(position: number): ExchangeOutline;
  /** The last ones asked for are kept, so that each is the same object each time. */
  get(position: number): RecordedExchange;
}
