import type { Clock } from '../core/clock.js';
import type { Interceptor } from '../http/index.js';
import type { Recording } from '../store/recording.js';
import type { Missed, MissReport } from './explain/miss.js';
import type { MissRule } from './explain/miss-policy.js';
import type { Timing } from './respond/timing.js';
import type { JwtKey } from './respond/rewrite/jwt-signing.js';
import type { ReplayRule } from './rules/replay-rule.js';
import type { Exhausted } from './select/selection.js';
import type { DateMode } from './volatile/dates/clock-shift.js';

export interface ReplayOptions {
  /** Status of the response to a miss. */
  missStatus?: number;
  /** What becomes of misses, by host. */
  onMiss?: readonly MissRule[];
  /** Records what backends answered, for misses that are to be recorded. */
  recorder?: Interceptor;
  /** `recorded` keeps the recorded latencies. */
  timing?: Timing;
  /** What answers an equal request once all recorded ones are used. */
  exhausted?: Exhausted;
  /** How recorded dates are told. */
  dates?: DateMode | 'freeze';
  /** Times this many days around the recording (and around now) are taken for ones that move. */
  dateWindowDays?: number;
  /** The version of the app that runs now; the recording knows the one that it was made with. */
  appVersion?: string;
  /**
   * What becomes of fields, parameters and headers that no recorded request of an operation has: a miss, or they may be
   * there. Left out: they may, with another version of the app than the recorded ones.
   */
  newFields?: 'miss' | 'allow' | undefined;
  /** Of the project: they come before what was learned, and after what was set for the recording itself. */
  rules?: readonly ReplayRule[];
  /** Keys that JSON Web Tokens with new times are signed with. */
  jwtKeys?: readonly JwtKey[];
  /** Largest request body that is compared, in bytes. */
  maxBodyBytes?: number;
  /** What `served()` gave before, to go on from there. */
  served?: readonly number[];
}

export interface ReplayerInit {
  recording: Recording;
  clock: Clock;
  /** When this replay began, in milliseconds since 1970; now, when it is not said. */
  startedAt?: number;
  options?: ReplayOptions;
}

/** Answers requests from a recording. Exchanges are named by their positions in the recording. */
export interface Replayer {
  /**
   * The `replay` link of the chain: answers each exchange itself and asks `next` only for misses that are to pass
   * through.
   */
  readonly interceptor: Interceptor;
  /** The requests that no recorded one answered, in order. */
  misses(): MissReport[];
  /** The recorded exchanges that nobody asked for. */
  unused(): { index: number; method: string; url: string }[];
  /** The requests that backends answered instead, in order. */
  passedThrough(): PassedThrough[];
  /** The requests with fields that no recorded one of their operation has, and that were answered all the same. */
  addedFields(): AddedFields[];
  /** The positions of the exchanges that answered, in order: all, or those after the first `from`. */
  served(from?: number): number[];
}

/** A request that was not in the recording, and that its backend answered. */
export interface PassedThrough extends Missed {
  /** Its exchange was recorded. */
  recorded: boolean;
}

/** A request of a newer version of the app, with what that has added to it. */
export interface AddedFields extends Missed {
  /** The places of the added fields, as a miss writes them. */
  where: string[];
  /** The version that added them, where it is known. */
  by?: string;
}
