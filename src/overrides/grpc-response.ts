import {
  Body,
  grpcTrailers,
  header,
  isGrpc,
  withHeader,
  writeGrpcFrames,
  type HttpRequest,
  type HttpResponse,
} from '../http/index.js';
import { messageCarrier } from './message-body.js';

/** What a mock answers a call with: a message, or none; and the status that ends it. */
interface GrpcResponse {
  message?: Buffer;
  status: number;
  text?: string;
}

/** The frame of gRPC-Web that holds trailers (github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md). */
const webTrailers = 0x80;

/** Whether a request is a call of gRPC or of gRPC-Web. */
export function isCall({ headers }: HttpRequest): boolean {
  const carrier = messageCarrier(header(headers, 'content-type'));
  return isGrpc(headers) || (carrier !== undefined && carrier !== 'bare' && isWeb(headers));
}

/** The response to a call, by gRPC with trailers or, as its request asks, by gRPC-Web with them in the body. */
export function grpcResponse({ headers }: HttpRequest, { message, status, text }: GrpcResponse): HttpResponse {
  const trailers = text === undefined ? ['grpc-status', String(status)] : grpcTrailers(status, text);
  const frames = message === undefined ? [] : [{ flags: 0, message }];
  const type = header(headers, 'content-type') ?? 'application/grpc';
  const answer = { status: 200, reason: 'OK', httpVersion: 'HTTP/2.0' as const, headers: ['content-type', type] };
  if (!isWeb(headers))
    return frames.length === 0
      ? { ...answer, headers: [...answer.headers, ...trailers], body: Body.empty() }
      : { ...answer, body: Body.of(writeGrpcFrames(frames, undefined), trailers) };
  let lines = '';
  for (let i = 0; i < trailers.length; i += 2) lines += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
  const bytes = writeGrpcFrames([...frames, { flags: webTrailers, message: Buffer.from(lines) }], undefined);
  const body = Body.of(messageCarrier(type) === 'framed-text' ? Buffer.from(bytes.toString('base64')) : bytes);
  return { ...answer, headers: withHeader(answer.headers, 'content-length', String(body.length)), body };
}

function isWeb(headers: HttpRequest['headers']): boolean {
  return /^application\/grpc-web/i.test(header(headers, 'content-type') ?? '');
}
