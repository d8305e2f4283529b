import { opcodes, type RecordedExchanges } from '../../http/index.js';
import { plainBody, type RecordedBodies } from '../loaded/recorded-bodies.js';
import { recordedRequest } from '../loaded/recorded-request.js';
import { prepareRequest, type MatchContext } from '../match/prepared-request.js';
import { valuesAndWords } from '../match/value-words.js';
import { messageRequest } from '../request/message-request.js';
import type { PreparedField } from '../volatile/volatile-value.js';

interface WriteValuesInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  context: MatchContext;
}

/** Larger bodies are not searched for values. */
const maxBytes = 256 * 1024;

/** Which values the requests and responses of recorded writes hold. */
export class WriteValues {
  readonly #init: WriteValuesInit;
  readonly #known = new Map<number, Promise<ReadonlySet<string>>>();

  constructor(init: WriteValuesInit) {
    this.#init = init;
  }

  /** Of the write at a position. */
  of(position: number): Promise<ReadonlySet<string>> {
    let values = this.#known.get(position);
    if (values === undefined) {
      values = this.#search(position);
      this.#known.set(position, values);
    }
    return values;
  }

  /** Of a text by itself: a message, an event, a body. Member names are none. */
  ofText(text: string): Set<string> {
    if (text.length > maxBytes) return new Set();
    const prepared = prepareRequest(
      messageRequest({ opcode: opcodes.text, data: Buffer.from(text) }),
      this.#init.context,
    );
    return new Set(prepared.body.flatMap(valuesOf));
  }

  /** What the response at a position holds and its request has not. */
  async ofResponse(position: number): Promise<ReadonlySet<string>> {
    const { request, response } = await this.#read(position);
    for (const value of request) response.delete(value);
    return response;
  }

  async #search(position: number): Promise<ReadonlySet<string>> {
    const { request, response } = await this.#read(position);
    return new Set([...request, ...response]);
  }

  async #read(position: number): Promise<{ request: string[]; response: Set<string> }> {
    const { exchanges, bodies, context } = this.#init;
    const recorded = exchanges.get(position);
    const wire = recorded.body === undefined ? Buffer.alloc(0) : await bodies.readable(recorded.body);
    const request = wire === undefined || wire.length > maxBytes ? undefined : recordedRequest(recorded, wire);
    const { response } = recorded;
    const answer = response?.body === undefined ? undefined : await bodies.readable(response.body);
    const text = response && answer && plainBody(response, answer)?.toString('utf8');
    return {
      request: request === undefined ? [] : prepareFields(request, context),
      response: this.ofText(text ?? ''),
    };
  }
}

function prepareFields(request: Parameters<typeof prepareRequest>[0], context: MatchContext): string[] {
  const { line, body } = prepareRequest(request, context);
  return [...line, ...body].flatMap(valuesOf);
}

function valuesOf({ field }: PreparedField): string[] {
  return field.type === 'text' || field.type === 'number' ? [...valuesAndWords(field)] : [];
}
