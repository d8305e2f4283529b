import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { grpcStatus, UpstreamError, type GrpcStatus } from '../http/index.js';

/**
 * What a failure is to a gRPC client: the status that it would see if the connection were its own, with our message and
 * hint. A backend that cannot be reached or breaks off is `UNAVAILABLE`, one that stays silent for too long
 * `DEADLINE_EXCEEDED`.
 */
export function grpcFailureOf(error: unknown): { status: GrpcStatus; message: string } {
  return { status: statusOf(error), message: textOf(error) };
}

function statusOf(error: unknown): GrpcStatus {
  if (error instanceof UpstreamError) {
    const { kind, phase } = error.details;
    if (kind === 'protocol') return grpcStatus.internal;
    if (kind === 'timeout' && phase !== 'connect') return grpcStatus.deadlineExceeded;
    return grpcStatus.unavailable;
  }
  const code = error instanceof ProxyctlError ? error.code : undefined;
  if (code === 'PROXYCTL_BAD_REQUEST') return grpcStatus.invalidArgument;
  if (code === 'PROXYCTL_UPSTREAM') return grpcStatus.unavailable;
  return grpcStatus.internal;
}

function textOf(error: unknown): string {
  if (!(error instanceof ProxyctlError)) return messageOf(error);
  const cause = error.cause === undefined ? undefined : (systemCode(error.cause) ?? messageOf(error.cause));
  const shown = cause === undefined || error.message.includes(cause) ? '' : ` (${cause})`;
  return `${error.code}: ${error.message}${shown}${error.hint === undefined ? '' : `. ${error.hint}`}`;
}
