import type { Clock } from '../core/clock.js';
import { fromHarEntry } from '../har/from-har-entry.js';
import type { HarEntry } from '../har/har.js';
import { urlOf, type Exchange, type HttpResponse, type Interceptor } from '../http/index.js';
import type { Recording } from '../store/recording.js';
import { recordedAnswer, type Timing } from './answer.js';
import { comparableRequest, type ComparableRequest } from './comparable-request.js';
import type { Difference } from './field.js';
import { exhaustedReport, missReport, missResponse, type Missed, type MissReport } from './miss.js';
import { NearestRequests } from './nearest.js';
import { RecordedBodies } from './recorded-bodies.js';
import { isExchange } from './recorded-request.js';
import { RequestIndex } from './request-index.js';
import { Sequence, type Exhausted } from './sequence.js';

export interface ReplayOptions {
  /** Status of the answer to a miss. */
  missStatus?: number;
  /** `recorded` keeps the recorded latencies. */
  timing?: Timing;
  /** What answers an equal request once all recorded ones are used. */
  exhausted?: Exhausted;
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

/** Answers requests from a recording. Entries are named by their place in `recording.entries`. */
export interface Replayer {
  /** The `replay` link of the chain: answers each exchange itself and never asks `next`. */
  readonly interceptor: Interceptor;
  /** The requests that no recorded one answered, in order. */
  misses(): MissReport[];
  /** The recorded exchanges that nobody asked for. */
  unused(): { index: number; method: string; url: string }[];
  /** The entries that answered, in order. */
  served(): number[];
}

export function createReplayer({ recording, options = {} }: ReplayerInit): Replayer {
  const { missStatus = 502, timing = 'fast', exhausted = 'repeat', maxBodyBytes = 64 * 1024 * 1024 } = options;
  const { entries } = recording;
  const bodies = new RecordedBodies(recording);
  const index = new RequestIndex(entries, bodies);
  const sequence = new Sequence(entries.length, options.served);
  const misses: MissReport[] = [];
  let nearestRequests: NearestRequests | undefined;

  return {
    interceptor: answer,
    misses: () => [...misses],
    served: () => sequence.order,
    unused: () =>
      entries.flatMap(({ request: { method, url } }, position) =>
        sequence.isUsed(position) || !isExchange(entries[position] as HarEntry)
          ? []
          : [{ index: position, method, url }],
      ),
  };

  async function answer(exchange: Exchange): Promise<HttpResponse> {
    const { request, notes } = exchange;
    const { data } = await request.body.bytes(maxBodyBytes);
    const asked = comparableRequest(request, data);
    const positions = await index.find(asked);
    const position = positions.length === 0 ? undefined : sequence.take(positions, exhausted);
    if (position === undefined) return missed(exchange, await explain(exchange, asked, positions));
    notes.servedBy = 'recording';
    notes.recordedIndex = position;
    return recordedAnswer(fromHarEntry(entries[position] as HarEntry, position), exchange, bodies, timing);
  }

  function missed(exchange: Exchange, report: MissReport): HttpResponse {
    misses.push(report);
    exchange.notes.servedBy = 'proxy';
    exchange.notes.miss = report;
    return missResponse(report, missStatus, exchange.request.httpVersion);
  }

  async function explain(
    exchange: Exchange,
    asked: ComparableRequest,
    positions: readonly number[],
  ): Promise<MissReport> {
    const missed: Missed = { index: exchange.index, method: asked.method, url: urlOf(exchange.request) };
    const last = positions.at(-1);
    if (last !== undefined) return exhaustedReport(missed, last, entries[last] as HarEntry, positions.length);
    nearestRequests ??= new NearestRequests(entries);
    const candidates = nearestRequests.candidates(asked, (position) => sequence.isUsed(position));
    let nearest: { position: number; entry: HarEntry; differences: Difference[] } | undefined;
    for (const position of candidates) {
      const differences = await index.differences(position, asked);
      if (nearest !== undefined && differences.length >= nearest.differences.length) continue;
      nearest = { position, entry: entries[position] as HarEntry, differences };
    }
    return missReport(missed, nearest);
  }
}
