import { z } from 'zod';
import { proxyctlHome } from '../../config/paths.js';
import { messageOf, ProxyctlError } from '../../errors/index.js';
import type { JournalSummary } from '../../record/journal-reader.js';
import { projectSettings } from '../../protocol/project-settings.js';
import { defineCommand } from '../shared/define-command.js';
import { InterruptedError } from '../shared/interrupts.js';
import type { Output } from '../shared/output.js';
import { count, recordingText } from '../shared/record-test.js';
import { storeUrl } from '../shared/session-options.js';
import { text } from '../shared/values.js';
import { publishAnywayOption, storeOption } from './store-option.js';

export const recordingsPush = defineCommand({
  name: 'recordings push',
  summary: 'Publish recordings that are only on this machine',
  description:
    'Publishes those that ended well but could not reach their store. One whose writer was killed is published only if it is named, since nobody knows whether its test would have passed.',
  examples: ['recordings push', 'recordings push 20261121T030405.678Z-1a2b3c4d'],
  args: z.object({
    recordings: z
      .array(text)
      .optional()
      .meta({ description: 'Recordings as recordings ls shows them', placeholder: 'recording' }),
  }),
  options: z.object({ store: storeOption, publishAnyway: publishAnywayOption }),
  async run({ args, options, output, interrupts }) {
    const { listJournals } = await import('../../record/journal-reader.js');
    const { journalDir } = proxyctlHome();
    const journals = await listJournals(journalDir);
    const named = args.recordings ?? [];
    const chosen = named.length === 0 ? journals.filter(isFinished) : named.map((id) => findJournal(journals, id));
    let failures = 0;
    for (const journal of chosen) {
      const pushed = await push(journal, options, interrupts.signal, output).catch((error: unknown) => {
        const id = journal.meta?.info.recordingId;
        if (id !== undefined) output.note(`What was recorded stays on this machine: proxyctl recordings push ${id}`);
        if (chosen.length === 1 || error instanceof InterruptedError) throw error;
        failures += 1;
        output.note(messageOf(error));
      });
      if (pushed !== undefined) output.line(pushed, recordingText);
      interrupts.throwIfInterrupted();
    }
    sayWhatIsLeft(named.length === 0 ? journals : [], chosen.length, output);
    if (failures > 0) {
      throw new ProxyctlError(
        'PROXYCTL_NOT_PUBLISHED',
        `${failures} of ${count(chosen.length, 'recording')} could not be published`,
        {
          hint: 'They are still whole on this machine. Once the cause is gone: proxyctl recordings push',
        },
      );
    }
  },
});

async function push(
  { folder, meta, reason }: JournalSummary,
  { store: chosen, publishAnyway }: { store?: string | undefined; publishAnyway: boolean },
  signal: AbortSignal,
  output: Output,
) {
  if (meta === undefined)
    throw new ProxyctlError('PROXYCTL_JOURNAL', `The journal ${folder} cannot be read: ${reason ?? ''}`);
  const { publishJournal } = await import('../../record/publish.js');
  const { openStore } = await import('../../store/open-store.js');
  const { outageText } = await import('../../store/outage.js');
  const place = chosen === undefined && meta.store !== undefined ? meta.store : storeUrl(chosen);
  await using store = await openStore(place);
  const { Learning } = await import('../../replay/learn/learning.js');
  const learning = new Learning();
  const { rulesFor } = learning;
  const { superseded, ...published } = await publishJournal(folder, store, {
    signal,
    unfinished: true,
    redact: projectSettings().redact,
    rulesFor,
    ...(publishAnyway ? { publishAnyway } : {}),
    onOutage: (outage) => output.note(outageText(outage)),
  });
  const { testId, branch, recordingId } = meta.info;
  return {
    published: true,
    testId,
    branch,
    recordingId,
    store: store.url,
    ...published,
    rules: learning.result,
    reason: superseded,
  };
}

function isFinished({ situation }: JournalSummary): boolean {
  return situation === 'finished';
}

function findJournal(journals: readonly JournalSummary[], id: string): JournalSummary {
  const found = journals.find(({ meta, folder }) => meta?.info.recordingId === id || folder === id);
  if (found !== undefined) return found;
  throw new ProxyctlError('PROXYCTL_RECORDING_NOT_FOUND', `There is no unpublished recording ${id} on this machine`, {
    hint: 'See what there is with: proxyctl recordings ls',
    data: { recordingId: id },
  });
}

function sayWhatIsLeft(journals: readonly JournalSummary[], pushed: number, output: Output): void {
  const unfinished = journals.filter(({ situation }) => situation === 'unfinished');
  if (pushed === 0 && unfinished.length === 0) output.note('Nothing waits to be published.');
  for (const { meta } of unfinished) {
    const id = meta?.info.recordingId ?? '';
    output.note(
      `Recording ${id} of "${meta?.info.testId}" was cut off. To publish it all the same: proxyctl recordings push ${id}`,
    );
  }
}
