import type { Exchange, HttpResponse, RecordedExchanges } from '../../http/index.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import type { RunClock } from '../loaded/run-clock.js';
import { Holds } from '../select/holds.js';
import type { ServedExchanges } from '../select/served.js';
import type { WriteHistory } from '../select/write-history.js';
import type { WriteValues } from '../select/write-values.js';
import { recordedResponse } from './recorded-response.js';
import type { Timing } from './timing.js';
import type { BatchOrder } from '../match/batch-order.js';
import type { FixedBodies } from './rewrite/fixed-bodies.js';
import type { Echo } from './rewrite/echoes.js';
import type { Uploads } from './uploads.js';
import type { ResponseRewriter } from './rewrite/response-rewriter.js';

interface ResponderInit {
  exchanges: RecordedExchanges;
  bodies: RecordedBodies;
  rewriter: ResponseRewriter;
  clock: RunClock;
  timing: Timing;
  fixed: FixedBodies;
  uploads: Uploads;
  served: ServedExchanges;
  writes: WriteHistory;
  writeValues: WriteValues;
  /** A part of the stream at `position` waited for the write at `cause`, which was not made. */
  causeMissed: (exchange: Exchange, position: number, cause: number) => void;
}

/** Gives the response that was recorded at a position, as it reads in this run. */
export class Responder {
  readonly #init: ResponderInit;

  constructor(init: ResponderInit) {
    this.#init = init;
  }

  /**
   * `echoes`: what the response repeats of its own request. `order`: of the calls that it answers, where that is
   * another. Rejects with a recorded failure.
   */
  respond(position: number, exchange: Exchange, echoes: readonly Echo[], order?: BatchOrder): Promise<HttpResponse> {
    const { exchanges, bodies, rewriter, clock, timing, fixed, uploads } = this.#init;
    const { served, writes, writeValues, causeMissed } = this.#init;
    const recorded = exchanges.get(position);
    const times = () => clock.ofResponse(recorded);
    const whyFixed = () => (rewriter.mayChange ? fixed.why(position) : undefined);
    return recordedResponse(recorded, exchange, {
      ...{ bodies, rewriter, timing, echoes, order, times, whyFixed, now: () => clock.now() },
      uploaded: uploads.inPlaceOf(recorded),
      holds: async (messages, changed) =>
        new Holds({
          ...{ openedAt: recorded.startedAt, request: recorded.url, messages, values: writeValues, served, changed },
          writes: await writes.ofAllPorts(exchange.request.host),
        }),
      causeMissed: (cause) => causeMissed(exchange, position, cause),
    });
  }
}
