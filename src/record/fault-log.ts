import { appendFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../errors/index.js';
import type { FaultReceipt } from '../http/index.js';
import { journalFiles } from './journal-meta.js';

/**
 * `faults.jsonl`: what exchanges met, a line for each that met anything. It is known only when the last byte of a
 * response has reached the client, while the exchange itself must be in the journal before that.
 */
export class FaultLog {
  readonly #path: string;
  #begun = false;

  constructor(folder: string) {
    this.#path = join(folder, journalFiles.faults);
  }

  /** Throws the system's error. */
  append(index: number, faults: readonly FaultReceipt[]): void {
    // A line that a crash has cut off ends here.
    const separator = !this.#begun && sizeOf(this.#path) > 0 ? '\n' : '';
    this.#begun = true;
    appendFileSync(this.#path, `${separator}${JSON.stringify({ index, faults })}\n`, { mode: 0o600 });
  }
}

const line = z.object({
  index: z.number().int(),
  faults: z.array(
    z.looseObject({
      toxic: z.string(),
      kind: z.enum(['modelled', 'real', 'toxiproxy']),
      stream: z.enum(['upstream', 'downstream']).optional(),
    }),
  ),
});

/** What the exchanges of a journal met, by their indexes. A line that was cut off by a crash is left out. */
export async function readFaults(folder: string): Promise<Map<number, FaultReceipt[]>> {
  let text: string;
  try {
    text = await readFile(join(folder, journalFiles.faults), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map();
    throw error;
  }
  return new Map(text.split('\n').flatMap(entryOf));
}

function entryOf(text: string): [number, FaultReceipt[]][] {
  if (text === '') return [];
  try {
    const { index, faults } = line.parse(JSON.parse(text));
    return [[index, faults.map(withCurrentNames)]];
  } catch {
    return []; // cut off
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Journals of versions up to 0.1 call a toxic's `settings` `told`. */
function withCurrentNames({ told, ...receipt }: z.infer<typeof line>['faults'][number]): FaultReceipt {
  return told === undefined ? receipt : { settings: told as FaultReceipt['settings'], ...receipt };
}
