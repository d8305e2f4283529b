import { header, headerPairs, opcodes, type RecordedExchange, type RecordedExchanges } from '../../http/index.js';
import { answeredAt } from '../loaded/facts.js';
import { prepareRequest, type MatchContext } from './prepared-request.js';
import { eachExchange } from '../loaded/each-exchange.js';
import { plainBody, type RecordedBodies } from '../loaded/recorded-bodies.js';
import { recordedRequest } from '../loaded/recorded-request.js';
import { messageRequest } from '../request/message-request.js';
import type { PreparedField, VolatileValue } from '../volatile/volatile-value.js';
import { parseMediaType } from '../request/media-type.js';
import { decodeText } from '../request/text/charset.js';
import { isIn } from '../request/field-path.js';
import { valuesAndWords, wordsIn } from './value-words.js';

/** Where a value that recorded requests sent stands in the recording. Times are milliseconds since 1970. */
interface Occurrence {
  firstRequested: number;
  /** The exchange whose request had it first. */
  firstRequestedBy: number;
  firstAnswered: number;
  firstAnsweredBy: number | undefined;
  /** Exchanges whose request has it, in order. */
  requests: number[];
  /** Those of them that have it in their path or query. */
  addressed: number[];
  /** Exchanges whose answer has it, in order. */
  answers: number[];
}

/** Bodies over this are not searched for values. */
const maxSearchedBytes = 2 * 1024 * 1024;
/**
 * Where each value that a recorded request sent comes from, and where it comes again: told by an answer before, or
 * first sent by the client. Values are whole fields and the words in them. Found by one search through the recording,
 * made when the first question comes.
 */
export class ValueGraph {
  readonly #exchanges: RecordedExchanges;
  readonly #bodies: RecordedBodies;
  readonly #context: MatchContext;
  readonly #values = new Map<string, Occurrence>();
  #searched: Promise<void> | undefined;

  constructor(exchanges: RecordedExchanges, bodies: RecordedBodies, context: MatchContext) {
    this.#exchanges = exchanges;
    this.#bodies = bodies;
    this.#context = context;
  }

  /** Resolves once the questions below can be answered. */
  ready(): Promise<void> {
    return (this.#searched ??= this.#search());
  }

  /** Whether any recorded request has sent the value. */
  isKnown(value: string): boolean {
    return this.#values.has(value);
  }

  /** The server gave the value out before any request had it. */
  isServerMade(value: string): boolean {
    const found = this.#values.get(value);
    if (found === undefined || found.firstAnsweredBy === undefined) return false;
    if (found.firstAnswered !== found.firstRequested) return found.firstAnswered < found.firstRequested;
    return found.firstAnsweredBy < found.firstRequestedBy;
  }

  /** The position of the exchange whose answer told the value first. */
  firstAnswerOf(value: string): number | undefined {
    return this.#values.get(value)?.firstAnsweredBy;
  }

  /** Positions of the exchanges whose requests have the value, in order. */
  requestsOf(value: string): readonly number[] {
    return this.#values.get(value)?.requests ?? [];
  }

  /** The position of the exchange whose request had the value first. */
  firstRequestOf(value: string): number | undefined {
    return this.#values.get(value)?.firstRequestedBy;
  }

  /** Something else than the request of `position` and its response has the value too, so it stands for a thing. */
  isUsedBeyond(value: string, position: number): boolean {
    const found = this.#values.get(value);
    if (found === undefined) return false;
    return isBeyond(found.requests, position) || isBeyond(found.answers, position);
  }

  /** Another request than that of `position` has the value too. */
  isRequestedBeyond(value: string, position: number): boolean {
    return isBeyond(this.#values.get(value)?.requests ?? [], position);
  }

  /** A request, of `position` or another, names something by the value: it stands in its path or query. */
  isAddress(value: string): boolean {
    return (this.#values.get(value)?.addressed.length ?? 0) > 0;
  }

  isInResponse(value: string, position: number): boolean {
    return this.#values.get(value)?.answers.includes(position) ?? false;
  }

  async #search(): Promise<void> {
    await eachExchange(this.#exchanges, async (recorded, position) => {
      const { body } = recorded;
      const wire = body === undefined ? Buffer.alloc(0) : await this.#bodies.readable(body);
      const request = wire && recordedRequest(recorded, wire);
      if (request === undefined) return;
      const note = (value: string, at: number, addresses = false): void =>
        this.#noteRequest(value, at, position, addresses);
      const prepared = prepareRequest(request, this.#context);
      for (const field of [...prepared.line, ...prepared.body])
        for (const value of valuesOf(field))
          note(value, recorded.startedAt, isIn('path', field.field) || isIn('query', field.field));
      for (const value of prepared.headers.flatMap((found) => found.volatileValues).flatMap(distinctiveValues))
        note(value, recorded.startedAt);
      for (const { type, opcode, data, time } of recorded.webSocketMessages ?? []) {
        if (type !== 'send' || opcode !== opcodes.text) continue;
        const message = prepareRequest(messageRequest({ opcode, data: Buffer.from(data) }), this.#context);
        for (const field of message.body) for (const value of valuesOf(field)) note(value, time * 1000);
      }
    });
    if (this.#values.size === 0) return;
    await eachExchange(this.#exchanges, async (recorded, position) => {
      for (const text of await responseTexts(recorded, this.#bodies)) {
        for (const word of this.#found(text)) this.#noteAnswer(word, answeredAt(recorded), position);
      }
      for (const { type, data, time } of recorded.webSocketMessages ?? []) {
        if (type !== 'receive') continue;
        for (const word of this.#found(data)) this.#noteAnswer(word, time * 1000, position);
      }
    });
  }

  /** Words of a text, and its values that are no words where it is a list of values. */
  *#found(text: string): Iterable<string> {
    yield* wordsIn(text);
    for (const [, value] of text.matchAll(quoted)) if (value !== undefined && /[^\w-]/.test(value)) yield value;
  }

  #noteRequest(value: string, at: number, position: number, addresses: boolean): void {
    let found = this.#values.get(value);
    if (found === undefined) {
      found = {
        firstRequested: at,
        firstRequestedBy: position,
        firstAnswered: Infinity,
        firstAnsweredBy: undefined,
        ...{ requests: [], addressed: [], answers: [] },
      };
      this.#values.set(value, found);
    } else if (at < found.firstRequested) {
      found.firstRequested = at;
      found.firstRequestedBy = position;
    }
    if (found.requests.at(-1) !== position) found.requests.push(position);
    if (addresses && found.addressed.at(-1) !== position) found.addressed.push(position);
  }

  #noteAnswer(value: string, at: number, position: number): void {
    const found = this.#values.get(value);
    if (found === undefined) return;
    if (at < found.firstAnswered) {
      found.firstAnswered = at;
      found.firstAnsweredBy = position;
    }
    if (found.answers.at(-1) !== position) found.answers.push(position);
  }
}

/** Values in quotes, as JSON and attributes have them. */
const quoted = /["']([^"'\\]{3,200})["']/g;

function isBeyond(positions: readonly number[], position: number): boolean {
  return positions.some((other) => other !== position);
}

/** Shorter values are found everywhere by chance. */
export const minDistinctive = 8;

function* valuesOf({ field, volatileValues }: PreparedField): Iterable<string> {
  if (field.type === 'text' || field.type === 'number') yield* valuesAndWords(field);
  for (const value of volatileValues) yield* distinctiveValues(value);
}

function distinctiveValues({ value, word }: VolatileValue): string[] {
  const values = value === word ? [value] : [value, word];
  return values.filter((text) => text.length >= minDistinctive);
}

async function responseTexts({ response }: RecordedExchange, bodies: RecordedBodies): Promise<string[]> {
  if (response === undefined) return [];
  const texts = headerPairs([...response.headers, ...(response.trailers ?? [])]).map(({ value }) => value);
  const wire = response.body === undefined ? Buffer.alloc(0) : await bodies.readable(response.body);
  if (wire === undefined) return texts;
  const data = plainBody(response, wire);
  if (data === undefined || data.length > maxSearchedBytes) return texts;
  return [...texts, decodeText(data, parseMediaType(header(response.headers, 'content-type'))).text];
}
