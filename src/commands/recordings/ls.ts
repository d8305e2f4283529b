import { z } from 'zod';
import { wildcard } from '../../core/wildcard.js';
import { proxyctlHome } from '../../config/paths.js';
import { formatBytes } from '../../core/units.js';
import type { JournalSummary } from '../../record/journal-reader.js';
import type { CurrentPointer } from '../../store/recording-store.js';
import { defineCommand } from '../shared/define-command.js';
import { progressLine } from '../shared/progress-line.js';
import { table } from '../shared/table.js';
import { days, text } from '../shared/values.js';
import { throwSkipped } from './skipped.js';
import { openChosenStore, storeOption } from './store-option.js';

export const recordingsLs = defineCommand({
  name: 'recordings ls',
  summary: 'List what is published, and what is only on this machine',
  description:
    'What is only on this machine is under way, waits for its store (push), was cut off, or was rejected because its command failed.',
  examples: [
    'recordings ls',
    'recordings ls checkout',
    'recordings ls --branch feature/basket --newer-than 7d',
    'recordings ls --store /mnt/recordings --json',
  ],
  args: z.object({
    prefix: text.optional().meta({ description: 'Show tests that begin with this only', placeholder: 'prefix' }),
  }),
  options: z.object({
    appVersion: text
      .optional()
      .meta({ description: 'Show those of this app version only (* for any text)', placeholder: 'version' }),
    branch: text.optional().meta({ description: 'Show those of this branch only', placeholder: 'name' }),
    newerThan: days.optional().meta({ description: 'Show those recorded within this time only' }),
    olderThan: days.optional().meta({ description: 'Show those recorded before this time only' }),
    store: storeOption,
  }),
  async run({ args: { prefix }, options, output, interrupts }) {
    const { listJournals } = await import('../../record/journal-reader.js');
    const { publishedIn } = await import('../../store/published-keys.js');
    const { branchOf } = await import('../../store/recording-key.js');
    await using store = await openChosenStore(options.store);
    const filter = listFilter(options, Date.now());
    const published: CurrentPointer[] = [];
    const progress = progressLine();
    let seen = 0;
    const branches = options.branch === undefined ? undefined : [branchOf(options.branch).branch];
    for await (const pointer of publishedIn(store, { prefix, branches })) {
      if (filter(pointer.appVersion, pointer.recordedAt)) published.push(pointer);
      seen += 1;
      progress(`${seen} recordings`);
      interrupts.throwIfInterrupted();
    }
    const journals = (await listJournals(proxyctlHome().journalDir)).filter(({ meta }) => {
      if (meta === undefined) return true;
      const { testId, appVersion, recordedAt, branch } = meta.info;
      if (options.branch !== undefined && branch !== branchOf(options.branch).branch) return false;
      return (prefix === undefined || testId.startsWith(prefix)) && filter(appVersion, recordedAt);
    });
    const { skipped } = store;
    const listed = { store: store.url, published, unpublished: journals.map(unpublished) };
    output.print({ ...listed, ...(skipped.length === 0 ? {} : { skipped }) }, (value) =>
      [renderPublished(value.published), renderUnpublished(journals)].filter((part) => part !== '').join('\n\n'),
    );
    if (published.length === 0 && skipped.length === 0) {
      output.note(`Nothing is published in ${store.url}. Record with: proxyctl record --test-id <id> -- <command>`);
    }
    if (journals.some(({ situation }) => situation === 'finished')) {
      output.note('Publish what waits for its store with: proxyctl recordings push');
    }
    throwSkipped(skipped, output);
  },
});

interface ListFilter {
  appVersion?: string | undefined;
  newerThan?: number | undefined;
  olderThan?: number | undefined;
}

function listFilter({ appVersion, newerThan, olderThan }: ListFilter, now: number) {
  const isVersion = appVersion === undefined ? undefined : wildcard(appVersion);
  return (version: string, recordedAt: string): boolean => {
    const age = now - Date.parse(recordedAt);
    return isVersion?.(version) !== false && age <= (newerThan ?? Infinity) && age >= (olderThan ?? -Infinity);
  };
}

/** A journal as `--json` shows it. */
export function unpublished({ folder, situation, meta, reason, bytes }: JournalSummary) {
  return {
    situation,
    journal: folder,
    bytes,
    ...(meta === undefined ? {} : { ...meta.info, store: meta.store, entries: meta.entries }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function renderPublished(pointers: readonly CurrentPointer[]): string {
  return table(
    ['TEST', 'APP VERSION', 'BRANCH', 'RECORDED', 'EXCHANGES', 'BODIES', 'RECORDING'],
    pointers.map(({ testId, appVersion, branch, recordedAt, entries, bodyBytes, recordingId, incomplete }) => [
      testId,
      appVersion,
      branch ?? 'main',
      minutes(recordedAt),
      String(entries),
      formatBytes(bodyBytes),
      incomplete === true ? `${recordingId} (incomplete)` : recordingId,
    ]),
  );
}

function renderUnpublished(journals: readonly JournalSummary[]): string {
  return table(
    ['ONLY HERE', 'TEST', 'APP VERSION', 'EXCHANGES', 'SIZE', 'RECORDING', 'WHY'],
    journals.map(({ folder, situation, meta, reason, bytes }) => [
      situation,
      meta?.info.testId ?? '-',
      meta?.info.appVersion ?? '-',
      meta?.entries === undefined ? '-' : String(meta.entries),
      formatBytes(bytes),
      meta?.info.recordingId ?? folder,
      reason ?? '',
    ]),
  );
}

/** `2026-11-21 10:15Z` */
function minutes(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
