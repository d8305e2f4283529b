import { z } from 'zod';
import { storedCommand } from '../../core/program-name.js';
import { shellWord } from '../../core/shell-word.js';
import type { SessionSummary } from '../../api/schemas.js';
import { ProxyctlError } from '../../errors/index.js';
import { notGivenText, ownFailures, replayText } from './replay-summary.js';
import { resolveAppVersion } from './app-version.js';
import type { CommandIo } from './define-command.js';
import { endRecording, runOrHold, type TestOptions } from './record-test.js';
import { endWithReport, forReport } from '../session-report/end-with-report.js';
import { sessionRequest, storeUrl } from './session-options.js';
import { lostProcessError, noteWarnings, withSession } from './with-session.js';
import type { StackInUse } from './with-stack.js';

export interface ReplayOutcome {
  /** CMD's own. */
  exitCode: number;
  summary: SessionSummary;
}

export const missesOption = {
  allowMisses: z.boolean().default(false).meta({ description: 'Let the exit code be CMD’s even if requests missed' }),
};

export type ReplayOptions = TestOptions & z.output<z.ZodObject<typeof missesOption>>;

/**
 * Runs CMD on its recording and says on stderr how that went. Without CMD it holds the session open until it is
 * interrupted.
 */
export async function replayTest(
  { api, own }: StackInUse,
  options: ReplayOptions,
  command: readonly string[],
  io: CommandIo,
): Promise<ReplayOutcome> {
  const { testId } = options;
  const { appVersion, appVersionFrom } = await resolveAppVersion(options.appVersion, io.output);
  if (appVersionFrom !== undefined) {
    io.output.note(
      'The app tells its version in its requests, which are still to come: the recording is chosen without it.',
    );
  }
  const request = {
    ...(await sessionRequest('replay', { ...options, appVersion, store: storeUrl(options.store) }, own)),
    mode: 'replay' as const,
    ...storedCommand(command),
    ...forReport(options),
  };
  return withSession(api, request, async (open) => {
    const { recordingId, recordingReason, recordingIncomplete } = open.session;
    if (recordingId !== undefined && recordingReason !== undefined) {
      io.output.note(`Replaying "${testId}" from recording ${recordingId}, because ${recordingReason}`);
    }
    if (recordingIncomplete !== undefined)
      io.output.note(`This recording is INCOMPLETE: ${recordingIncomplete}. Requests that it lost are misses.`);
    const result = await runOrHold(open, options, command, io);
    // what was added to the recording, where misses are recorded
    if (request.onMiss?.some(({ action }) => action === 'record') === true) await endRecording(open, result, io);
    const exitCode = result?.exitCode ?? 0;
    const about = { title: testId, exitCode, allowMisses: options.allowMisses };
    const summary = await endWithReport(open, options, about, io.output);
    noteWarnings(io.output, summary);
    io.output.note(replayText(summary));
    return { exitCode, summary };
  });
}

/** What is wrong with a replay whose CMD succeeded; undefined when nothing is. */
export function replayError(summary: SessionSummary, options: ReplayOptions): ProxyctlError | undefined {
  const own = ownFailures(summary);
  if (own.length > 0) return failedError(own, options.testId);
  const lost = lostProcessError(summary);
  if (lost !== undefined) return lost;
  return summary.misses.length > 0 && !options.allowMisses ? missedError(summary, options.testId) : undefined;
}

function failedError(own: SessionSummary['failures'], testId: string): ProxyctlError {
  const message = `The replay of "${testId}" failed: ${notGivenText(own)}`;
  return new ProxyctlError('PROXYCTL_REPLAY_FAILED', message, {
    hint: `Where the recording is damaged, restore it from a copy of the store or record it anew: proxyctl record --test-id ${shellWord(testId)} -- <command>. Else proxyctl logs mitm has what failed.`,
    data: { failures: own.length },
  });
}

/** For a CMD that succeeded although requests of it were not in the recording. */
function missedError({ misses, session }: SessionSummary, testId: string): ProxyctlError {
  const { exchanges } = session.counters;
  return new ProxyctlError(
    'PROXYCTL_REPLAY_MISSED',
    `${misses.length} of ${exchanges} requests are not in the recording of "${testId}"`,
    {
      hint: `If the test has changed, record it anew: proxyctl record --test-id ${shellWord(testId)} -- <command>. To let misses pass: --allow-misses`,
      data: { misses: misses.length, exchanges },
    },
  );
}
