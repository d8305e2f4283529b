import { z } from 'zod';
import { defineCommand } from './define-command.js';
import { checkCommand } from './find-command.js';
import { ProxyctlError } from '../errors/index.js';
import { recordTest, type RecordOutcome } from './record-test.js';
import { replayOptions } from './replay-options.js';
import { replayTest, type ReplayOutcome } from './replay-test.js';
import { writeReport } from './report-file.js';
import { recordingOptions, reportOption, sessionOptions } from './session-options.js';
import { withStack } from './with-stack.js';

/** How a run ended: the recording still holds; it was old and is new now; or CMD fails live as well. */
type Verdict = 'replayed' | 'healed' | 'failed-live';

export const run = defineCommand({
  name: 'run',
  summary: 'Replay a test; if that fails, run it live and record it anew',
  description:
    'CMD runs on its recording first. If it fails there, if requests of it are not in the recording, or if there is no recording yet, it runs again live: when that succeeds its recording is published and the test is healed, else the failure is real and the exit code is CMD’s.',
  examples: ['run --test-id checkout -- npm test'],
  args: z.object({}),
  options: z.object({ ...recordingOptions, ...replayOptions, ...sessionOptions, ...reportOption }),
  passthrough: 'required',
  async run({ options, rest, output, interrupts }) {
    await checkCommand(rest);
    const surroundings = { output, interrupts };
    const outcome = await withStack(surroundings, async (stack) => {
      const replayed = await replayTest(stack, options, rest, surroundings).catch(noRecording);
      interrupts.throwIfInterrupted();
      if (replayed !== undefined && succeeded(replayed, options.allowMisses)) {
        return { verdict: 'replayed' as Verdict, exitCode: 0, replay: replayed };
      }
      output.note(replayed === undefined ? 'No recording yet: running live.' : 'The replay failed: running live.');
      const live = await recordTest(stack, options, rest, surroundings);
      return { verdict: verdictOf(live), exitCode: live.exitCode, replay: replayed, live };
    });
    output.note(words[outcome.verdict]);
    if (output.json) output.print(outcome, () => '');
    await writeReport(options.report, outcome);
    return outcome.exitCode;
  },
});

const words: Record<Verdict, string> = {
  replayed: 'replayed: the test passes on its recording.',
  healed: 'healed: the test passes live, and its recording is new now.',
  'failed-live': 'failed live too: the failure is not the recording’s.',
};

function succeeded({ exitCode, summary }: ReplayOutcome, allowMisses: boolean): boolean {
  return exitCode === 0 && (allowMisses || summary.misses.length === 0);
}

function verdictOf({ exitCode }: RecordOutcome): Verdict {
  return exitCode === 0 ? 'healed' : 'failed-live';
}

function noRecording(error: unknown): undefined {
  if (error instanceof ProxyctlError && error.code === 'PROXYCTL_RECORDING_NOT_FOUND') return undefined;
  throw error;
}
