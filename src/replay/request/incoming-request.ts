import {
  createRedactor,
  redactionInfo,
  type FoundSecret,
  type RedactionInfo,
  type Redactor,
} from '../../har/redaction/index.js';
import type { HarRecordingInfo } from '../../har/har.js';
import { decodeContent, header, type HttpRequest, type WebSocketMessage } from '../../http/index.js';
import { comparableRequest, type ComparableRequest } from './comparable-request.js';

/** How a recording was redacted; undefined: it has no secrets that were replaced. */
export function redactionOf(info: HarRecordingInfo): RedactionInfo | undefined {
  return redactionInfo.safeParse(info.redaction).data;
}

/**
 * What requests have to go through before they can be compared with a recording without its secrets; undefined: it has
 * none that were replaced. `onSecret` hears of those that are.
 */
export function redactorOf(
  redaction: RedactionInfo | undefined,
  onSecret: (found: FoundSecret) => void = () => undefined,
): Redactor | undefined {
  return redaction && createRedactor(redaction, { comeBack: true, onSecret });
}

/**
 * A request that was asked, its secrets replaced as they were in the recording: the same ones are equal there and here.
 */
export function incomingRequest(request: HttpRequest, body: Buffer, redactor: Redactor | undefined): ComparableRequest {
  if (redactor === undefined) return comparableRequest(request, body);
  const { version } = redactor;
  const incoming = redacted(request, body, redactor);
  // what its body tells is a secret in its URL
  return redactor.version === version ? incoming : redacted(request, body, redactor);
}

function redacted(request: HttpRequest, body: Buffer, redactor: Redactor): ComparableRequest {
  const headers = redactor.headers(request.headers);
  const incoming = comparableRequest({ ...request, target: redactor.url(request.target), headers }, body);
  if (incoming.body.length === 0) return incoming;
  const plain = decodeContent(body, header(headers, 'content-encoding')) ?? body;
  const changed = redactor.body(plain, header(headers, 'content-type'), header(headers, 'grpc-encoding'));
  return changed === undefined ? incoming : { ...incoming, body: changed };
}

/** A message of a client, its secrets replaced as they were in the recording. */
export function incomingMessage(message: WebSocketMessage, redactor: Redactor | undefined): WebSocketMessage {
  if (redactor === undefined) return message;
  const { opcode, data } = message;
  if (opcode === 1) return { ...message, data: Buffer.from(redactor.text(data.toString('utf8'), 'application/json')) };
  const redacted = redactor.body(data, 'application/octet-stream');
  return redacted === undefined ? message : { ...message, data: redacted };
}
