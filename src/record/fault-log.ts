import { appendFileSync, closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { systemCode } from '../errors/index.js';
import type { FaultReceipt } from '../http/index.js';
import { damagedJournal } from './journal-folder.js';
import { journalFiles, type JournalMeta } from './journal-meta.js';

/**
 * `faults.jsonl`: what exchanges met, a line for each that met anything: its JSON, a tab, and the CRC-32 of the JSON
 * (which journals of format 1 leave out). It is known only when the last byte of a response has reached the client,
 * while the exchange itself must be in the journal before that.
 */
export class FaultLog {
  readonly #path: string;
  #begun = false;

  constructor(folder: string) {
    this.#path = join(folder, journalFiles.faults);
  }

  /** Throws the system's error. */
  append(index: number, faults: readonly FaultReceipt[]): void {
    if (!this.#begun) removeTorn(this.#path);
    this.#begun = true;
    const json = JSON.stringify({ index, faults });
    appendFileSync(this.#path, `${json}\t${crc32(json)}\n`, { mode: 0o600 });
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

/**
 * What the exchanges of a journal met, by their indexes. A last line that was cut off by a crash is left out. Throws
 * `PROXYCTL_JOURNAL` for one that was altered.
 */
export async function readFaults({
  folder,
  meta,
}: {
  folder: string;
  meta: Pick<JournalMeta, 'formatVersion' | 'state'>;
}): Promise<Map<number, FaultReceipt[]>> {
  let text: string;
  try {
    text = await readFile(join(folder, journalFiles.faults), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map();
    throw error;
  }
  const faults = new Map<number, FaultReceipt[]>();
  const lines = text.split('\n');
  for (const [at, each] of lines.entries()) {
    const entry = each === '' ? undefined : entryOf(each, meta.formatVersion);
    if (entry !== undefined) faults.set(...entry);
    const mayBeTorn = meta.formatVersion === 1 || (meta.state === 'recording' && at === lines.length - 1);
    const mayBeEmpty = at === lines.length - 1;
    if (entry === undefined && !(each === '' ? mayBeEmpty || meta.formatVersion === 1 : mayBeTorn))
      throw damagedJournal(folder, { offset: 0, reason: `line ${at + 1} of ${journalFiles.faults} is altered` });
  }
  return faults;
}

function entryOf(text: string, format: number): [number, FaultReceipt[]] | undefined {
  const [json = '', sum, ...more] = text.split('\t');
  if (sum === undefined ? format > 1 : sum !== String(crc32(json)) || more.length > 0) return undefined;
  try {
    const { index, faults } = line.parse(JSON.parse(json));
    return [index, faults.map(withCurrentNames)];
  } catch {
    return undefined;
  }
}

/** Of a line that a crash has cut off nobody has the rest. */
function removeTorn(path: string): void {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  const whole = content.lastIndexOf(10) + 1;
  if (whole === content.length) return;
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, whole);
  } finally {
    closeSync(fd);
  }
}

/** Journals of versions up to 0.1 call a toxic's `settings` `told`. */
function withCurrentNames({ told, ...receipt }: z.infer<typeof line>['faults'][number]): FaultReceipt {
  return told === undefined ? receipt : { settings: told as FaultReceipt['settings'], ...receipt };
}
