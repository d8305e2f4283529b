import type { RecordedFacts } from '../loaded/facts.js';
import type { ResponseFingerprints } from '../match/response-fingerprints.js';
import type { ValueGraph } from '../match/value-graph.js';
import { isDuring } from './state-versions.js';
import type { RecordedWrite } from './write-history.js';
import type { WriteValues } from './write-values.js';

/** The writes, by position, that a recorded response followed upon while its request waited. */
export interface CausesOfResponse {
  /** The response holds what only they brought: without them it would be another one. */
  certain: number[];
  /** It came soon after they had begun. */
  likely: number[];
}

export const noCauses: CausesOfResponse = { certain: [], likely: [] };

/** A write that came so much later than the request, in milliseconds, … */
const minLeadMs = 100;
/** … and was followed by its response so soon, is what the request had waited for. */
const maxReactionMs = 300;

interface CausesInit {
  values: ValueGraph;
  writeValues: WriteValues;
  fingerprints: ResponseFingerprints;
}

/** Tells which writes a request waited for: a long poll's response is given because of a write made meanwhile. */
export class Causes {
  readonly #init: CausesInit;

  constructor(init: CausesInit) {
    this.#init = init;
  }

  /** `writes`: those of the host that were not made yet in this run; `alike`: the requests that mean the same. */
  async of(
    facts: RecordedFacts,
    writes: readonly RecordedWrite[],
    alike: readonly number[],
  ): Promise<CausesOfResponse> {
    if (!facts.isRead) return noCauses;
    const during = writes.filter((write) => isDuring(write, facts));
    if (during.length === 0) return noCauses;
    const found: CausesOfResponse = { certain: [], likely: [] };
    const own = await this.#init.writeValues.ofResponse(facts.position);
    for (const write of during) {
      const told = await this.#told(own, write);
      if (told.some(isDistinctive)) found.certain.push(write.position);
      else if (write.startedAt === facts.answeredAt) continue;
      else if (told.length > 0 || (await this.#isAnswered(write, facts, alike))) found.likely.push(write.position);
    }
    return found;
  }

  /** Those of the values that a write brought: nothing before it had them. */
  async #told(own: ReadonlySet<string>, { position }: RecordedWrite): Promise<string[]> {
    const { values, writeValues } = this.#init;
    await values.ready();
    return [...(await writeValues.of(position))].filter((value) => {
      if (!own.has(value) || values.isServerMade(value)) return false;
      const first = values.firstRequestOf(value);
      return first === undefined ? isDistinctive(value) : first === position;
    });
  }

  async #isAnswered(
    { startedAt, answeredAt }: RecordedWrite,
    facts: RecordedFacts,
    alike: readonly number[],
  ): Promise<boolean> {
    const reactionMs = facts.answeredAt - startedAt;
    const leadMs = startedAt - facts.startedAt;
    if (leadMs < 0) return false;
    if (reactionMs > maxReactionMs + Math.max(0, answeredAt - startedAt)) return false;
    return leadMs >= minLeadMs || (reactionMs <= leadMs && (await this.#isOneOfSeveral(facts, alike)));
  }

  /** Requests that mean the same were answered otherwise. */
  async #isOneOfSeveral({ position }: RecordedFacts, alike: readonly number[]): Promise<boolean> {
    const { fingerprints } = this.#init;
    const own = await fingerprints.of(position);
    for (const other of alike) if ((await fingerprints.of(other)) !== own) return true;
    return false;
  }
}

/** A word like any other may stand in two places by chance. */
function isDistinctive(value: string): boolean {
  return /[a-z]/i.test(value) && (/[\d\s]/.test(value) || value.length >= 16);
}
