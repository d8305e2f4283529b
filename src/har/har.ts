import type {
  Dialogue,
  ExchangeTimings,
  FailureKind,
  FailurePhase,
  RecordedMessage,
  RecordedTimings,
  RecordedTunnel,
  ServedBy,
  StreamPiece,
} from '../http/index.js';

/**
 * HAR 1.2 (softwareishard.com/blog/har-12-spec), as far as recordings use it. Fields that begin with `_` are
 * extensions: `_webSocketMessages`, `_error`, `_file` and `_resourceType` as Chrome, Playwright and mitmproxy write
 * them, the rest of ours under `_proxyctl`.
 */
export interface Har {
  log: HarLog;
}

export interface HarLog {
  version: '1.2';
  creator: { name: string; version: string };
  browser?: { name: string; version: string };
  pages?: unknown[];
  entries: HarEntry[];
  comment?: string;
  _proxyctl?: HarRecordingInfo;
}

/** What a recording says of itself. */
export interface HarRecordingInfo {
  formatVersion: 1;
  recordingId: string;
  testId: string;
  appVersion: string;
  /** Left out: the main one. */
  branch?: string | undefined;
  /** ISO 8601 with milliseconds: when the recording session began. */
  recordedAt: string;
  /** The name of the program that ran, alone. Recordings from before have its arguments behind it. */
  command?: string[];
  seed?: number;
  /** Set where it does not hold all that its test did (`incompleteOf` reads what recordings from before say, too). */
  incomplete?: Incomplete;
  [key: string]: unknown;
}

/** Why a recording does not hold all that its test did. */
export interface Incomplete {
  /** In words. */
  reason: string;
  /** How often the process that recorded ended while it did, and was started again. */
  interruptions?: number | undefined;
  /** Bytes of its journal that could not be read. */
  lostBytes?: number | undefined;
}

/** The versions of the app that a recording holds requests of: several, when misses of a later one were added to it. */
export function recordedVersions({ appVersion, appVersions }: HarRecordingInfo): string[] {
  if (!Array.isArray(appVersions)) return [appVersion];
  return (appVersions as unknown[]).filter((version): version is string => typeof version === 'string');
}

export interface HarNameValue {
  name: string;
  value: string;
  comment?: string;
}

export interface HarCookie extends HarNameValue {
  path?: string;
  domain?: string;
  expires?: string;
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: string;
}

export interface HarEntry {
  startedDateTime: string;
  /** Milliseconds: the sum of the timings that are not -1 (`ssl` is part of `connect`). */
  time: number;
  request: HarRequest;
  response: HarResponse;
  cache: Record<string, never>;
  timings: HarTimings;
  serverIPAddress?: string;
  connection?: string;
  comment?: string;
  _error?: string;
  _resourceType?: string;
  _webSocketMessages?: HarWebSocketMessage[];
  _proxyctl?: HarEntryInfo;
}

interface HarRequest {
  method: string;
  url: string;
  httpVersion: string;
  cookies: HarCookie[];
  headers: HarNameValue[];
  queryString: HarNameValue[];
  postData?: HarPostData;
  headersSize: number;
  /** Bytes on the wire, -1 unknown. */
  bodySize: number;
}

export interface HarPostData {
  mimeType: string;
  /** The body as text (or base64, see `encoding`), left out when it is large: docs/decisions/0002. */
  text?: string;
  params?: HarNameValue[];
  encoding?: 'base64';
  comment?: string;
  /** As Playwright has it: a file beside the HAR that holds the body. Our store has `_sha256` instead. */
  _file?: string;
  /** SHA-256 (hex) of the body's wire bytes: their name in the store's `bodies/sha256/`. */
  _sha256?: string;
}

export interface HarResponse {
  /** 0 when no response came; then the entry has `_error`. */
  status: number;
  statusText: string;
  httpVersion: string;
  cookies: HarCookie[];
  headers: HarNameValue[];
  content: HarContent;
  redirectURL: string;
  headersSize: number;
  bodySize: number;
  _transferSize?: number;
}

export interface HarContent {
  /** Bytes of the decoded body; of the wire bytes where it could not be decoded. */
  size: number;
  compression?: number;
  mimeType: string;
  /** The body with its content encoding undone, as text or base64; left out when it is large: docs/decisions/0002. */
  text?: string;
  encoding?: 'base64';
  comment?: string;
  /** As Playwright has it: a file beside the HAR that holds the decoded body. Our store has `_sha256` instead. */
  _file?: string;
  /**
   * SHA-256 (hex) of the wire bytes (content encoding kept, transfer encoding undone): their name in the store's
   * `bodies/sha256/`.
   */
  _sha256?: string;
}

export type HarTimings = RecordedTimings;

export type HarWebSocketMessage = RecordedMessage;

/** What HAR has no word for. */
export interface HarEntryInfo {
  index: number;
  id: string;
  /** Headers in wire order with case; the HAR lists hold the same, this says that they are exact. */
  rawHeaders?: true;
  /** Milliseconds since 1970, with the fraction that `startedDateTime` leaves out. */
  startedAt?: number;
  /** What the HAR timings were made from, in milliseconds since the start. */
  timings?: ExchangeTimings;
  servedBy?: ServedBy;
  serverPort?: number;
  /** Not all of the body came. */
  requestTruncated?: true;
  responseTruncated?: true;
  requestTrailers?: HarNameValue[];
  responseTrailers?: HarNameValue[];
  informational?: { status: number; headers: HarNameValue[] }[];
  /** How the messages of a call alternated with those of its response. */
  dialogue?: Dialogue;
  /** When the pieces of a streamed response came. */
  pieces?: StreamPiece[];
  error?: { kind: FailureKind; phase: FailurePhase; message: string; systemCode?: string; bytesReceived?: number };
  tunnel?: HarTunnel;
  faults?: unknown[];
  [key: string]: unknown;
}

type HarTunnel = RecordedTunnel;
