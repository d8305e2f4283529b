import { ProxyctlError, type ErrorCode } from '../errors/index.js';

/**
 * How an exchange failed. `refused`, `dns`, `tls`, `timeout`, `unreachable` and `forbidden` (by this proxy) happen
 * before a connection is there; `reset` and `closed` (an early end of the stream) at any time after; `protocol` is a
 * response that is not HTTP. `aborted` means that the client went away. Recorded as HAR `_error`, and replayed as the
 * same failure.
 */
export type FailureKind =
  'refused' | 'dns' | 'tls' | 'timeout' | 'unreachable' | 'forbidden' | 'reset' | 'closed' | 'protocol' | 'aborted';

export type FailurePhase = 'connect' | 'request' | 'response';

interface FailureDetails {
  kind: FailureKind;
  phase: FailurePhase;
  host: string;
  port: number;
  /** The system's or TLS library's code: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, … */
  systemCode?: string;
}

const codes: Partial<Record<FailureKind, ErrorCode>> = {
  timeout: 'PROXYCTL_UPSTREAM_TIMEOUT',
  forbidden: 'PROXYCTL_TARGET_REFUSED',
};

/** The backend could not be reached, or broke off. */
export class UpstreamError extends ProxyctlError {
  readonly details: FailureDetails;

  constructor(details: FailureDetails, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(codes[details.kind] ?? 'PROXYCTL_UPSTREAM', message, {
      ...options,
      data: { ...details },
    });
    this.details = details;
  }
}
