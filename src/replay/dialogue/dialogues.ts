import {
  frameEnds,
  header,
  type Exchange,
  type HttpRequest,
  type RecordedExchange,
  type RecordedExchanges,
} from '../../http/index.js';
import type { MatchResult, Comparison } from '../match/comparison.js';
import { incomingRequest } from '../request/incoming-request.js';
import { answeredAt } from '../loaded/facts.js';
import { prepareRequest, type MatchContext } from '../match/prepared-request.js';
import type { RunClock } from '../loaded/run-clock.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf, recordedRequest } from '../loaded/recorded-request.js';
import type { ServedExchanges } from '../select/served.js';
import type { LiveRequest } from './live-request.js';
import { scriptOf, type DialogueScript } from './script.js';

export interface DialoguesInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  context: MatchContext;
  comparison: Comparison;
  served: ServedExchanges;
  clock: RunClock;
}

export interface ChosenDialogue {
  position: number;
  recorded: RecordedExchange;
  script: DialogueScript;
  matchResult: MatchResult;
}

/** Finds the recorded call that a call goes on like while its request is still open. */
export class Dialogues {
  readonly #init: DialoguesInit;
  readonly #positions: number[];
  readonly #scripts = new Map<number, Promise<DialogueScript>>();

  constructor(init: DialoguesInit) {
    this.#init = init;
    const { exchanges } = init;
    this.#positions = [...positionsOf(exchanges)].filter((position) => exchanges.outline(position).isDialogue);
  }

  /** Whether a request may be one: gRPC and Connect alternate messages. */
  concern({ headers, body }: HttpRequest): boolean {
    if (this.#positions.length === 0 || body.length === 0) return false;
    return /^application\/(?:grpc|connect)\b/i.test(header(headers, 'content-type') ?? '');
  }

  /**
   * The first recorded call, in order, that is not used and whose request begins like this one, up to where its
   * response began. Undefined once the request has ended without being one.
   */
  async choose(exchange: Exchange, live: LiveRequest): Promise<ChosenDialogue | undefined> {
    for (;;) {
      if (live.over) return undefined;
      const sent = frameEnds(live.data).length;
      for (const position of this.#positions) {
        if (this.#init.served.isUsed(position)) continue;
        const recorded = this.#init.exchanges.get(position);
        const script = await this.#script(position, recorded);
        const needed = Math.min(...script.answers.map(({ after }) => after));
        if (needed > sent) continue;
        const matchResult = this.compare(exchange, recorded, script, needed, cut(live.data, needed));
        if (matchResult?.differences.length === 0) return { position, recorded, script, matchResult };
      }
      if (frameEnds(live.data).length === sent) await live.changed();
    }
  }

  /** The first messages of the request, so many, beside what was recorded of them; Infinity: all. */
  compare(
    exchange: Exchange,
    recorded: RecordedExchange,
    { request }: DialogueScript,
    frames: number,
    data: Buffer,
  ): MatchResult | undefined {
    const { context, comparison, clock } = this.#init;
    const past = recordedRequest(recorded, frames === Infinity ? request : cut(request, frames));
    if (past === undefined) return undefined;
    const incoming = incomingRequest(exchange.request, data, context.redactor);
    const facts = {
      position: recorded.index,
      method: recorded.method,
      startedAt: recorded.startedAt,
      answeredAt: answeredAt(recorded),
      isRead: false,
      status: recorded.response?.status ?? 0,
      responseHeaders: recorded.response?.headers ?? [],
    };
    const now = clock.ofRequest(exchange);
    return comparison.ofAll(prepareRequest(past, context), prepareRequest(incoming, context), facts, now);
  }

  #script(position: number, { body, response }: RecordedExchange): Promise<DialogueScript> {
    let script = this.#scripts.get(position);
    if (script === undefined) {
      const { bodies } = this.#init;
      const dialogue = response?.dialogue ?? { turns: [] };
      script = Promise.all([bodies.get(body), bodies.get(response?.body)]).then(([request, answer]) =>
        scriptOf(dialogue, request, answer, response?.pieces),
      );
      this.#scripts.set(position, script);
    }
    return script;
  }
}

function cut(data: Buffer, frames: number): Buffer {
  return data.subarray(0, frames === 0 ? 0 : (frameEnds(data)[frames - 1] ?? data.length));
}
