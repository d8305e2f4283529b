import { messageOf, systemCode } from '../../errors/index.js';
import { UpstreamError, type FailureKind, type FailurePhase } from '../../http/index.js';

const byCode: Record<string, FailureKind> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  EAI_FAIL: 'dns',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EINVAL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
};

const hints: Partial<Record<FailureKind, (where: string, code: string | undefined) => string>> = {
  refused: () => 'Check that the server is running and listens on this port.',
  dns: () => 'Check the name, and that this machine can resolve it.',
  tls: (where, code) =>
    code !== undefined && /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST/.test(code)
      ? 'The server does not seem to speak TLS on this port: try http:// instead of https://.'
      : `Trust its certificate with --upstream-ca FILE, or skip the check with --insecure-upstream ${where}.`,
  timeout: () => 'Check that the server is reachable from this machine and not overloaded.',
  unreachable: () => 'Check the address and the network of this machine.',
  protocol: () => 'Check that an HTTP server listens on this port, and that the scheme (http or https) is right.',
};

const verbs: Record<FailureKind, string> = {
  refused: 'refused the connection',
  dns: 'could not be found',
  tls: 'could not be reached by TLS',
  timeout: 'did not answer in time',
  unreachable: 'cannot be reached',
  forbidden: 'is not connected to',
  reset: 'reset the connection',
  closed: 'closed the connection early',
  protocol: 'did not answer as HTTP',
  aborted: 'was not waited for',
};

export interface Target {
  host: string;
  port: number;
}

/** A failure of known kind, in one shape: `host:port did what: cause`. */
export function failure(
  kind: FailureKind,
  phase: FailurePhase,
  { host, port }: Target,
  detail: string,
  options: { cause?: unknown; systemCode?: string; hint?: string } = {},
): UpstreamError {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new UpstreamError(
    { kind, phase, host, port, ...(options.systemCode === undefined ? {} : { systemCode: options.systemCode }) },
    `${where} ${verbs[kind]}${detail === '' ? '' : `: ${detail}`}`,
    { cause: options.cause, hint: options.hint ?? hints[kind]?.(host, options.systemCode) },
  );
}

/**
 * What a socket's error means. `otherwise` is the kind of an error without a code that tells (TLS: everything else).
 */
export function failureOf(
  error: unknown,
  phase: FailurePhase,
  target: Target,
  otherwise: FailureKind = 'reset',
): UpstreamError {
  if (error instanceof UpstreamError) return error;
  // Happy eyeballs fail with one error for each address; the first family's is the telling one.
  const cause: unknown = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const code = systemCode(cause) ?? systemCode(error);
  const kind = (code === undefined ? undefined : byCode[code]) ?? otherwise;
  return failure(kind, phase, target, describe(cause), { cause, systemCode: code });
}

/** OpenSSL's own messages are file names and numbers; its `reason` is the part that says something. */
function describe(error: unknown): string {
  const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
  return typeof reason === 'string' && reason !== '' && !messageOf(error).startsWith(reason)
    ? reason
    : messageOf(error).trim();
}
