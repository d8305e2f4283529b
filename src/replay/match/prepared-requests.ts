import type { HttpRequest } from '../../http/index.js';
import { askedRequest } from '../request/asked-request.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from './prepared-request.js';

export interface Asked {
  asked: ComparableRequest;
  prepared: PreparedRequest;
}

const maxKept = 500;
/** Requests with larger bodies are prepared each time. */
const maxKeptBytes = 4096;

/** Requests made ready to be looked up; those that are equal to the last character are made ready once. */
export class PreparedRequests {
  readonly #context: MatchContext;
  readonly #kept = new Map<string, Asked>();

  constructor(context: MatchContext) {
    this.#context = context;
  }

  of(request: HttpRequest, body: Buffer): Asked {
    if (body.length > maxKeptBytes) return this.#prepare(request, body);
    const { method, scheme, host, port, target, headers } = request;
    const key = `${method} ${scheme}://${host}:${port}${target}\n${headers.join('\n')}\n\n${body.toString('latin1')}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const asked = this.#prepare(request, body);
    if (this.#kept.size >= maxKept) for (const first of this.#kept.keys()) if (this.#kept.delete(first)) break;
    this.#kept.set(key, asked);
    return asked;
  }

  #prepare(request: HttpRequest, body: Buffer): Asked {
    const asked = askedRequest(request, body, this.#context.redactor);
    return { asked, prepared: prepareRequest(asked, this.#context) };
  }
}
