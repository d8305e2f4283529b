import {
  UpstreamError,
  urlOf,
  type Exchange,
  type HttpRequest,
  type HttpResponse,
  type RawHeaders,
  type RecordedExchange,
  type RecordedExchanges,
} from '../../http/index.js';
import { missMessage, missReport, type MissReport } from '../explain/miss.js';
import type { RunClock } from '../loaded/run-clock.js';
import type { Correlation } from '../match/correlation.js';
import type { ValueGraph } from '../match/value-graph.js';
import { maxHangMs, recordedFailure } from '../respond/recorded-response.js';
import type { Timing } from '../respond/timing.js';
import type { ResponseRewriter } from '../respond/rewrite/response-rewriter.js';
import { releaseOnAbort } from '../select/release-on-abort.js';
import type { ServedExchanges } from '../select/served.js';
import { dialogueBody } from './dialogue-body.js';
import { Dialogues, type ChosenDialogue, type DialoguesInit } from './dialogues.js';
import { LiveRequest } from './live-request.js';

interface DialogueResponderInit extends Omit<DialoguesInit, 'clock'> {
  exchanges: RecordedExchanges;
  values: ValueGraph;
  correlation: Correlation;
  rewriter: ResponseRewriter;
  served: ServedExchanges;
  clock: RunClock;
  timing: Timing;
  onMiss: (report: MissReport) => void;
}

/** Responds to calls whose messages alternate with those of their responses, while their requests are still open. */
export class DialogueResponder {
  readonly #init: DialogueResponderInit;
  readonly #dialogues: Dialogues;

  constructor(init: DialogueResponderInit) {
    this.#init = init;
    this.#dialogues = new Dialogues(init);
  }

  /** Whether a request may be such a call. */
  concerns(request: HttpRequest): boolean {
    return this.#dialogues.concern(request);
  }

  /**
   * The response; or the whole body of the request where it turned out to be no recorded dialogue. Throws what failed
   * the body.
   */
  async respond(
    exchange: Exchange,
    limitBytes: number,
  ): Promise<HttpResponse | { data: Buffer; trailers: RawHeaders }> {
    const live = new LiveRequest(exchange.request.body, limitBytes);
    await this.#init.values.ready();
    const chosen = await this.#dialogues.choose(exchange, live);
    if (chosen !== undefined) return this.#play(exchange, live, chosen);
    if (live.failed !== undefined) throw live.failed;
    return { data: live.data, trailers: [] };
  }

  #play(
    exchange: Exchange,
    live: LiveRequest,
    { position, recorded, script, matchResult }: ChosenDialogue,
  ): HttpResponse {
    const { served, correlation, rewriter, clock, timing } = this.#init;
    const { notes, request } = exchange;
    served.mark(position);
    releaseOnAbort(served, position, recorded, exchange);
    setImmediate(() => served.answered(position));
    for (const [from, to] of matchResult.pairs) correlation.bind(from, to);
    notes.servedBy = 'recording';
    notes.recordedIndex = position;
    if (recorded.error?.kind === 'aborted') notes.abortedWhenRecorded = true;
    const { status, reason, httpVersion, headers, trailers = [] } = responseOf(recorded);
    const rewritten = (data: Buffer) =>
      rewriter.rewrite({ headers, trailers, data, whole: true }, request.headers, clock.ofResponse(recorded));
    const failure = recorded.error === undefined ? undefined : recordedFailure(recorded.error, exchange);
    const body = dialogueBody({
      ...{ script, live, exchange, timing, hangMs: maxHangMs, trailers: rewritten(Buffer.alloc(0)).trailers },
      failure: failure?.details.kind === 'aborted' ? 'hang' : failure,
      rewritten: (bytes) => rewritten(bytes).data,
      check: (frames, bytes) => {
        const now = this.#dialogues.compare(exchange, recorded, script, frames, bytes);
        if (now?.differences.length !== 0) throw this.#missed(exchange, position, recorded, now?.differences ?? []);
        for (const [from, to] of now.pairs) correlation.bind(from, to);
      },
    });
    return { status, reason, httpVersion, headers: rewritten(Buffer.alloc(0)).headers, body };
  }

  /** What is sent later and is not what was recorded is a miss, and ends the response. */
  #missed(
    exchange: Exchange,
    position: number,
    { method, url }: RecordedExchange,
    differences: NonNullable<Parameters<typeof missReport>[1]>['differences'],
  ): UpstreamError {
    const { index, notes, request } = exchange;
    const { host, port } = request;
    const missed = { index, method: request.method, url: urlOf(request) };
    const report = missReport(missed, { position, method, url, differences });
    this.#init.onMiss(report);
    notes.miss = report;
    return new UpstreamError({ kind: 'protocol', phase: 'response', host, port }, missMessage(report));
  }
}

function responseOf({ response }: RecordedExchange): NonNullable<RecordedExchange['response']> {
  if (response === undefined) throw new Error('A dialogue without a response was chosen');
  return response;
}
