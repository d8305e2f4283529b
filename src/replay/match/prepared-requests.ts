import { LRUCache } from 'lru-cache';
import { decodeContent, header, withoutHeaders, type HttpRequest } from '../../http/index.js';
import { incomingRequest } from '../request/incoming-request.js';
import { parseMediaType } from '../request/media-type.js';
import { textInBase64 } from '../request/text/base64.js';
import { decodeText } from '../request/text/charset.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from './prepared-request.js';

export interface Incoming {
  incoming: ComparableRequest;
  prepared: PreparedRequest;
}

const maxKept = 500;
/** Requests with larger bodies are prepared each time. */
const maxKeptBytes = 4096;

/** Requests made ready to be looked up; those that are equal to the last character are made ready once. */
export class PreparedRequests {
  readonly #context: MatchContext;
  readonly #kept = new LRUCache<string, Incoming>({ max: maxKept });
  /** What secrets were known when they were made ready. */
  #secrets = 0;

  constructor(context: MatchContext) {
    this.#context = context;
  }

  of(request: HttpRequest, body: Buffer): Incoming {
    if (body.length > maxKeptBytes) return this.#prepare(request, body);
    const { method, scheme, host, port, target, headers } = request;
    const key = `${method} ${scheme}://${host}:${port}${target}\n${headers.join('\n')}\n\n${body.toString('latin1')}`;
    const known = this.#kept.get(key);
    if (known !== undefined && this.#secrets === this.#version()) return known;
    const incoming = this.#prepare(request, body);
    if (this.#secrets !== this.#version()) this.#kept.clear(); // the request told a secret that others may hold
    this.#secrets = this.#version();
    this.#kept.set(key, incoming);
    return incoming;
  }

  /** The request with the recorded names put back. Not kept: names are announced as a run goes on. */
  ofNames(request: HttpRequest, body: Buffer, putBack: (text: string) => string): Incoming {
    const headers = request.headers.map((text, i) => (i % 2 === 0 ? text : throughBasic(text, putBack)));
    const plain = decodeContent(body, header(request.headers, 'content-encoding')) ?? body;
    const text = decodeText(plain, parseMediaType(header(headers, 'content-type')));
    const named = text.isGuess ? text.text : putBack(text.text);
    const changed = named === text.text ? body : text.encode(named);
    const plainHeaders = changed === body ? headers : withoutHeaders(headers, new Set(['content-encoding']));
    return this.#prepare({ ...request, target: putBack(request.target), headers: plainHeaders }, changed);
  }

  #version(): number {
    return this.#context.redactor?.version ?? 0;
  }

  #prepare(request: HttpRequest, body: Buffer): Incoming {
    const incoming = incomingRequest(request, body, this.#context.redactor);
    return { incoming, prepared: prepareRequest(incoming, this.#context) };
  }
}

/** Changes a header; of the credentials of Basic (RFC 7617 §2) what they say. */
function throughBasic(value: string, change: (text: string) => string): string {
  const [, scheme = '', encoded = ''] = /^(Basic\s+)([\w+/-]+={0,2})$/i.exec(value) ?? [];
  const plain = encoded === '' ? undefined : textInBase64(encoded);
  const changed = plain === undefined ? undefined : change(plain);
  return changed === undefined || changed === plain ? change(value) : scheme + Buffer.from(changed).toString('base64');
}
