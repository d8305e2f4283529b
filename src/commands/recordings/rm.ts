import { z } from 'zod';
import { proxyctlHome } from '../../config/paths.js';
import { ProxyctlError } from '../../errors/index.js';
import type { RecordingRef } from '../../store/recording-key.js';
import type { RecordingStore } from '../../store/recording-store.js';
import { defineCommand } from '../shared/define-command.js';
import { text } from '../shared/values.js';
import { openChosenStore, storeOption, testIdArgument } from './store-option.js';

export const recordingsRm = defineCommand({
  name: 'recordings rm',
  summary: 'Remove the recordings of a test',
  description:
    'Removes all that the store keeps of the test, or of one app version, or one recording; and, where --recording names it, one that is only on this machine. Bodies that other recordings share stay.',
  examples: [
    'recordings rm checkout',
    'recordings rm checkout --app-version 4.0.0',
    'recordings rm checkout --dry-run',
  ],
  args: z.object({ testId: testIdArgument }),
  options: z.object({
    appVersion: text.optional().meta({ description: 'Remove those of this app version only', placeholder: 'version' }),
    branch: text
      .optional()
      .meta({ description: 'Remove those of this branch', defaultText: 'main', placeholder: 'name' }),
    recording: text.optional().meta({ description: 'Remove this recording only', placeholder: 'id' }),
    dryRun: z.boolean().default(false).meta({ description: 'Only say what would be removed' }),
    store: storeOption,
  }),
  async run({ args: { testId }, options, output }) {
    const { appVersion, recording, dryRun } = options;
    await using store = await openChosenStore(options.store);
    const wanted = ({ recordingId }: { recordingId: string }): boolean =>
      recording === undefined || recordingId === recording;
    const refs = (await historyOf(store, testId, appVersion, options.branch)).filter(wanted);
    const journals = recording === undefined ? [] : await journalsOf(testId, recording);
    if (refs.length + journals.length === 0) throw nothingToRemove(testId, options, store.url);
    const { discardJournal } = await import('../../record/publish.js');
    for (const ref of refs) {
      if (!dryRun) await store.remove(ref);
      output.line(
        { ...ref, removed: !dryRun },
        () => `${said(dryRun)} ${ref.recordingId} (app version ${ref.appVersion})`,
      );
    }
    for (const journal of journals) {
      if (!dryRun) await discardJournal(journal);
      output.line({ journal, removed: !dryRun }, () => `${said(dryRun)} ${journal}`);
    }
  },
});

async function historyOf(
  store: RecordingStore,
  testId: string,
  appVersion: string | undefined,
  branchName: string | undefined,
): Promise<RecordingRef[]> {
  const { branchOf } = await import('../../store/recording-key.js');
  const { branch } = branchOf(branchName);
  const versions =
    appVersion === undefined ? (await store.published(testId, branch)).map((each) => each.appVersion) : [appVersion];
  return (await Promise.all(versions.map((each) => store.history({ testId, appVersion: each, branch })))).flat();
}

async function journalsOf(testId: string, recordingId: string): Promise<string[]> {
  const { listJournals } = await import('../../record/journal-reader.js');
  const journals = await listJournals(proxyctlHome().journalDir);
  return journals
    .filter(({ meta }) => meta?.info.testId === testId && meta.info.recordingId === recordingId)
    .map(({ folder }) => folder);
}

function said(dryRun: boolean): string {
  return dryRun ? 'Would remove' : 'Removed';
}

function nothingToRemove(
  testId: string,
  { appVersion, recording }: { appVersion?: string; recording?: string },
  where: string,
): ProxyctlError {
  const which = [appVersion && `app version ${appVersion}`, recording && `recording ${recording}`].filter(Boolean);
  const of = which.length === 0 ? '' : ` (${which.join(', ')})`;
  return new ProxyctlError(
    'PROXYCTL_RECORDING_NOT_FOUND',
    `There is no recording of test "${testId}"${of} in ${where}`,
    {
      hint: 'See what there is with: proxyctl recordings ls',
      data: { testId, appVersion, recording },
    },
  );
}
