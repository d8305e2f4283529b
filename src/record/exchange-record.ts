import type {
  Dialogue,
  ExchangeTimings,
  FailureKind,
  FailurePhase,
  FaultReceipt,
  HttpVersion,
  RawHeaders,
  ServedBy,
  StreamPiece,
} from '../http/index.js';

/** The raw facts of a finished exchange, as the journal keeps them. A HAR entry is made from it (`toHarEntry`). */
export interface ExchangeRecord {
  id: string;
  index: number;
  sessionId: string;
  /** Milliseconds since 1970, with a fraction. */
  startedAt: number;
  timings: ExchangeTimings;
  request: {
    method: string;
    url: string;
    httpVersion: HttpVersion;
    headers: RawHeaders;
    trailers?: RawHeaders;
    body?: BodyRef;
  };
  /** Missing when none came. */
  response?: {
    status: number;
    reason: string;
    httpVersion: HttpVersion;
    headers: RawHeaders;
    trailers?: RawHeaders;
    body?: BodyRef;
    informational?: { status: number; headers: RawHeaders }[];
    dialogue?: Dialogue;
    /** Of a stream: when its pieces came. */
    pieces?: StreamPiece[];
  };
  error?: RecordedFailure;
  tunnel?: { host: string; port: number; reason: string; bytesSent: number; bytesReceived: number };
  /** `time` in seconds since 1970, as in HAR. */
  webSocketMessages?: { type: 'send' | 'receive'; time: number; opcode: number; data: string }[];
  servedBy?: ServedBy;
  serverAddress?: string;
  serverPort?: number;
  connection?: string;
  faults?: FaultReceipt[];
}

/** How an exchange failed. `aborted` in phase `response` with a response: the client left before the end. */
export interface RecordedFailure {
  kind: FailureKind;
  phase: FailurePhase;
  message: string;
  systemCode?: string;
  /** Body bytes that had come by then. */
  bytesReceived?: number;
}

/** Where a body's wire bytes are. */
export interface BodyRef {
  size: number;
  /** Hex, where it is known already; else it is made when the recording is published. */
  sha256?: string;
  /** Within the journal: bytes that follow the record's line (`inline`), or the name of a file beside it. */
  at: 'inline' | { file: string };
  /** CRC-32 of what is in that file. Not in journals of format 1. */
  crc?: number;
  /** Not all of it came: the peer broke off, or the recording ended first. */
  truncated?: true;
}
