import type { OwnToxicState } from '../src/protocol/worker-protocol.js';
import type { ToxicState } from '../src/toxics/index.js';
import type { Toxic } from '../src/toxics/toxic.js';

/**
 * What the toxics of one session have done so far. A toxic that is removed and added again is another run of it: what
 * is told of the run before, which may come late, is not its own.
 */
export class ToxicRuns {
  #last = 0;
  readonly #runs = new Map<string, { run: number; state?: ToxicState }>();

  /** These stand now: those that are new begin, those that are not among them are over. */
  keep(toxics: readonly Toxic[]): void {
    const names = new Set(toxics.map(({ name }) => name));
    for (const name of this.#runs.keys()) if (!names.has(name)) this.#runs.delete(name);
    for (const name of names) if (!this.#runs.has(name)) this.#runs.set(name, { run: ++this.#last });
  }

  of(name: string): number {
    return this.#runs.get(name)?.run ?? 0;
  }

  took(states: readonly OwnToxicState[]): void {
    for (const { name, run, state } of states) {
      const own = this.#runs.get(name);
      if (own?.run === run) own.state = state;
    }
  }

  stateOf(name: string): ToxicState | undefined {
    return this.#runs.get(name)?.state;
  }

  states(): OwnToxicState[] {
    return [...this.#runs].flatMap(([name, { run, state }]) => (state === undefined ? [] : [{ name, run, state }]));
  }
}
