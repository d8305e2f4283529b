import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  decodeContent,
  header,
  opcodes,
  type RawHeaders,
  type RecordedExchange,
  type RecordedExchanges,
} from '../../http/index.js';
import { answeredAt } from '../loaded/facts.js';
import { prepareRequest, type MatchContext } from './prepared-request.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf, recordedRequest } from '../loaded/recorded-request.js';
import type { VolatileValue } from '../volatile/volatile-value.js';
import { messageRequest } from '../request/message-request.js';

/** Where a volatile value of the recorded requests stands in the recording. */
interface Occurrence {
  /** Milliseconds since 1970. */
  firstRequested: number;
  firstAnswered: number;
  /** Entries whose request has it. */
  requests: Set<number>;
  /** Entries whose answer has it. */
  answers: Set<number>;
}

/** Bodies over this are not searched for values. */
const maxSearchedBytes = 2 * 1024 * 1024;
/** How many exchanges are searched before other work has its turn. */
const sliceSize = 50;

/**
 * For each volatile value that a recorded request sent: did the client make it, or did the server give it before; and
 * who else has it. Found by one search through the recording, made when the first question comes.
 */
export class RecordedValues {
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

  /** The server gave the value out before any request had it. */
  isServerMade(value: string): boolean {
    const found = this.#values.get(value);
    return found !== undefined && found.firstAnswered < found.firstRequested;
  }

  /** Something else than the request of `position` and its response has the value too, so it stands for a thing. */
  isUsedBeyond(value: string, position: number): boolean {
    const found = this.#values.get(value);
    if (found === undefined) return false;
    return [...found.requests, ...found.answers].some((other) => other !== position);
  }

  isInResponse(value: string, position: number): boolean {
    return this.#values.get(value)?.answers.has(position) ?? false;
  }

  async #search(): Promise<void> {
    await this.#eachExchange(async (recorded, position) => {
      const request = recordedRequest(recorded, await this.#bodies.get(recorded.body));
      if (request === undefined) return;
      const prepared = prepareRequest(request, this.#context);
      const volatileValues = [...prepared.volatileValues, ...prepared.headers.flatMap((found) => found.volatileValues)];
      for (const value of volatileValues.flatMap(distinctiveValues))
        this.#noteRequest(value, recorded.startedAt, position);
      for (const { type, opcode, data, time } of recorded.webSocketMessages ?? []) {
        if (type !== 'send' || opcode !== opcodes.text) continue;
        const message = prepareRequest(messageRequest({ opcode, data: Buffer.from(data) }), this.#context);
        for (const value of message.volatileValues.flatMap(distinctiveValues))
          this.#noteRequest(value, time * 1000, position);
      }
    });
    if (this.#values.size === 0) return;
    await this.#eachExchange(async (recorded, position) => {
      for (const text of await responseTexts(recorded, this.#bodies)) {
        for (const token of tokensIn(text)) this.#noteAnswer(token, answeredAt(recorded), position);
      }
      for (const { type, data, time } of recorded.webSocketMessages ?? []) {
        if (type !== 'receive') continue;
        for (const token of tokensIn(data)) this.#noteAnswer(token, time * 1000, position);
      }
    });
  }

  async #eachExchange(visit: (recorded: RecordedExchange, position: number) => Promise<void>): Promise<void> {
    for (const position of positionsOf(this.#exchanges)) {
      await visit(this.#exchanges.get(position), position);
      if (position % sliceSize === 0) await nextTurn();
    }
  }

  #noteRequest(value: string, at: number, position: number): void {
    const found = this.#values.get(value);
    if (found === undefined) {
      const requests = new Set([position]);
      this.#values.set(value, { firstRequested: at, firstAnswered: Infinity, requests, answers: new Set() });
      return;
    }
    found.firstRequested = Math.min(found.firstRequested, at);
    found.requests.add(position);
  }

  #noteAnswer(value: string, at: number, position: number): void {
    const found = this.#values.get(value);
    if (found === undefined) return;
    found.firstAnswered = Math.min(found.firstAnswered, at);
    found.answers.add(position);
  }
}

/** Shorter values are found everywhere by chance. */
export const minDistinctive = 8;

function distinctiveValues({ value, word }: VolatileValue): string[] {
  const values = value === word ? [value] : [value, word];
  return values.filter((text) => text.length >= minDistinctive);
}

async function responseTexts({ response }: RecordedExchange, bodies: RecordedBodies): Promise<string[]> {
  if (response === undefined) return [];
  const texts = headerValuesOf([...response.headers, ...(response.trailers ?? [])]);
  const wire = await bodies.get(response.body);
  const data = response.decoded ? wire : decodeContent(wire, header(response.headers, 'content-encoding'));
  if (data === undefined || data.length > maxSearchedBytes) return texts;
  return [...texts, data.toString(isUtf8(data) ? 'utf8' : 'latin1')];
}

function headerValuesOf(headers: RawHeaders): string[] {
  return headers.filter((_, i) => i % 2 === 1);
}

const run = /[\w-]{8,}/g;
const odd = /[\w+/-]{20,}={0,2}|0\.\d{9,}/g;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** All that could be one of the values: words, the UUIDs and the pieces within them, base64. */
function* tokensIn(text: string): Iterable<string> {
  for (const [word] of text.matchAll(run)) {
    yield word;
    if (word.length > 36) for (const [id] of word.matchAll(uuid)) yield id;
    if (/[_-]/.test(word)) for (const piece of word.split(/[_-]/)) if (piece.length >= minDistinctive) yield piece;
  }
  for (const [word] of text.matchAll(odd)) if (/[+/=.]/.test(word)) yield word;
}
