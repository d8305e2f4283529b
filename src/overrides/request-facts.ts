import { query } from 'json-p3';
import { decodeContent, header, type HttpRequest, type MessageCarrier } from '../http/index.js';
import { parseJson } from './json-edit.js';
import { messageCarrier, readMessages } from './message-body.js';
import { parseMessage, protobufView } from './protobuf-edit.js';

/** What predicates look at in a request. `body` is what came of it, where it was read. */
export class RequestFacts {
  readonly path: string;
  readonly query: URLSearchParams;
  #form: URLSearchParams | undefined;
  #json: { value: unknown } | undefined;

  constructor(
    readonly request: HttpRequest,
    readonly body: Buffer | undefined,
  ) {
    const mark = request.target.indexOf('?');
    this.path = mark < 0 ? request.target : request.target.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? '' : request.target.slice(mark + 1));
  }

  /** Of a URL-encoded body; empty for any other. */
  get form(): URLSearchParams {
    this.#form ??= new URLSearchParams(isForm(this.request) ? (this.text() ?? '') : '');
    return this.#form;
  }

  /** Values of a parameter in the query, then in the form. */
  values(name: string): string[] {
    return [...this.query.getAll(name), ...this.form.getAll(name)];
  }

  /** What a JSONPath finds in a body that is JSON, or protobuf by the numbers of its fields. */
  find(path: string): unknown[] {
    this.#json ??= { value: this.#parse() };
    const { value } = this.#json;
    return value === undefined ? [] : query(path, value as never).nodes.map((node) => node.value);
  }

  #parse(): unknown {
    const carrier = messageCarrier(header(this.request.headers, 'content-type'));
    if (carrier !== undefined) return this.#messages(carrier);
    const text = this.text();
    if (text === undefined || text.trim() === '') return undefined;
    try {
      return parseJson(text);
    } catch {
      return undefined; // not JSON: no path finds anything in it
    }
  }

  /** The view of its message, or a list of those of several. */
  #messages(carrier: MessageCarrier): unknown {
    const plain = this.#plain();
    const body = plain && readMessages(plain, carrier, header(this.request.headers, 'grpc-encoding'));
    try {
      const views = body?.messages.map((message) => protobufView(parseMessage(message)));
      return views?.length === 1 ? views[0] : views;
    } catch {
      return undefined; // no protobuf: no path finds anything in it
    }
  }

  /** The body as text, its content coding undone. */
  text(): string | undefined {
    return this.#plain()?.toString();
  }

  #plain(): Buffer | undefined {
    if (this.body === undefined) return undefined;
    return decodeContent(this.body, header(this.request.headers, 'content-encoding'));
  }
}

export function isForm({ headers }: HttpRequest): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(header(headers, 'content-type') ?? '');
}
