import { STATUS_CODES } from 'node:http';
import {
  Body,
  decodeContent,
  encodeContent,
  hasHeader,
  header,
  withHeader,
  withoutHeaders,
  type HttpRequest,
  type HttpResponse,
  type RawHeaders,
} from '../http/index.js';
import { editJson, NotJson } from './json-edit.js';
import type { HeaderChange, JsonChange, PairChange, RequestChange, ResponseChange } from './model.js';
import { grpcResponse, isCall } from './grpc-response.js';
import { messageCarrier, readMessages } from './message-body.js';
import { editProtobuf, NotProtobuf } from './protobuf-edit.js';
import { isForm } from './request-facts.js';

/** What a changed body makes untrue (RFC 9530, RFC 3230, RFC 1864). */
const digests = new Set(['digest', 'content-digest', 'repr-digest', 'content-md5']);
/** What could keep a backend from sending the whole body. */
const conditions = new Set(['if-none-match', 'if-modified-since', 'if-range', 'range']);

/** A change that could not be made, in words. */
export type Problem = string;

/** Whether the change needs the request's body. */
export function changesBody({ modify_form, modify_json }: RequestChange): boolean {
  return modify_form !== undefined || modify_json !== undefined;
}

/** The request with the change; `body` is its whole body, where `changesBody` says that it is needed. */
export function changedRequest(
  request: HttpRequest,
  change: RequestChange,
  body: Buffer | undefined,
  problems: Problem[],
): HttpRequest {
  const { headers, modify_query, modify_form, modify_json } = change;
  let changed = { ...request, headers: changedHeaders(request.headers, headers) };
  if (modify_query !== undefined) changed.target = changedTarget(request.target, modify_query);
  if (body === undefined) return changed;
  let bytes = body;
  if (modify_form !== undefined) {
    if (isForm(request))
      bytes = reworked(
        bytes,
        request.headers,
        asText((text) => changedPairs(text, modify_form)),
        problems,
      );
    else problems.push('the request has no URL-encoded form');
  }
  if (modify_json !== undefined) bytes = withValues(bytes, request.headers, modify_json, problems);
  if (bytes !== body) changed = { ...changed, ...sized(changed.headers, bytes), body: Body.of(bytes) };
  return changed;
}

/** A request that will be answered whole, so that there is something to modify. */
export function unconditional(request: HttpRequest): HttpRequest {
  return { ...request, headers: withoutHeaders(request.headers, conditions) };
}

/** The response that a mock gives by itself; undefined where it is one of gRPC and the request is no call. */
export function builtinResponse(request: HttpRequest, change: ResponseChange): HttpResponse | undefined {
  const { response, status = 200, headers } = change;
  if (response !== undefined && ('base64' in response || 'grpc_status' in response)) {
    const message = response.base64 === undefined ? undefined : Buffer.from(response.base64, 'base64');
    const grpc = 'grpc_status' in response ? response : undefined;
    if (isCall(request)) {
      const text = grpc?.grpc_message;
      const answer = grpcResponse(request, {
        status: grpc?.grpc_status ?? 0,
        ...(message === undefined ? {} : { message }),
        ...(text === undefined ? {} : { text }),
      });
      return { ...answer, headers: changedHeaders(answer.headers, headers) };
    }
    if (grpc !== undefined || message === undefined) return undefined;
    const own = ['Content-Type', 'application/octet-stream', 'Content-Length', String(message.length)];
    const body = Body.of(message);
    return { ...reasoned(status), httpVersion: 'HTTP/1.1', headers: changedHeaders(own, headers), body };
  }
  const json = response !== undefined && 'json' in response;
  const text = response === undefined ? '' : 'json' in response ? JSON.stringify(response.json) : response.text;
  const body = Body.of(text);
  const type = `${json ? 'application/json' : 'text/plain'}; charset=utf-8`;
  const own = ['Content-Type', type, 'Content-Length', String(body.length)];
  return { ...reasoned(status), httpVersion: 'HTTP/1.1', headers: changedHeaders(own, headers), body };
}

/** A backend's response with the change. Reads its body whole where `modify` is asked for. */
export async function changedResponse(
  answer: HttpResponse,
  { modify, headers, status }: ResponseChange,
  problems: Problem[],
): Promise<HttpResponse> {
  const changed = {
    ...answer,
    ...(status === undefined ? {} : reasoned(status)),
    headers: changedHeaders(answer.headers, headers),
  };
  if (modify === undefined || answer.upgraded !== undefined) return changed;
  if (answer.body.length === 0) {
    problems.push('the answer has no body');
    return changed;
  }
  const { data, trailers } = await answer.body.bytes();
  const bytes = withValues(data, answer.headers, modify, problems);
  const body = Body.of(bytes, trailers);
  return bytes === data ? { ...changed, body } : { ...changed, ...sized(changed.headers, bytes), body };
}

/** `PUT` sets a header (in place, if it is there), `DELETE` takes all of a name out. */
function changedHeaders(headers: RawHeaders, { PUT = {}, DELETE = [] }: HeaderChange = {}): RawHeaders {
  const kept =
    DELETE.length === 0 ? headers : withoutHeaders(headers, new Set(DELETE.map((name) => name.toLowerCase())));
  return Object.entries(PUT).reduce((result, [name, value]) => withHeader(result, name, value), kept);
}

function changedTarget(target: string, change: PairChange): string {
  const mark = target.indexOf('?');
  const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
  const changed = changedPairs(query, change);
  return changed === '' ? path : `${path}?${changed}`;
}

/** Pairs that are not named stay as they were written. A named one keeps its place, a new one comes last. */
function changedPairs(text: string, change: PairChange): string {
  const left = new Map(Object.entries(change));
  const seen = new Set<string>();
  const pairs = text === '' ? [] : text.split('&');
  const result = pairs.flatMap((pair) => {
    const name = decode(pair.split('=', 1)[0] ?? '');
    const value = change[name];
    if (value === undefined) return [pair];
    left.delete(name);
    if (seen.has(name)) return [];
    seen.add(name);
    return written(name, value);
  });
  for (const [name, value] of left) result.push(...written(name, value));
  return result.join('&');
}

function written(name: string, value: PairChange[string]): string[] {
  if (value === null) return [];
  return [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`);
}

function decode(text: string): string {
  return new URLSearchParams(`${text}=`).keys().next().value ?? text;
}

/** A body with these values by JSONPath: in JSON, or in messages of protobuf by the numbers of their fields. */
function withValues(bytes: Buffer, headers: RawHeaders, change: JsonChange, problems: Problem[]): Buffer {
  const carrier = messageCarrier(header(headers, 'content-type'));
  let found = 0;
  const counted = <T extends { changed: number }>(edited: T): T => {
    found += edited.changed;
    return edited;
  };
  const edit =
    carrier === undefined
      ? asText((text) => counted(editJson(text, change)).text)
      : (data: Buffer): Buffer => {
          const body = readMessages(data, carrier, header(headers, 'grpc-encoding'));
          if (body === undefined) throw new NotProtobuf('The body holds no whole messages');
          return body.write(body.messages.map((message) => counted(editProtobuf(message, change)).data));
        };
  const before = problems.length;
  const edited = reworked(bytes, headers, edit, problems);
  if (found === 0 && problems.length === before) problems.push('its JSONPaths found nothing');
  return edited;
}

/** An edit of text as one of bytes. */
function asText(edit: (text: string) => string): (plain: Buffer) => Buffer {
  return (plain) => {
    const text = plain.toString();
    if (!Buffer.from(text).equals(plain)) throw new NotJson('it is not UTF-8');
    const edited = edit(text);
    return edited === text ? plain : Buffer.from(edited);
  };
}

/** The same body changed, in the content coding that it came in. */
function reworked(bytes: Buffer, headers: RawHeaders, edit: (plain: Buffer) => Buffer, problems: Problem[]): Buffer {
  const coding = header(headers, 'content-encoding');
  const plain = decodeContent(bytes, coding);
  if (plain === undefined) {
    problems.push(`the body is not in its Content-Encoding ${JSON.stringify(coding)}, or that is not known`);
    return bytes;
  }
  try {
    const edited = edit(plain);
    return edited.equals(plain) ? bytes : encodeContent(edited, coding, bytes);
  } catch (error) {
    if (error instanceof NotJson) problems.push(`the body is not JSON: ${error.message}`);
    else if (error instanceof NotProtobuf) problems.push(error.message);
    else throw error;
    return bytes;
  }
}

/** Headers that are true of this body again. */
function sized(headers: RawHeaders, bytes: Buffer): { headers: RawHeaders } {
  const kept = withoutHeaders(headers, digests);
  const length = String(bytes.length);
  return { headers: hasHeader(kept, 'content-length') ? withHeader(kept, 'Content-Length', length) : kept };
}

function reasoned(status: number): { status: number; reason: string } {
  return { status, reason: STATUS_CODES[status] ?? '' };
}
