import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { redactionOptions } from '../../src/har/redaction/index.js';
import { scanRecording } from '../../src/recordings/scan-recording.js';
import type { Case } from './corpus.js';
import { changedIn, recordCases, replayCases, type Stored } from './pipeline.js';
import { Search } from './search.js';

/** How a case failed. */
export interface Failure extends Pick<Case, 'number' | 'kind' | 'place' | 'name'> {
  what: 'leaked' | 'changed' | 'not replayed' | 'found by a scan';
  detail: string;
}

export interface Figures {
  secrets: number;
  leaked: number;
  innocents: number;
  changed: number;
  requests: number;
  notReplayed: number;
  /** Exchanges in which a scan of what was published finds something. */
  found: number;
  failures: Failure[];
}

/** Cases in one recording: those of one are looked for in what all of them have stored. */
const casesInRecording = 40;

/** Records a corpus, looks for its secrets in all that was stored, compares what is innocent, and replays it. */
export async function measure(folder: string, corpus: readonly Case[]): Promise<Figures> {
  const figures: Figures = {
    ...{ secrets: 0, leaked: 0, innocents: 0, changed: 0, requests: 0, notReplayed: 0, found: 0 },
    failures: [],
  };
  for (let from = 0; from < corpus.length; from += casesInRecording) {
    const own = join(folder, String(from));
    const stored = await recordCases(own, corpus.slice(from, from + casesInRecording));
    lookForSecrets(stored, figures);
    await compareInnocents(stored, figures);
    await replay(stored, figures);
    await scan(stored, figures);
    await rm(own, { recursive: true, force: true });
  }
  return figures;
}

function lookForSecrets({ files, exchanges }: Stored, figures: Figures): void {
  const searches = files.map((file) => new Search(file));
  for (const of of new Set(exchanges.map((each) => each.of))) {
    const { secret } = of;
    if (secret === undefined) continue;
    figures.secrets += 1;
    if (!searches.some((search) => search.has(secret))) continue;
    figures.leaked += 1;
    figures.failures.push(failure(of, 'leaked', secret));
  }
}

async function compareInnocents(stored: Stored, figures: Figures): Promise<void> {
  for (const [index, { of }] of stored.exchanges.entries()) {
    if (of.secret !== undefined) continue;
    figures.innocents += 1;
    const changed = await changedIn(stored, index);
    if (changed.length === 0) continue;
    figures.changed += 1;
    figures.failures.push(failure(of, 'changed', changed.join(', ')));
  }
}

async function replay(stored: Stored, figures: Figures): Promise<void> {
  const answered = await replayCases(stored);
  for (const [index, { of }] of stored.exchanges.entries()) {
    figures.requests += 1;
    if (answered[index] === index) continue;
    figures.notReplayed += 1;
    figures.failures.push(failure(of, 'not replayed', `answered by ${answered[index] ?? 'none'}`));
  }
}

async function scan({ recording, exchanges }: Stored, figures: Figures): Promise<void> {
  const findings = await scanRecording(recording, redactionOptions.parse({}));
  for (const entry of new Set(findings.map((finding) => finding.entry))) {
    const exchange = exchanges[entry ?? -1];
    figures.found += 1;
    const where = findings.filter((finding) => finding.entry === entry).map((finding) => finding.where);
    if (exchange !== undefined) figures.failures.push(failure(exchange.of, 'found by a scan', where.join(', ')));
  }
}

function failure({ number, kind, place, name }: Case, what: Failure['what'], detail: string): Failure {
  return { number, kind, place, name, what, detail };
}
