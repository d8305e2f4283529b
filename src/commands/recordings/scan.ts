import { z } from 'zod';
import { ProxyctlError } from '../../errors/index.js';
import { projectSettings } from '../../protocol/project-settings.js';
import type { ScanFinding } from '../../recordings/scan-recording.js';
import { defineCommand } from '../shared/define-command.js';
import { count } from '../shared/record-test.js';
import { text } from '../shared/values.js';
import { throwSkipped } from './skipped.js';
import { openChosenStore, storeOption } from './store-option.js';

export const recordingsScan = defineCommand({
  name: 'recordings scan',
  summary: 'Look for secrets that stand in recordings in the clear',
  description:
    'Looks through all recordings of the store, history included, by the rules that new ones are redacted by (and `redact` of the config file). Arguments of the recorded command, which recordings from before keep, count as secrets. Ends with exit code 5 when it finds any.',
  examples: ['recordings scan', 'recordings scan checkout --json'],
  args: z.object({
    prefix: text.optional().meta({ description: 'Look at tests that begin with this only', placeholder: 'prefix' }),
  }),
  options: z.object({ store: storeOption }),
  async run({ args: { prefix }, options, output, interrupts }) {
    const { openRecording } = await import('../../store/open-recording.js');
    const { publishedIn } = await import('../../store/published-keys.js');
    const { branchOf } = await import('../../store/recording-key.js');
    const { isUnreadable } = await import('../../store/store-error.js');
    const { scanRecording } = await import('../../recordings/scan-recording.js');
    const { redactionOptions } = await import('../../har/redaction/index.js');
    const { redact } = projectSettings();
    const rules = redactionOptions.parse(redact === false ? {} : (redact ?? {}));
    await using store = await openChosenStore(options.store);
    let [recordings, secrets] = [0, 0];
    const { skipped } = store;
    for await (const { testId, appVersion, branch } of publishedIn(store, { prefix })) {
      for (const ref of await store.history({ testId, appVersion, ...branchOf(branch) })) {
        interrupts.throwIfInterrupted();
        const recording = await openRecording(store, ref, { checkBodies: false }).catch((error: unknown) => {
          if (!isUnreadable(error)) throw error;
          skipped.push(error);
        });
        if (recording === undefined) continue;
        const findings = await scanRecording(recording, rules);
        recordings += 1;
        secrets += findings.length;
        if (findings.length > 0) output.line({ ...ref, findings }, () => render(testId, ref.recordingId, findings));
      }
    }
    output.note(`Looked through ${count(recordings, 'recording')}: ${count(secrets, 'secret')} in the clear.`);
    if (secrets === 0) {
      throwSkipped(skipped, output);
      return;
    }
    for (const { message } of skipped) output.note(`Passed over: ${message}`);
    throw new ProxyctlError('PROXYCTL_SECRETS_FOUND', `${count(secrets, 'secret')} in the clear in ${store.url}`, {
      hint: 'Record those tests again and remove the old recordings (recordings rm), then change the secrets: whoever could read the store knows them.',
      data: { recordings, secrets },
    });
  },
});

function render(testId: string, recordingId: string, findings: readonly ScanFinding[]): string {
  const lines = findings.map(({ entry, method, url, where, shown }) =>
    entry === undefined ? `  ${where}: ${shown}` : `  #${entry} ${method} ${url}: ${where}: ${shown}`,
  );
  return [`${testId} ${recordingId}`, ...lines].join('\n');
}
