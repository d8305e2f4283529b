import type { Random } from './random.js';

/**
 * Decides the fate of packets, one after the other, as they enter a link. `now` is in milliseconds and never goes back.
 */
export interface LossProcess {
  lost(now: number): boolean;
  /** Whose losses these are, for receipts: the name of a toxic. */
  readonly name?: string | undefined;
}

/** Gilbert–Elliott in netem's letters (tc-netem(8), `gemodel`): each a probability per packet. */
interface GilbertElliott {
  /** p: good → bad. */
  p: number;
  /** r: bad → good; the mean stay in the bad state is 1/r packets. */
  r: number;
  /** 1−h: loss in the bad state. */
  lossInBad: number;
  /** 1−k: loss in the good state. */
  lossInGood: number;
}

/** Bursts that last a time, whatever is sent meanwhile: a two-state Markov process in continuous time. */
interface TimedBursts {
  /** Mean length of a burst, ms. */
  burstMs: number;
  /** Mean time between two bursts, ms. */
  gapMs: number;
  lossInBurst: number;
  lossInGap: number;
}

export const lossless: LossProcess = { lost: () => false };

export type LossModel =
  | { kind: 'none' }
  | { kind: 'bernoulli'; p: number }
  | ({ kind: 'gilbert-elliott' } & GilbertElliott)
  | ({ kind: 'timed-bursts' } & TimedBursts);

export function createLossProcess(model: LossModel, random: Random): LossProcess {
  switch (model.kind) {
    case 'none':
      return lossless;
    case 'bernoulli':
      return { lost: () => random() < model.p };
    case 'gilbert-elliott':
      return gilbertElliott(model, random);
    case 'timed-bursts':
      return timedBursts(model, random);
  }
}

/** Whether the model can lose anything at all. */
export function isLossy(model: LossModel): boolean {
  return meanLoss(model) > 0;
}

/** The share of packets that the model loses in the long run (of evenly spaced ones, for bursts in time). */
export function meanLoss(model: LossModel): number {
  switch (model.kind) {
    case 'none':
      return 0;
    case 'bernoulli':
      return model.p;
    case 'gilbert-elliott':
      // With p = r = 0 the process stays in the good state, in which it starts.
      if (model.p === 0) return model.lossInGood;
      return (model.p * model.lossInBad + model.r * model.lossInGood) / (model.p + model.r);
    case 'timed-bursts':
      return (model.burstMs * model.lossInBurst + model.gapMs * model.lossInGap) / (model.burstMs + model.gapMs);
  }
}

/** As netem has it: the state may change first, and the packet is judged by the state in which it arrived. */
function gilbertElliott({ p, r, lossInBad, lossInGood }: GilbertElliott, random: Random): LossProcess {
  let bad = false;
  return {
    lost() {
      const loss = bad ? lossInBad : lossInGood;
      bad = bad ? random() >= r : random() < p;
      return random() < loss;
    },
  };
}

function timedBursts({ burstMs, gapMs, lossInBurst, lossInGap }: TimedBursts, random: Random): LossProcess {
  const stay = (meanMs: number): number => -Math.log(1 - random()) * meanMs;
  let inBurst = false;
  let until: number | undefined;
  return {
    lost(now) {
      until ??= now + stay(gapMs);
      while (until <= now) {
        inBurst = !inBurst;
        until += stay(inBurst ? burstMs : gapMs);
      }
      return random() < (inBurst ? lossInBurst : lossInGap);
    },
  };
}
