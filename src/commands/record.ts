import { z } from 'zod';
import { defineCommand } from './shared/define-command.js';
import { UsageError } from '../errors/index.js';
import { checkCommand } from './shared/find-command.js';
import { incompleteError, recordTest } from './shared/record-test.js';
import { redactSummary } from './session-report/redact-summary.js';
import { writeReport } from './shared/report-file.js';
import { sessionFlags } from './shared/session-flags.js';
import { environmentOptions, recordingOptions, reportOption, storeUrl } from './shared/session-options.js';
import { lostProcessError } from './shared/with-session.js';
import { wholeNumber } from './shared/values.js';
import { withStack } from './shared/with-stack.js';

const runsOption = {
  runs: wholeNumber(1, 20, 'n').default(1).meta({
    description:
      'Run CMD so many times, and learn from the differences which places of its requests are volatile; the last run is the published one',
  }),
};

export const record = defineCommand({
  name: 'record',
  summary: 'Run a command live and publish the recording of its traffic',
  description:
    'The recording is published if CMD exits with 0; else it is kept aside, and its path said. One that lost something, as a process of the stack died meanwhile, is published as incomplete, never in the place of a complete one, and makes the exit code 14. Without CMD the session stays open until Ctrl-C, which publishes. The exit code is CMD’s. Each recording is compared with the one before it: places of requests whose values differ although all else is the same become rules of the new one (see recordings rules).',
  examples: [
    'record --test-id checkout -- npm test',
    'record --test-id checkout --app-version 5.1.0 --store ../recordings -- pytest tests/checkout.py',
    'record --test-id checkout --runs 2 -- npm test',
    'record --test-id manual --proxy-port 8080 --host 0.0.0.0',
  ],
  args: z.object({}),
  options: z.object({
    ...sessionFlags('record'),
    ...recordingOptions,
    ...runsOption,
    ...environmentOptions,
    ...reportOption,
  }),
  passthrough: 'optional',
  async run({ options, rest, output, interrupts }) {
    if (rest.length > 0) await checkCommand(rest);
    if (options.runs > 1 && rest.length === 0)
      throw new UsageError('--runs needs a command to run', {
        hint: 'Write it after --, like: proxyctl record --test-id checkout --runs 2 -- npm test',
      });
    const outcome = await withStack({ output, interrupts, store: storeUrl(options.store) }, async (stack) => {
      for (let run = 1; ; run++) {
        const recorded = await recordTest(stack, { ...options, run }, rest, { output, interrupts });
        if (recorded.exitCode !== 0 || run === options.runs) return recorded;
        interrupts.throwIfInterrupted();
      }
    });
    if (output.json) output.print(outcome, () => '');
    await writeReport(options.report, { ...outcome, summary: redactSummary(outcome.summary) });
    const failure =
      incompleteError(outcome) ?? (outcome.exitCode === 0 ? lostProcessError(outcome.summary) : undefined);
    if (failure !== undefined) throw failure;
    return outcome.exitCode;
  },
});
