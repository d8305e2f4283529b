import type { Clock } from '../../core/clock.js';
import type { Exchange, RecordedExchange } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import type { ExchangeTimes } from '../volatile/dates/clock-shift.js';
import type { RunTimes } from '../volatile/dates/time-agreement.js';
import { answeredAt } from './facts.js';
import { recordedStartOf } from './recorded-start.js';

/**
 * The time of one replay as its client has it: where the client's clock is frozen at the recording, it is behind ours.
 */
export class RunClock {
  readonly #clock: Clock;
  /** When the recording and this replay began, in milliseconds since 1970. */
  readonly recordedStart: number;
  readonly startedAt: number;
  /** By how much the client's clock is behind ours, ms. */
  readonly behindMs: number;

  /** `startedAt` by our clock. */
  constructor(
    recording: Pick<Recording, 'info' | 'exchanges'>,
    { clock, startedAt, frozen }: { clock: Clock; startedAt: number; frozen: boolean },
  ) {
    this.#clock = clock;
    this.recordedStart = recordedStartOf(recording, startedAt);
    this.behindMs = frozen ? startedAt - this.recordedStart : 0;
    this.startedAt = startedAt - this.behindMs;
  }

  now(): number {
    return this.#clock.now() - this.behindMs;
  }

  ofRequest(exchange: Exchange): RunTimes {
    return { startedAt: this.startedAt, requestAt: exchange.startedAt - this.behindMs };
  }

  ofResponse(recorded: RecordedExchange): ExchangeTimes {
    return { recordedAt: recorded.startedAt, answeredAt: answeredAt(recorded), answeringAt: this.now() };
  }
}
