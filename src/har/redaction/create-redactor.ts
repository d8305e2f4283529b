import { MeaningRedactor } from './by-meaning/redactor.js';
import { NameRedactor } from './by-name/redactor.js';
import type { RedactionInfo } from './redaction-info.js';
import type { Redactor, RedactorOptions } from './redactor.js';
import { RedactorAfter } from './redactor-after.js';

/** What redacts as a recording says that it was redacted: by the rules that it was made with. */
export function createRedactor(info: RedactionInfo, options: RedactorOptions = {}): Redactor {
  if (info.formatVersion === 1) return new NameRedactor(info, options);
  const redactor = new MeaningRedactor(info, options);
  return info.after === undefined ? redactor : new RedactorAfter(new NameRedactor(info.after, options), redactor);
}
