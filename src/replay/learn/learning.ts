import { messageOf, ProxyctlError } from '../../errors/index.js';
import { findRecording } from '../../store/find-recording.js';
import { openRecording } from '../../store/open-recording.js';
import type { RecordingRef } from '../../store/recording-key.js';
import type { RecordingStore } from '../../store/recording-store.js';
import type { Recording } from '../../store/recording.js';
import { learnRules, type Undecided } from './learn-rules.js';
import { isSamePlace, maxRules, rulesOf, type ReplayRule } from '../rules/replay-rule.js';

/** What a recording was published with besides its exchanges. */
interface LearnedRules {
  /** How many rules it has in all. */
  rules: number;
  /** The new ones of them, and the recording that it was compared with. */
  learned: ReplayRule[];
  comparedWith?: string;
  /** Places that differ and stay strict. */
  undecided: Undecided[];
  /** Why nothing could be learned. */
  failed?: string;
}

/** A recording that is about to be published: its bodies are in the store. */
interface NextRecording extends Pick<Recording, 'ref' | 'info'> {
  exchanges: number;
  bodyBytes: number;
  open: () => Promise<Recording>;
}

/** Larger recordings are not compared, so that publishing one never takes long. */
const maxExchanges = 20_000;
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Makes the rules of a recording that is about to be published: those of the one before it, and what comparing the two
 * shows (`learnRules`). One of another app version or branch hands on its rules, and teaches nothing. A failure to
 * learn is told in `result` and never keeps a recording from being published.
 */
export class Learning {
  result: LearnedRules = { rules: 0, learned: [], undecided: [] };

  readonly rulesFor = async (next: NextRecording, store: RecordingStore): Promise<ReplayRule[]> => {
    let known: ReplayRule[] = [];
    try {
      const before = await previousOf(next.ref, store);
      if (before === undefined) return known;
      known = rulesOf(before.info);
      this.result.rules = known.length;
      if (before.info.appVersion !== next.info.appVersion || before.info.branch !== next.info.branch) return known;
      return await this.#learn(before, next, known);
    } catch (error) {
      this.result.failed = messageOf(error);
      return known;
    }
  };

  async #learn(before: Recording, next: NextRecording, known: ReplayRule[]): Promise<ReplayRule[]> {
    const { recordingId } = before.info;
    if (Math.max(before.entries.length, next.exchanges) > maxExchanges || next.bodyBytes > maxBodyBytes) {
      this.result.failed = `it is too large to be compared with ${recordingId}`;
      return known;
    }
    const sameTest = isNextRun(before, next);
    const { rules: found, undecided } = await learnRules(before, await next.open(), { known, sameTest });
    const learned = found
      .filter((rule) => !known.some((other) => isSamePlace(other, rule)))
      .slice(0, Math.max(0, maxRules - known.length));
    const rules = [...known, ...learned];
    this.result = { rules: rules.length, learned, undecided, comparedWith: recordingId };
    return rules;
  }
}

async function previousOf(ref: RecordingRef, store: RecordingStore): Promise<Recording | undefined> {
  try {
    const found = await findRecording(store, ref);
    if (found.ref.recordingId === ref.recordingId) return undefined;
    return await openRecording(store, found.ref, { checkBodies: false });
  } catch (error) {
    if (error instanceof ProxyctlError && error.code === 'PROXYCTL_RECORDING_NOT_FOUND') return undefined;
    throw error;
  }
}

/** `record --runs` numbers its runs. */
function isNextRun({ info: before }: Pick<Recording, 'info'>, { info: next }: Pick<Recording, 'info'>): boolean {
  return typeof next.run === 'number' && next.run > 1 && before.run === next.run - 1;
}
