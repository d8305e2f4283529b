import { z } from 'zod';
import { defineCommand } from './shared/define-command.js';
import { checkCommand } from './shared/find-command.js';
import { missesOption, replayError, replayTest } from './shared/replay-test.js';
import { redactSummary } from './session-report/redact-summary.js';
import { writeReport } from './shared/report-file.js';
import { sessionFlags } from './shared/session-flags.js';
import { environmentOptions, recordingOptions, reportOption, storeUrl } from './shared/session-options.js';
import { withStack } from './shared/with-stack.js';

export const replay = defineCommand({
  name: 'replay',
  summary: 'Run a command on a recording, with no backend',
  description:
    'Every request is answered from the recording; nothing reaches the network. A request that is not in it gets an error, is explained at the end, and makes the exit code 10 if CMD succeeded all the same; an answer that could not be given (a damaged body) makes it 15; else the exit code is CMD’s. Without CMD the session stays open until Ctrl-C.',
  examples: [
    'replay --test-id checkout -- npm test',
    'replay --test-id checkout --app-version 5.2.0 --report replay.json -- npm test',
  ],
  args: z.object({}),
  options: z.object({
    ...sessionFlags('replay'),
    ...recordingOptions,
    ...missesOption,
    ...environmentOptions,
    ...reportOption,
  }),
  passthrough: 'optional',
  async run({ options, rest, output, interrupts }) {
    if (rest.length > 0) await checkCommand(rest);
    const outcome = await withStack({ output, interrupts, store: storeUrl(options.store) }, (stack) =>
      replayTest(stack, options, rest, { output, interrupts }),
    );
    if (output.json) output.print(outcome, () => '');
    await writeReport(options.report, { ...outcome, summary: redactSummary(outcome.summary) });
    const { exitCode, summary } = outcome;
    const failure = exitCode === 0 ? replayError(summary, options) : undefined;
    if (failure !== undefined) throw failure;
    return exitCode;
  },
});
