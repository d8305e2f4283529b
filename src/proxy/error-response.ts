import { STATUS_CODES } from 'node:http';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { Body, grpcError, isGrpc, UpstreamError, type HttpResponse, type RawHeaders } from '../http/index.js';
import { grpcFailureOf } from './grpc-failure.js';

/** How a client may show its credentials (RFC 7617). */
const challenge = 'Basic realm="proxyctl", charset="UTF-8"';

/**
 * What a client is told when there is no response: JSON that names what failed and what to do (status from the error's
 * code). A gRPC call, known by `asked` (its headers), ends with a status of gRPC.
 */
export function errorResponse(error: unknown, asked: RawHeaders = []): HttpResponse {
  const { code, status } =
    error instanceof ProxyctlError
      ? { code: error.code as string, status: error.httpStatus }
      : { code: 'PROXYCTL_INTERNAL', status: 500 };
  if (isGrpc(asked)) {
    const failure = grpcFailureOf(error);
    return grpcError(failure.status, failure.message, ['x-proxyctl-error', code]);
  }
  const body = Body.of(`${JSON.stringify({ error: describe(error, code) }, null, 2)}\n`);
  return {
    status,
    reason: STATUS_CODES[status] ?? '',
    httpVersion: 'HTTP/1.1',
    headers: [
      'Content-Type',
      'application/json; charset=utf-8',
      'Content-Length',
      String(body.length),
      'Cache-Control',
      'no-store',
      'X-Proxyctl-Error',
      code,
      ...(status === 407 ? ['Proxy-Authenticate', challenge] : []),
    ],
    body,
  };
}

/** The same as bytes, for a connection that has no exchange (yet): it closes after them. */
export function errorBytes(error: ProxyctlError, status = error.httpStatus): Buffer {
  const body = `${JSON.stringify({ error: describe(error, error.code) }, null, 2)}\n`;
  return Buffer.from(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nX-Proxyctl-Error: ${error.code}\r\n` +
      (status === 407 ? `Proxy-Authenticate: ${challenge}\r\n` : '') +
      `Connection: close\r\n\r\n${body}`,
  );
}

function describe(error: unknown, code: string): Record<string, unknown> {
  if (!(error instanceof ProxyctlError)) return { code, message: messageOf(error) };
  const details = error instanceof UpstreamError ? error.details : undefined;
  return {
    code,
    message: error.message,
    ...(details === undefined
      ? {}
      : { host: details.host, port: details.port, kind: details.kind, phase: details.phase }),
    ...(error.cause === undefined ? {} : { cause: systemCode(error.cause) ?? messageOf(error.cause) }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
