import type { Meaning } from './meaning-of-name.js';
import { tellingWords } from './vocabulary.js';

/** What those who look for named places are handed: what names mean here, and what stands for a value. */
export interface Places {
  /** Undefined where the name names no secret. `own`: the project says so, whatever the value is. */
  meaningOf(name: string): Meaning | 'own' | undefined;
  /** What is to stand for `value` at a place of this meaning: itself, when it is no secret. */
  replace(where: string, value: string, meaning: Meaning | 'own'): string;
  /** Hears of a value that stands otherwise than `replace` gave it. */
  writtenAs(placeholder: string): void;
}

const isAscii = /^\p{ASCII}*$/u;
const [latin, others] = [true, false].map((plain) => tellingWords.filter((word) => isAscii.test(word) === plain));
const latinWords = new RegExp((latin ?? []).join('|'), 'i');
const otherWords = new RegExp((others ?? []).map((word) => word.normalize('NFKC')).join('|'), 'iu');
/** A letter that is written as an escape may be one of a name. */
const escapedLetter = /\\u00[4-7]|%[4-7c-f][\da-f]/i;

/** Whether a text may hold a name of a secret by the default rules: most hold none, which is seen in one go. */
export function mayNameSecret(text: string): boolean {
  if (latinWords.test(text) || escapedLetter.test(text)) return true;
  return !isAscii.test(text) && otherWords.test(text.normalize('NFKC'));
}
