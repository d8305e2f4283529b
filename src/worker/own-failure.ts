import { ProxyctlError, systemCode } from '../errors/index.js';
import { ClientGoneError, UpstreamError, type Exchange } from '../http/index.js';

/** Errors that tell of what a client asked, and not of us. */
const ofTheClient: ReadonlySet<string> = new Set(['PROXYCTL_BAD_REQUEST', 'PROXYCTL_REPLAY_MISSED']);

/**
 * Whether it is we who failed an exchange (a damaged body, a full disk, a bug), and neither its client, who may have
 * gone away, nor a backend, be it live or as it was recorded.
 */
export function isOwnFailure(error: unknown, exchange: Pick<Exchange, 'onAbort'>): boolean {
  if (error instanceof UpstreamError || error instanceof ClientGoneError) return false;
  if (error instanceof ProxyctlError) return !ofTheClient.has(error.code);
  return !isOfStream(systemCode(error)) && !isGone(exchange);
}

/** What sockets and streams end with: `ECONNRESET`, `ERR_STREAM_PREMATURE_CLOSE`, `ERR_HTTP2_STREAM_ERROR`. */
function isOfStream(code: string | undefined): boolean {
  return code !== undefined && /^(E[A-Z0-9]+|ERR_(STREAM|HTTP2)_\w+)$/.test(code);
}

function isGone(exchange: Pick<Exchange, 'onAbort'>): boolean {
  let gone = false;
  const release = exchange.onAbort(() => (gone = true));
  release();
  return gone;
}
