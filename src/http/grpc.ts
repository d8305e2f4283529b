import { Body } from './body.js';
import { header, type RawHeaders } from './headers.js';
import type { HttpResponse } from './message.js';

/** The codes of gRPC that we answer with ourselves (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcStatus = { invalidArgument: 3, deadlineExceeded: 4, internal: 13, unavailable: 14 } as const;

export type GrpcStatus = (typeof grpcStatus)[keyof typeof grpcStatus];

/** Bytes of a message before its encoding: clients take 8 KiB for all metadata of a response. */
const maxMessageBytes = 1500;

/** Whether these are the headers of a gRPC call or its response. gRPC-Web is not: its clients read errors as HTTP. */
export function isGrpc(headers: RawHeaders): boolean {
  return /^application\/grpc(?:[+;]|\s*$)/i.test(header(headers, 'content-type') ?? '');
}

/** The fields that end a call: status, and the message percent-encoded (gRPC over HTTP/2, "Responses"). */
export function grpcTrailers(status: number, message: string): RawHeaders {
  return ['grpc-status', String(status), 'grpc-message', encoded(message)];
}

/**
 * A response that is an error alone ("Trailers-Only"): one block of headers and no body, with `more` among the headers.
 */
export function grpcError(status: GrpcStatus, message: string, more: RawHeaders = []): HttpResponse {
  return {
    status: 200,
    reason: 'OK',
    httpVersion: 'HTTP/2.0',
    headers: ['content-type', 'application/grpc', ...grpcTrailers(status, message), ...more],
    body: Body.empty(),
  };
}

function encoded(message: string): string {
  const bytes = Buffer.from(message);
  const kept = bytes.length > maxMessageBytes ? `${bytes.toString('utf8', 0, maxMessageBytes - 3)}...` : message;
  return Buffer.from(kept)
    .toString('latin1')
    .replace(/[^ -$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
