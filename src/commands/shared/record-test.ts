import type { StackApi } from '../../api/client.js';
import type { PublishRequest, PublishResult, SessionSummary } from '../../api/schemas.js';
import { shellWord } from '../../core/shell-word.js';
import { storedCommand } from '../../core/program-name.js';
import { formatBytes } from '../../core/units.js';
import { messageOf, ProxyctlError } from '../../errors/index.js';
import { ruleText } from '../../replay/rules/replay-rule.js';
import type { CommandIo } from './define-command.js';
import { holdOpen } from './hold-open.js';
import { InterruptedError, signalExitCode } from './interrupts.js';
import type { Output } from './output.js';
import { runCommand, type CommandResult } from './run-command.js';
import { resolveAppVersion } from './app-version.js';
import { endWithReport, forReport, type ReportFlags } from '../session-report/end-with-report.js';
import { sessionRequest, storeUrl, type RecordingFlags } from './session-options.js';
import { noteOpenProxy, noteWarnings, sessionEnvironment, withSession, type CommandSession } from './with-session.js';
import type { StackInUse } from './with-stack.js';

export type TestOptions = RecordingFlags & ReportFlags;

export interface RecordOutcome {
  exitCode: number;
  /** Undefined when it could not even be kept aside. */
  recording: PublishResult | undefined;
  summary: SessionSummary;
}

/**
 * Runs CMD live and publishes what it did if it succeeds; else keeps that aside. Without CMD it holds the session open
 * until it is interrupted, and publishes then.
 */
export async function recordTest(
  { api, own }: StackInUse,
  options: TestOptions & { run?: number },
  command: readonly string[],
  io: CommandIo,
): Promise<RecordOutcome> {
  const { testId, run } = options;
  const { appVersion, ...from } = await resolveAppVersion(options.appVersion, io.output);
  const flags = { ...options, appVersion, store: storeUrl(options.store) };
  const request = {
    ...(await sessionRequest('record', flags, own)),
    mode: 'record' as const,
    ...from,
    ...storedCommand(command),
    ...(run === undefined ? {} : { run }),
    ...forReport(options),
  };
  return withSession(api, request, async (open) => {
    const result = await runOrHold(open, options, command, io);
    const recording = await endRecording(open, result, io);
    const exitCode = result?.exitCode ?? 0;
    const summary = await endWithReport(open, options, { title: testId, exitCode }, io.output);
    noteWarnings(io.output, summary);
    return { exitCode, recording, summary };
  });
}

/**
 * Throws when a recording that is to be published is not; one that is to be kept aside must not hide why CMD failed.
 */
export async function endRecording(
  { stack, session }: CommandSession,
  result: CommandResult | undefined,
  { output, interrupts }: CommandIo,
): Promise<PublishResult | undefined> {
  const request = verdictOn(result);
  try {
    const recording = await publishing(stack, session.id, request, { output, interrupts });
    output.note(recordingText(recording));
    return recording;
  } catch (error) {
    if (error instanceof InterruptedError) {
      output.note('It was not published, and is whole on this machine: proxyctl recordings push');
    }
    if (isLost(error) && session.journal !== undefined)
      output.note(`What was recorded is in ${session.journal}: proxyctl recordings push ${session.recordingId ?? ''}`);
    if (request.verdict === 'publish') throw error;
    output.note(`${request.reason}, and its recording could not be kept: ${messageOf(error)}`);
    return undefined;
  }
}

/** Whether nobody is left who could say what became of a recording. */
function isLost(error: unknown): boolean {
  const lost = ['PROXYCTL_STACK_NOT_RUNNING', 'PROXYCTL_TIMEOUT', 'PROXYCTL_CHILD'];
  return error instanceof ProxyctlError && lost.includes(error.code);
}

/** When publishing takes longer than this, what is said of it meanwhile is shown. */
const listenAfterMs = 1500;

/** Ends a recording, until it is interrupted. */
export async function publishing(
  stack: StackApi,
  session: string,
  request: PublishRequest,
  { output, interrupts }: CommandIo,
): Promise<PublishResult> {
  // After Ctrl-C has ended CMD or the holding open, another one is for this.
  const { signal, release } = interrupts.next();
  const done = new AbortController();
  const timer = setTimeout(() => void noteOutages(stack, session, output, done.signal), listenAfterMs);
  try {
    return await stack.sessions.endRecording(session, request, signal);
  } finally {
    clearTimeout(timer);
    done.abort();
    release();
  }
}

async function noteOutages(stack: StackApi, session: string, output: Output, signal: AbortSignal): Promise<void> {
  try {
    for await (const event of stack.events({ session, types: ['warning'], signal })) {
      if (event.type === 'warning') output.note(event.message);
    }
  } catch (error) {
    if (!signal.aborted) output.note(`What happens meanwhile cannot be told: ${messageOf(error)}`);
  }
}

/** Runs CMD in the session. Without one, holds the session open and returns nothing. */
export async function runOrHold(
  open: CommandSession,
  { keepNoProxy }: Pick<TestOptions, 'keepNoProxy'>,
  command: readonly string[],
  { output, interrupts }: CommandIo,
): Promise<CommandResult | undefined> {
  noteOpenProxy(output, open.session);
  if (command.length === 0) {
    await holdOpen(open, { output, interrupts });
    return undefined;
  }
  const env = await sessionEnvironment(open, { keepNoProxy });
  interrupts.throwIfInterrupted();
  const result = await runCommand(command, { env, interrupts, stdoutToStderr: output.json });
  // A CMD that takes a Ctrl-C and exits 0 was still cut short.
  if (result.interruptedBy === undefined || result.exitCode !== 0) return result;
  return { ...result, exitCode: signalExitCode(result.interruptedBy) };
}

function verdictOn(result: CommandResult | undefined): { verdict: 'publish' | 'reject'; reason?: string } {
  if (result === undefined || result.exitCode === 0) return { verdict: 'publish' };
  const { exitCode, signal, interruptedBy } = result;
  if (interruptedBy !== undefined) return { verdict: 'reject', reason: `CMD was interrupted by ${interruptedBy}` };
  return {
    verdict: 'reject',
    reason: signal === undefined ? `CMD exited with ${exitCode}` : `CMD was ended by ${signal}`,
  };
}

export function recordingText(recording: PublishResult): string {
  const { published, testId, appVersion, branch, entries, bodies, bodyBytes, store, reason, journal } = recording;
  const version = appVersion === 'default' ? '' : ` for app version ${appVersion}`;
  const on = branch === undefined ? '' : ` on branch ${branch}`;
  if (!published) {
    const kept =
      journal === undefined ? '' : ` What was recorded (${count(entries, 'exchange')}) is kept in ${journal}`;
    return `Nothing was published: ${reason ?? 'the recording was rejected'}.${kept}`;
  }
  const { incomplete } = recording;
  const but = incomplete === undefined ? '' : `, but INCOMPLETE (${incomplete.reason})`;
  const what = `${count(entries, 'exchange')}, ${count(bodies, 'body', 'bodies')} (${formatBytes(bodyBytes)})`;
  const lines = [`Recorded "${testId}"${version}${on}${but}: ${what}, in ${store}`];
  if (reason !== undefined) lines.push(reason);
  if (recording.rules !== undefined) lines.push(...rulesText(recording.rules));
  if (entries === 0)
    lines.push('No request came through the proxy: docs/guides/clients.md says how clients are told of it.');
  return lines.join('\n');
}

/** For a CMD that succeeded while its recording does not hold all that it did; undefined for others. */
export function incompleteError({ exitCode, recording }: Pick<RecordOutcome, 'exitCode' | 'recording'>) {
  if (exitCode !== 0 || recording?.incomplete === undefined) return undefined;
  const { testId, recordingId, incomplete } = recording;
  return new ProxyctlError(
    'PROXYCTL_RECORDING_INCOMPLETE',
    `Recording ${recordingId} of "${testId}" is incomplete: ${incomplete.reason}`,
    {
      hint: `Record it once more: proxyctl record --test-id ${shellWord(testId)} -- <command>. proxyctl logs mitm has what happened.`,
      data: { recordingId, ...incomplete },
    },
  );
}

/** Of more, the rest is counted. */
const maxShown = 10;

/** What comparing with the recording before showed. */
function rulesText({ learned, undecided, comparedWith, failed }: NonNullable<PublishResult['rules']>): string[] {
  if (failed !== undefined) return [`It was not compared with the recording before it: ${failed}`];
  if (comparedWith === undefined) return [];
  const some = <Item>(items: readonly Item[], text: (item: Item) => string): string[] => [
    ...items.slice(0, maxShown).map((item) => `  ${text(item)}`),
    ...(items.length > maxShown ? [`  and ${items.length - maxShown} more`] : []),
  ];
  return [
    ...(learned.length === 0 ? [] : [`Learned from ${comparedWith}:`, ...some(learned, ruleText)]),
    ...(undecided.length === 0 ? [] : ['Different from run to run, and compared all the same:']),
    ...some(undecided, ({ index, method, where, before, after, why }) => {
      return `#${index} ${method} ${where}: ${before.slice(0, 40)} → ${after.slice(0, 40)} (${why})`;
    }),
  ];
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
