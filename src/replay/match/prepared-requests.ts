import { LRUCache } from 'lru-cache';
import type { HttpRequest } from '../../http/index.js';
import { incomingRequest } from '../request/incoming-request.js';
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

  constructor(context: MatchContext) {
    this.#context = context;
  }

  of(request: HttpRequest, body: Buffer): Incoming {
    if (body.length > maxKeptBytes) return this.#prepare(request, body);
    const { method, scheme, host, port, target, headers } = request;
    const key = `${method} ${scheme}://${host}:${port}${target}\n${headers.join('\n')}\n\n${body.toString('latin1')}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const incoming = this.#prepare(request, body);
    this.#kept.set(key, incoming);
    return incoming;
  }

  #prepare(request: HttpRequest, body: Buffer): Incoming {
    const incoming = incomingRequest(request, body, this.#context.redactor);
    return { incoming, prepared: prepareRequest(incoming, this.#context) };
  }
}
