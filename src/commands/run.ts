import { z } from 'zod';
import { defineCommand } from './shared/define-command.js';
import { checkCommand } from './shared/find-command.js';
import { errorCodes, ProxyctlError } from '../errors/index.js';
import type { CommandIo } from './shared/define-command.js';
import { incompleteError, recordTest, type RecordOutcome } from './shared/record-test.js';
import { missesOption, replayError, replayTest, type ReplayOptions, type ReplayOutcome } from './shared/replay-test.js';
import { redactSummary } from './session-report/redact-summary.js';
import { writeReport } from './shared/report-file.js';
import { wholeNumber } from './shared/values.js';
import { sessionFlags } from './shared/session-flags.js';
import { environmentOptions, recordingOptions, reportOption, storeUrl } from './shared/session-options.js';
import { lostProcessError } from './shared/with-session.js';
import { withStack, type StackInUse } from './shared/with-stack.js';

/**
 * How a run ended: the recording still holds; it was old and is new now; the new one does not hold either (the test or
 * the backend differs from run to run); CMD fails live as well; or it failed on the recording, and was not to be run
 * live.
 */
type Verdict = 'replayed' | 'healed' | 'unstable' | 'failed-live' | 'failed-replay';

const healOptions = {
  heal: z.enum(['never', 'miss', 'always']).default('always').meta({
    description:
      'When to run live and record anew: never, if requests were not in the recording, or whenever the replay failed',
  }),
  verifyHeal: z.boolean().default(false).meta({
    description: 'Replay the new recording at once, and exit with 10 if it does not hold',
  }),
  healedCode: wholeNumber(0, 255, 'code').default(0).meta({ description: 'Exit code of a test that was healed' }),
};

export const run = defineCommand({
  name: 'run',
  summary: 'Replay a test; if that fails, run it live and record it anew',
  description:
    'CMD runs on its recording first. If it fails there, if requests of it are not in the recording, or if there is no recording yet, it runs again live: when that succeeds its recording is published and the test is healed, else the failure is real and the exit code is CMD’s. The report’s `verdict` is replayed, healed, unstable (healed, and the new recording does not hold), failed-live or failed-replay (--heal kept it from running live).',
  examples: [
    'run --test-id checkout -- npm test',
    'run --test-id checkout --heal miss --report run.json -- npm test',
    'run --test-id checkout --heal never -- npm test',
  ],
  args: z.object({}),
  options: z.object({
    ...sessionFlags('run'),
    ...recordingOptions,
    ...missesOption,
    ...healOptions,
    ...environmentOptions,
    ...reportOption,
  }),
  passthrough: 'required',
  async run({ options, rest, output, interrupts }) {
    await checkCommand(rest);
    const io = { output, interrupts };
    const outcome = await withStack({ ...io, store: storeUrl(options.store) }, (stack) =>
      runTest(stack, options, rest, io),
    );
    output.note(words[outcome.verdict]);
    if (output.json) output.print(outcome, () => '');
    const { replay, live, verified } = outcome;
    await writeReport(options.report, {
      ...outcome,
      ...{ replay: replay && shown(replay), live: live && shown(live), verified: verified && shown(verified) },
    });
    return outcome.exitCode;
  },
});

interface RunOutcome {
  verdict: Verdict;
  exitCode: number;
  /** Undefined when there was no recording. */
  replay: ReplayOutcome | undefined;
  live?: RecordOutcome;
  /** The replay of the new recording, where it was asked for. */
  verified?: ReplayOutcome;
}

type RunOptions = ReplayOptions & z.output<z.ZodObject<typeof healOptions>>;

async function runTest(
  stack: StackInUse,
  options: RunOptions,
  command: readonly string[],
  io: CommandIo,
): Promise<RunOutcome> {
  const { heal, verifyHeal, healedCode } = options;
  const { output, interrupts } = io;
  const replay = await replayTest(stack, options, command, io).catch((error: unknown) => {
    if (heal === 'never') throw error;
    return noRecording(error);
  });
  interrupts.throwIfInterrupted();
  if (replay !== undefined) {
    if (succeeded(replay, options)) return { verdict: 'replayed', exitCode: 0, replay };
    if (heal === 'never' || (heal === 'miss' && replay.summary.misses.length === 0))
      return { verdict: 'failed-replay', exitCode: failureCode(replay, options), replay };
  }
  output.note(replay === undefined ? 'No recording yet: running live.' : 'The replay failed: running live.');
  const live = await recordTest(stack, options, command, io);
  if (live.exitCode !== 0) return { verdict: 'failed-live', exitCode: live.exitCode, replay, live };
  const incomplete = incompleteError(live) ?? lostProcessError(live.summary);
  if (incomplete !== undefined) return { verdict: 'unstable', exitCode: incomplete.exitCode, replay, live };
  if (!verifyHeal) return { verdict: 'healed', exitCode: healedCode, replay, live };
  interrupts.throwIfInterrupted();
  output.note('Replaying the new recording.');
  const verified = await replayTest(stack, options, command, io);
  const holds = succeeded(verified, options);
  return {
    verdict: holds ? 'healed' : 'unstable',
    exitCode: holds ? healedCode : errorCodes.PROXYCTL_REPLAY_MISSED.exitCode,
    ...{ replay, live, verified },
  };
}

function shown<Outcome extends ReplayOutcome>(outcome: Outcome): Outcome {
  return { ...outcome, summary: redactSummary(outcome.summary) };
}

const words: Record<Verdict, string> = {
  replayed: 'replayed: the test passes on its recording.',
  healed: 'healed: the test passes live, and its recording is new now.',
  unstable:
    'unstable: the test passes live, but not on what was just recorded: it or its backend differs from run to run, or the recording is incomplete.',
  'failed-live': 'failed live too: the failure is not the recording’s.',
  'failed-replay': 'failed on its recording, and was not run live (--heal).',
};

function failureCode({ exitCode, summary }: ReplayOutcome, options: ReplayOptions): number {
  return exitCode === 0 ? (replayError(summary, options)?.exitCode ?? 0) : exitCode;
}

function succeeded({ exitCode, summary }: ReplayOutcome, options: ReplayOptions): boolean {
  return exitCode === 0 && replayError(summary, options) === undefined;
}

function noRecording(error: unknown): undefined {
  if (error instanceof ProxyctlError && error.code === 'PROXYCTL_RECORDING_NOT_FOUND') return undefined;
  throw error;
}
