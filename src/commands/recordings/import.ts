import { z } from 'zod';
import { proxyctlHome } from '../../config/paths.js';
import { projectSettings } from '../../protocol/project-settings.js';
import { defineCommand } from '../shared/define-command.js';
import { count, recordingText } from '../shared/record-test.js';
import { recordingOptions } from '../shared/session-options.js';
import { text } from '../shared/values.js';
import { openChosenStore, publishAnywayOption, storeOption } from './store-option.js';

export const recordingsImport = defineCommand({
  name: 'recordings import',
  summary: 'Publish traffic that another tool has kept as a recording',
  description:
    'Takes a HAR (Chrome, Firefox, Charles, mitmproxy, Playwright with its attached files), a ZIP archive of Playwright’s, or what mitmdump -w wrote; which one, its content tells. Secrets are replaced as in a recording, and it replays like one. Its time is that of its first request: one that was recorded later stays the published one.',
  examples: [
    'recordings import checkout.har --test-id checkout',
    'recordings import trace.zip --test-id checkout --app-version 5.1.0',
    'recordings import flows.mitm --test-id checkout --branch feature/basket',
  ],
  args: z.object({ file: text.meta({ description: 'File to import', placeholder: 'file' }) }),
  options: z.object({
    testId: recordingOptions.testId,
    appVersion: text
      .optional()
      .meta({ description: 'Version of the app that made the requests', placeholder: 'version' }),
    branch: text.optional().meta({ description: 'Branch to publish it on', defaultText: 'main', placeholder: 'name' }),
    store: storeOption,
    publishAnyway: publishAnywayOption,
  }),
  async run({ args: { file }, options, output, interrupts }) {
    const { importFile } = await import('../../recordings/interchange/import-file.js');
    const { outageText } = await import('../../store/outage.js');
    const { branchOf, defaultAppVersion } = await import('../../store/recording-key.js');
    const { testId, appVersion = defaultAppVersion, branch } = options;
    await using store = await openChosenStore(options.store);
    const key = { testId, appVersion, ...branchOf(branch) };
    const { redact } = projectSettings();
    const { superseded, ...imported } = await importFile(file, {
      key,
      store,
      journalDir: proxyctlHome().journalDir,
      signal: interrupts.signal,
      onOutage: (outage) => output.note(outageText(outage)),
      ...(redact === undefined ? {} : { redact }),
      publishAnyway: options.publishAnyway,
    });
    output.print({ published: true, store: store.url, ...key, ...imported, reason: superseded }, recordingText);
    if (imported.lostBodies > 0) {
      output.note(`${count(imported.lostBodies, 'answer')} had no body in the file: export it with content.`);
    }
  },
});
