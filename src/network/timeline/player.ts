import type { ActiveLink } from '../link.js';
import type { TimelineView } from './schema.js';
import { planRound, type PlannedRound, type Timeline, type TimelineState } from './timeline.js';

/** How often the values of a ramp are set anew, ms. */
const rampStepMs = 100;

/** What holds at a moment. */
export interface Moment {
  link: ActiveLink | undefined;
  /** When something changes next, ms since the start; `undefined`: never. */
  nextMs: number | undefined;
  /** The timeline is over, and what was before holds again. */
  over: boolean;
}

/** A timeline under way. What it says depends on its seed and the time since its start alone. */
export class TimelinePlayer {
  readonly timeline: Timeline;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly #base: ActiveLink | undefined;
  #round = 0;
  #roundStartMs = 0;
  #plan: PlannedRound;
  /** What held when the round began. */
  #carried: TimelineState = { kind: 'base' };
  #step = 0;
  #nextMs: number | undefined = 0;

  constructor(timeline: Timeline, { startedAt, base }: { startedAt: number; base: ActiveLink | undefined }) {
    this.timeline = timeline;
    this.startedAt = startedAt;
    this.#base = base;
    this.#plan = planRound(timeline, 0);
  }

  /** Milliseconds since 1970 of the next change. */
  get nextAt(): number | undefined {
    return this.#nextMs === undefined ? undefined : this.startedAt + this.#nextMs;
  }

  /** `now` in milliseconds since 1970; never goes back. */
  at(now: number): Moment {
    const elapsedMs = now - this.startedAt;
    for (;;) {
      const { lengthMs } = this.#plan;
      if (lengthMs === undefined || elapsedMs < this.#roundStartMs + lengthMs) break;
      if (this.#round + 1 >= this.timeline.rounds) {
        this.#nextMs = undefined;
        return { link: this.#base, nextMs: undefined, over: true };
      }
      this.#carried = this.#plan.changes.at(-1)?.state ?? this.#carried;
      this.#roundStartMs += lengthMs;
      this.#round += 1;
      this.#plan = planRound(this.timeline, this.#round);
    }
    const link = this.#linkAt(elapsedMs - this.#roundStartMs);
    return { link, nextMs: this.#nextMs, over: false };
  }

  view(): TimelineView {
    const { name, seed, rounds, steps } = this.timeline;
    const { nextAt } = this;
    return {
      ...(name === undefined ? {} : { name }),
      seed,
      startedAt: new Date(this.startedAt).toISOString(),
      round: this.#round + 1,
      ...(rounds === Infinity ? {} : { rounds }),
      step: this.#step,
      steps: steps.length,
      ...(nextAt === undefined ? {} : { nextAt: new Date(nextAt).toISOString() }),
    };
  }

  #linkAt(timeMs: number): ActiveLink | undefined {
    const { changes, lengthMs } = this.#plan;
    let link = this.#linkOf(this.#carried, undefined);
    this.#step = 0;
    let nextMs = lengthMs;
    for (const [index, { atMs, rampMs, state, step }] of changes.entries()) {
      if (atMs > timeMs) {
        nextMs = atMs;
        break;
      }
      this.#step = step;
      // Where the next change cuts a ramp short, it goes on from what had been reached.
      const until = Math.min(timeMs, changes[index + 1]?.atMs ?? Infinity);
      const share = rampMs === 0 ? 1 : Math.min(1, (until - atMs) / rampMs);
      link = between(link, this.#linkOf(state, link), share);
      if (share < 1 && until === timeMs) nextMs = Math.min(timeMs + rampStepMs, atMs + rampMs);
      else nextMs = lengthMs;
    }
    const following = changes.find(({ atMs }) => atMs > timeMs)?.atMs;
    if (following !== undefined && (nextMs === undefined || following < nextMs)) nextMs = following;
    this.#nextMs = nextMs === undefined ? undefined : this.#roundStartMs + nextMs;
    return link;
  }

  /** `present`: what an outage happens to. */
  #linkOf(state: TimelineState, present: ActiveLink | undefined): ActiveLink | undefined {
    const { seed } = this.timeline;
    switch (state.kind) {
      case 'base':
        return this.#base;
      case 'off':
        return undefined;
      case 'link':
        return { ...state.link, seed };
      case 'outage': {
        const { burst: _, ...rest } = present ?? { kind: 'modelled' as const };
        return { ...rest, loss: 1, outage: true, seed };
      }
    }
  }
}

const gradual = ['down', 'up', 'rtt', 'jitter', 'loss'] as const;

/** On a straight line from one to the other; what one of them does not limit changes at once. */
function between(from: ActiveLink | undefined, to: ActiveLink | undefined, share: number): ActiveLink | undefined {
  if (share >= 1 || from === undefined || to === undefined || to.outage === true || from.outage === true) return to;
  const link = { ...to };
  for (const name of gradual) {
    const zero = name === 'down' || name === 'up' ? undefined : 0;
    const [start, end] = [from[name] ?? zero, to[name] ?? zero];
    if (start === undefined || end === undefined || start === end) continue;
    link[name] = Number((start + (end - start) * share).toPrecision(9));
  }
  return link;
}
