import { ProxyctlError } from '../../errors/index.js';
import { authorityOf, hasHeader, headerValues, urlOf, withHeader, type HttpRequest } from '../../http/index.js';
import { connectionOptions } from '../hop-by-hop.js';
import type { ParentProxy } from '../../protocol/parent-proxy.js';

interface RequestHead {
  /** Latin1, with the empty line. */
  text: string;
  /** Whether the body goes in chunked coding. */
  chunked: boolean;
  /** Whether it asks to change the protocol. */
  upgrade: boolean;
  /** Whether the body waits for `100 Continue`. */
  expectContinue: boolean;
}

/**
 * Writes a request's head for our own connection to the server: the headers as the client sent them, in order and case,
 * but for those that concern the client's connection to us (RFC 9110 §7.6.1). `Connection` keeps its place and says
 * what holds for ours. The framing follows the body: its length may have been changed on the way. A parent proxy
 * (`via`) is asked in absolute form.
 */
export function requestHead(asked: HttpRequest, via?: ParentProxy): RequestHead {
  const request = asked.httpVersion === 'HTTP/2.0' ? asHttp1(asked) : asked;
  const { headers, body } = request;
  const { named, upgrade } = connectionOptions(headers);
  const head: RequestHead = { text: '', chunked: false, upgrade: false, expectContinue: false };
  let text = `${request.method} ${via === undefined ? request.target : absoluteTarget(request)} HTTP/1.1\r\n`;
  let hasConnection = false;
  let hasLength = false;
  head.upgrade = upgrade && headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'upgrade');
  head.chunked = body.length === undefined || isChunked(request);
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    let value = headers[i + 1] as string;
    switch (name.length) {
      case 2:
        if (is(name, 'te') && !/^\s*trailers\s*$/i.test(value)) continue;
        break;
      case 6:
        if (is(name, 'expect') && /100-continue/i.test(value)) head.expectContinue = true;
        break;
      case 7:
        if (is(name, 'upgrade') && !head.upgrade) continue;
        break;
      case 10:
        if (is(name, 'keep-alive')) continue;
        if (is(name, 'connection')) {
          if (hasConnection) continue;
          hasConnection = true;
          value = head.upgrade ? value : named.has('te') ? 'keep-alive, TE' : 'keep-alive';
        }
        break;
      case 14:
        if (is(name, 'http2-settings')) continue;
        if (is(name, 'content-length')) {
          if (head.chunked || hasLength) continue;
          hasLength = true;
          value = Number(value) === body.length ? value : String(body.length);
        }
        break;
      case 16:
        if (is(name, 'proxy-connection')) continue;
        break;
      case 19:
        if (is(name, 'proxy-authorization')) continue;
        break;
    }
    if (named.size > 0 && name.length !== 2 && named.has(name.toLowerCase())) continue;
    if (value.includes('\n') || value.includes('\r')) throw splitHeader(name);
    text += `${name}: ${value}\r\n`;
  }
  if (head.chunked && !isChunked(request)) text += 'Transfer-Encoding: chunked\r\n';
  if (!head.chunked && !hasLength && body.length !== 0) text += `Content-Length: ${body.length ?? 0}\r\n`;
  if (via?.authorization !== undefined) text += `Proxy-Authorization: ${via.authorization}\r\n`;
  head.text = `${text}\r\n`;
  return head;
}

/** `OPTIONS *` keeps an empty path on its way through a proxy (RFC 9112 §3.2.4). */
function absoluteTarget(request: HttpRequest): string {
  return request.target === '*' ? urlOf({ ...request, target: '' }) : urlOf(request);
}

/** What HTTP/2 says otherwise: the host by `:authority`, and cookies in several fields (RFC 9113 §8.2.3, §8.3.1). */
function asHttp1(request: HttpRequest): HttpRequest {
  const cookies = headerValues(request.headers, 'cookie');
  const headers = cookies.length < 2 ? request.headers : withHeader(request.headers, 'cookie', cookies.join('; '));
  return {
    ...request,
    headers: hasHeader(headers, 'host') ? headers : ['Host', authorityOf(request), ...headers],
  };
}

function isChunked({ headers }: HttpRequest): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 17 && is(name, 'transfer-encoding')) return true;
  }
  return false;
}

function is(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}

/** Only a rule can have made such a value; a client's never gets past the server's parser. */
function splitHeader(name: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_BAD_REQUEST', `The header ${name} holds a line break`, {
    hint: 'Check the rules of this session that set headers.',
  });
}
