import { z } from 'zod';
import { defineCommand } from './define-command.js';
import { checkCommand } from './find-command.js';
import { recordTest } from './record-test.js';
import { writeReport } from './report-file.js';
import { recordingOptions, reportOption, sessionOptions } from './session-options.js';
import { withStack } from './with-stack.js';

export const record = defineCommand({
  name: 'record',
  summary: 'Run a command live and publish the recording of its traffic',
  description:
    'The recording is published if CMD exits with 0; else it is kept aside, and its path said. Without CMD the session stays open until Ctrl-C, which publishes. The exit code is CMD’s.',
  examples: [
    'record --test-id checkout -- npm test',
    'record --test-id checkout --app-version 5.1.0 --store ../recordings -- pytest tests/checkout.py',
    'record --test-id manual --port 8080 --host 0.0.0.0',
  ],
  args: z.object({}),
  options: z.object({ ...recordingOptions, ...sessionOptions, ...reportOption }),
  passthrough: 'optional',
  async run({ options, rest, output, interrupts }) {
    if (rest.length > 0) await checkCommand(rest);
    const outcome = await withStack({ output, interrupts }, (stack) =>
      recordTest(stack, options, rest, { output, interrupts }),
    );
    if (output.json) output.print(outcome, () => '');
    await writeReport(options.report, outcome);
    return outcome.exitCode;
  },
});
