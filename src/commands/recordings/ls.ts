import { z } from 'zod';
import { proxyctlHome } from '../../config/paths.js';
import { formatBytes } from '../../core/units.js';
import type { JournalSummary } from '../../record/journal-reader.js';
import type { CurrentPointer } from '../../store/recording-store.js';
import { defineCommand } from '../define-command.js';
import { table } from '../table.js';
import { text } from '../values.js';
import { openChosenStore, storeOption } from './store-option.js';

export const recordingsLs = defineCommand({
  name: 'recordings ls',
  summary: 'List what is published, and what is only on this machine',
  description:
    'What is only on this machine is under way, waits for its store (push), was cut off, or was rejected because its command failed.',
  examples: ['recordings ls', 'recordings ls checkout', 'recordings ls --store /mnt/recordings --json'],
  args: z.object({
    prefix: text.optional().meta({ description: 'Show tests that begin with this only', placeholder: 'prefix' }),
  }),
  options: z.object({ store: storeOption }),
  async run({ args: { prefix }, options, output }) {
    const { listJournals } = await import('../../record/journal-reader.js');
    await using store = await openChosenStore(options.store);
    const published: CurrentPointer[] = [];
    for await (const testId of store.testIds(prefix === undefined ? {} : { prefix })) {
      published.push(...(await store.published(testId)));
    }
    const journals = (await listJournals(proxyctlHome().journalDir)).filter(
      ({ meta }) => prefix === undefined || meta === undefined || meta.info.testId.startsWith(prefix),
    );
    output.print({ store: store.url, published, unpublished: journals.map(unpublished) }, (value) =>
      [renderPublished(value.published), renderUnpublished(journals)].filter((part) => part !== '').join('\n\n'),
    );
    if (published.length === 0) {
      output.note(`Nothing is published in ${store.url}. Record with: proxyctl record --test-id <id> -- <command>`);
    }
    if (journals.some(({ situation }) => situation === 'finished')) {
      output.note('Publish what waits for its store with: proxyctl recordings push');
    }
  },
});

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
    ['TEST', 'APP VERSION', 'RECORDED', 'EXCHANGES', 'BODIES', 'RECORDING'],
    pointers.map(({ testId, appVersion, recordedAt, entries, bodyBytes, recordingId }) => [
      testId,
      appVersion,
      minutes(recordedAt),
      String(entries),
      formatBytes(bodyBytes),
      recordingId,
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
