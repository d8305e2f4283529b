import type { z } from 'zod';
import { randomSeed } from '../../core/random-seed.js';
import { UsageError } from '../../errors/index.js';
import { resolveLink, type Link } from '../link.js';
import type { LinkProfile } from '../profiles.js';
import { createRandom, deriveSeed } from '../random.js';
import type { timelineRequest, timelineStep } from './schema.js';

/** What the network is like: `base` is what the session had before the timeline, `outage` lets nothing through. */
export type TimelineState = { kind: 'link'; link: Link } | { kind: 'off' } | { kind: 'outage' } | { kind: 'base' };

interface TimelineStep {
  atMs: number | undefined;
  /** Shortest and longest; each round draws. */
  lastsMs: [number, number] | undefined;
  rampMs: number;
  state: TimelineState;
}

/** A timeline whose names are links. */
export interface Timeline {
  name: string | undefined;
  seed: number;
  /** `Infinity`: without end. */
  rounds: number;
  steps: TimelineStep[];
}

/** From `atMs` of a round on, reached over `rampMs`. */
interface PlannedChange {
  atMs: number;
  rampMs: number;
  state: TimelineState;
  /** Which step it belongs to, counted from 1. */
  step: number;
}

export interface PlannedRound {
  changes: PlannedChange[];
  /** `undefined`: its last step lasts for good. */
  lengthMs: number | undefined;
}

/** Throws `UsageError` for names that no link has, and for steps that do not follow one another. */
export function createTimeline(request: z.output<typeof timelineRequest>, profiles: readonly LinkProfile[]): Timeline {
  const { name, loop, steps } = request;
  const timeline = {
    name,
    seed: request.seed ?? randomSeed(),
    rounds: loop === true ? Infinity : loop === false ? 1 : loop,
    steps: steps.map((step, index) => stepOf(step, index, profiles)),
  };
  checkOrder(timeline);
  return timeline;
}

/** The steps of the how-many-th round, with what is drawn for it. */
export function planRound({ steps, seed }: Pick<Timeline, 'steps' | 'seed'>, round: number): PlannedRound {
  const random = createRandom(deriveSeed(seed, 2000 + round));
  const changes: PlannedChange[] = [];
  let state: TimelineState = { kind: 'base' };
  let before: TimelineState = state;
  /** When the step that holds ends by itself. */
  let end: number | undefined = 0;
  for (const [index, step] of steps.entries()) {
    const atMs: number = step.atMs ?? end ?? 0;
    if (end !== undefined && end < atMs && index > 0) {
      state = before;
      changes.push({ atMs: end, rampMs: 0, state, step: index });
    }
    before = state;
    state = step.state;
    changes.push({ atMs, rampMs: step.rampMs, state, step: index + 1 });
    const [least, most] = step.lastsMs ?? [];
    end = least === undefined || most === undefined ? undefined : atMs + least + random() * (most - least);
  }
  return { changes, lengthMs: end };
}

function stepOf(step: z.output<typeof timelineStep>, index: number, profiles: readonly LinkProfile[]): TimelineStep {
  const { at, for: lasts, link, down, ramp = 0 } = step;
  const common = { atMs: at, rampMs: ramp };
  if (down !== undefined) return { ...common, lastsMs: down === true ? lasts : down, state: { kind: 'outage' } };
  return { ...common, lastsMs: lasts, state: linkState(link, index, profiles) };
}

function linkState(
  link: z.output<typeof timelineStep>['link'],
  index: number,
  profiles: readonly LinkProfile[],
): TimelineState {
  if (link === 'off') return { kind: 'off' };
  try {
    const values = typeof link === 'string' ? { profile: link } : (link ?? {});
    return { kind: 'link', link: resolveLink({ ...values, seed: 0 }, profiles) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`Step ${index + 1} of the timeline: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

/** Each step must begin after the one before, however long that one lasts. */
function checkOrder({ steps, rounds }: Timeline): void {
  let earliest = 0;
  for (const [index, { atMs, lastsMs }] of steps.entries()) {
    const previous = steps[index - 1];
    if (atMs === undefined && previous !== undefined && previous.lastsMs === undefined) {
      throw new UsageError(`Step ${index + 1} of the timeline does not say when it begins`, {
        hint: `Give it an \`at\`, or step ${index} a \`for\`.`,
      });
    }
    const begins = atMs ?? earliest;
    if (begins < earliest || (atMs !== undefined && previous !== undefined && begins === previous.atMs)) {
      throw new UsageError(
        `Step ${index + 1} of the timeline begins at ${begins}ms, when step ${index} may not be over (${earliest}ms)`,
        { hint: 'Steps stand in the order of their times.' },
      );
    }
    earliest = begins + (lastsMs?.[1] ?? 0);
  }
  if (rounds > 1 && steps.at(-1)?.lastsMs === undefined) {
    throw new UsageError('The timeline loops, but its last step does not say how long it lasts', {
      hint: 'Give it a `for`.',
    });
  }
}
