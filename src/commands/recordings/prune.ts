import { z } from 'zod';
import { proxyctlHome } from '../../config/paths.js';
import { formatBytes } from '../../core/units.js';
import type { PruneResult } from '../../recordings/prune-store.js';
import { defineCommand } from '../shared/define-command.js';
import { progressLine } from '../shared/progress-line.js';
import { count } from '../shared/record-test.js';
import { days, wholeNumber } from '../shared/values.js';
import { throwSkipped } from './skipped.js';
import { openChosenStore, storeOption } from './store-option.js';

export const recordingsPrune = defineCommand({
  name: 'recordings prune',
  summary: 'Remove old recordings, and bodies that no recording refers to',
  description:
    'The published recording of each test, app version and branch always stays (rm removes it). Of the others those go that are neither among the --keep newest nor younger than --older-than; without either flag none goes, and only bodies are looked at. What was written within the grace period stays, so that jobs may publish meanwhile. With --older-than, rejected and broken recordings of that age that are only on this machine go as well.',
  examples: [
    'recordings prune --keep 3 --older-than 30d --dry-run',
    'recordings prune --keep 3 --store s3://team-recordings/web',
    'recordings prune',
  ],
  args: z.object({}),
  options: z.object({
    keep: wholeNumber(1, 1_000_000, 'n').optional().meta({
      description: 'Keep the newest so many of each test, app version and branch',
    }),
    olderThan: days.optional().meta({ description: 'Keep those that were recorded within this time' }),
    grace: days.default(86_400_000).meta({
      description: 'Keep what was written within this time, whatever it is; at least a day where others publish',
      defaultText: '1d',
    }),
    dryRun: z.boolean().default(false).meta({ description: 'Only say what would be removed' }),
    store: storeOption,
  }),
  async run({ options, output, interrupts }) {
    const { keep, olderThan, grace, dryRun } = options;
    const { pruneStore } = await import('../../recordings/prune-store.js');
    await using store = await openChosenStore(options.store);
    const progress = progressLine();
    const result = await pruneStore(store, {
      keep,
      olderThanMs: olderThan,
      graceMs: grace,
      now: Date.now(),
      dryRun,
      signal: interrupts.signal,
      onProgress: ({ phase, done }) => progress(`${phase}: ${done}`),
    });
    const journals = olderThan === undefined ? [] : await oldJournals(Date.now() - olderThan, dryRun);
    output.print({ store: store.url, dryRun, ...result, journals }, () => render(result, journals, dryRun));
    throwSkipped(result.skipped, output);
  },
});

function render(result: PruneResult, journals: readonly string[], dryRun: boolean): string {
  const { recordings, kept, bodies, bodyBytes, young, leftovers } = result;
  const said = dryRun ? 'Would remove' : 'Removed';
  const lines = [...recordings, ...journals].map((each) => `${said} ${each}`);
  const rest = [
    ...(young === 0 ? [] : [`${count(young, 'body', 'bodies')} that nothing refers to stay for the grace period`]),
    ...(leftovers === 0 ? [] : [`${count(leftovers, 'half-written file')} of killed writers removed`]),
  ].map((text) => `; ${text}`);
  const what = `${count(recordings.length, 'recording')} and ${count(bodies, 'body', 'bodies')} (${formatBytes(bodyBytes)})`;
  return [...lines, `${said} ${what}; ${count(kept, 'recording')} stay${rest.join('')}.`].join('\n');
}

async function oldJournals(before: number, dryRun: boolean): Promise<string[]> {
  const { listJournals } = await import('../../record/journal-reader.js');
  const { discardJournal } = await import('../../record/publish.js');
  const old = (await listJournals(proxyctlHome().journalDir)).filter(
    ({ situation, meta }) =>
      (situation === 'rejected' || situation === 'broken') &&
      meta !== undefined &&
      Date.parse(meta.changedAt) <= before,
  );
  for (const { folder } of old) if (!dryRun) await discardJournal(folder);
  return old.map(({ folder }) => folder);
}
