import { z } from 'zod';
import { ProxyctlError } from '../../errors/index.js';
import { withoutArguments } from '../../har/recording-info.js';
import type { Recording } from '../../store/recording.js';
import { defineCommand } from '../shared/define-command.js';
import { flagMeta } from '../shared/session-flags.js';
import { choiceOptions, recordingOptions } from '../shared/session-options.js';
import { moment, wholeNumber } from '../shared/values.js';
import { chosenRecording } from './chosen-recording.js';
import { renderEntry, renderRecording } from './render-recording.js';
import { openChosenStore, storeOption, testIdArgument } from './store-option.js';

export const recordingsShow = defineCommand({
  name: 'recordings show',
  summary: 'Show a recording, or one exchange of it',
  examples: [
    'recordings show checkout',
    'recordings show checkout --entry 3',
    'recordings show checkout --app-version 5.1.0',
    'recordings show checkout --dates --date 2027-03-29',
  ],
  args: z.object({ testId: testIdArgument }),
  options: z.object({
    appVersion: recordingOptions.appVersion,
    branch: recordingOptions.branch,
    ...choiceOptions,
    recording: choiceOptions.recording.meta({ description: 'Show this recording instead of the published one' }),
    entry: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'n').optional().meta({
      description: 'Show this exchange whole, with its bodies',
      short: 'e',
    }),
    dates: z.boolean().default(false).meta({
      description: 'Show which dates in its answers a replay would move, and which it would leave alone and why',
    }),
    date: moment.optional().meta({
      description: '--dates: when that replay begins, like 2027-01-15 or 2027-01-15T09:00:00Z',
      defaultText: 'now',
      placeholder: 'date',
    }),
    dateMode: z.enum(['shift', 'shift-days', 'off']).default('shift').meta({
      description: '--dates: how they move, as replay --dates has it',
    }),
    dateWindow: wholeNumber(0, 100_000).default(400).meta(flagMeta('dateWindowDays')),
    store: storeOption,
  }),
  async run({ args: { testId }, options, output }) {
    const { openRecording } = await import('../../store/open-recording.js');
    const { defaultAppVersion } = await import('../../store/recording-key.js');
    const { appVersion = defaultAppVersion, entry: index } = options;
    await using store = await openChosenStore(options.store);
    const { ref, reason } = await chosenRecording(store, testId, options);
    const recording = await openRecording(store, ref, { checkBodies: false });
    if (options.recording === undefined && (ref.appVersion !== appVersion || options.branch !== undefined)) {
      output.note(`Shown, as ${reason}.`);
    }
    if (options.dates) {
      const { dateReport } = await import('../../replay/explain/date-report.js');
      const { renderDates } = await import('./render-dates.js');
      const { date: startedAt = Date.now(), dateMode: mode, dateWindow: windowDays } = options;
      const report = await dateReport(recording, { mode, windowDays, startedAt });
      const of = ({ index: place }: { index: number }): boolean =>
        index === undefined || recording.entries[place] === entryAt(recording, index);
      const shown = { moved: report.moved.filter(of), left: report.left.filter(of) };
      const date = new Date(startedAt).toISOString();
      const { moved, left } = shown;
      output.print({ ...ref, recordedAt: recording.info.recordedAt, date, moved, left }, () =>
        renderDates(recording, date, shown),
      );
      return;
    }
    if (index === undefined) {
      output.print({ ...withoutArguments(recording.info), entries: recording.entries }, () =>
        renderRecording(recording),
      );
      return;
    }
    const entry = entryAt(recording, index);
    output.print(entry, () => '');
    if (!output.json) output.raw(`${await renderEntry(recording, entry)}\n`);
  },
});

/** By the number that the list shows: the exchange's own, or its place where an imported HAR has none. */
function entryAt({ entries, ref }: Recording, index: number) {
  const entry = entries.find(({ _proxyctl }) => _proxyctl?.index === index) ?? entries[index];
  if (entry !== undefined) return entry;
  throw new ProxyctlError('PROXYCTL_NOT_FOUND', `Recording ${ref.recordingId} has no exchange ${index}`, {
    hint: `It has ${entries.length}: see proxyctl recordings show ${ref.testId}`,
    data: { index, entries: entries.length },
  });
}
