import { createLossProcess, type LossProcess } from '../loss-process.js';
import { createRandom, deriveSeed, type Random } from '../random.js';
import type { LossSource } from './network-conditions.js';

interface Chance {
  random: Random;
  /** Whether the connection is among those that a source applies to: it is when this is below its toxicity. */
  lot: number;
}

/**
 * The losses of one connection. Its random numbers go on where they were when conditions change, and a process that
 * stays as it was keeps its state: a change of one toxic does not repeat the chance of another.
 */
export class LossSources {
  readonly #connection: number;
  readonly #chances = new Map<string, Chance>();
  #processes = new Map<string, LossProcess>();

  /** `connection`: the how-many-th it is; its chance follows from that and each source's seed. */
  constructor(connection: number) {
    this.#connection = connection;
  }

  /** `direction`: 0 up, 1 down, so that two directions of one seed do not lose alike. */
  processes(sources: readonly LossSource[], direction: number): LossProcess[] {
    const kept = new Map([...this.#processes].filter(([key]) => !key.startsWith(`${direction}:`)));
    const found = sources.flatMap((source) => {
      const key = `${direction}:${JSON.stringify(source)}`;
      const { random, lot } = this.#chance(source.seed, direction);
      if (lot >= source.toxicity) return [];
      const process = this.#processes.get(key) ?? { ...createLossProcess(source.model, random), name: source.name };
      kept.set(key, process);
      return [process];
    });
    this.#processes = kept;
    return found;
  }

  #chance(seed: number, direction: number): Chance {
    const key = `${direction}:${seed}`;
    let chance = this.#chances.get(key);
    if (chance === undefined) {
      const random = createRandom(deriveSeed(deriveSeed(seed, direction), this.#connection));
      chance = { random, lot: random() };
      this.#chances.set(key, chance);
    }
    return chance;
  }
}
