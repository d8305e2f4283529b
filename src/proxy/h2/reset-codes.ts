import { constants } from 'node:http2';
import { UpstreamError } from '../../http/index.js';

const names = new Map<number, string>();
const codes = new Map<string, number>();
for (const [name, code] of Object.entries(constants)) {
  if (!/^NGHTTP2_[A-Z0-9_]+$/.test(name) || typeof code !== 'number') continue;
  if (!errorNames().has(name)) continue;
  names.set(code, name);
  codes.set(name, code);
}

/** The error codes of RFC 9113 §7 as Node names them. */
function errorNames(): ReadonlySet<string> {
  return new Set(
    [
      ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED'],
      ...['FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM'],
      ...['INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
    ].map((name) => `NGHTTP2_${name}`),
  );
}

/** `NGHTTP2_CANCEL`; the number where RFC 9113 has no name for it. */
export function resetName(code: number | undefined): string {
  return names.get(code ?? constants.NGHTTP2_NO_ERROR) ?? `NGHTTP2_0x${(code ?? 0).toString(16)}`;
}

/** Whether the server itself reset the stream: a client that speaks HTTP/2 gets the same reset. */
export function isStreamReset(error: unknown): boolean {
  return error instanceof UpstreamError && (error.details.systemCode?.startsWith('NGHTTP2_') ?? false);
}

/**
 * What a client's stream is reset with when its response breaks off: the code that the server used, if it reset the
 * stream itself. Never `NO_ERROR`, which clients take for a clean end.
 */
export function resetCodeOf(error: unknown): number {
  const code = error instanceof UpstreamError ? codes.get(error.details.systemCode ?? '') : undefined;
  return code === undefined || code === constants.NGHTTP2_NO_ERROR ? constants.NGHTTP2_INTERNAL_ERROR : code;
}
