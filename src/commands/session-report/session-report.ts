import type { SessionSummary } from '../../api/schemas.js';
import type { Har } from '../../har/har.js';
import { lostProcessText } from '../shared/with-session.js';
import { notGivenText, ownFailures, replayText } from '../shared/replay-summary.js';

/** A session and what came of it, as its reports tell. */
export interface SessionReport {
  /** The test's id, or the name of the program that ran. */
  title: string;
  /** CMD's; undefined when the session was not a command's. */
  exitCode: number | undefined;
  /** Whether requests that a recording does not hold are accepted. */
  allowMisses: boolean;
  startedAt: Date;
  endedAt: Date;
  summary: SessionSummary;
  /** Without its secrets; undefined when the session kept no history. */
  har: Har | undefined;
  /** What each part of the stack logged meanwhile, one line an entry. */
  logs: ReadonlyMap<string, string>;
}

/** What is wrong, in a line; undefined when nothing is. */
export function failureOf({ exitCode = 0, summary }: SessionReport): string | undefined {
  if (exitCode !== 0) return `The command exited with ${exitCode}`;
  const [lost] = summary.lostProcesses;
  if (lost !== undefined) return lostProcessText(lost);
  const own = summary.session.mode === 'replay' ? ownFailures(summary) : [];
  return own.length === 0 ? undefined : notGivenText(own);
}

/** Of a replay: how many requests were not in the recording, in a line, and each with what came nearest. */
export function missesOf({ summary, allowMisses }: SessionReport): { line: string; text: string } | undefined {
  const { length } = summary.misses;
  if (length === 0 || allowMisses) return undefined;
  const line = length === 1 ? '1 request is not in the recording' : `${length} requests are not in the recording`;
  return { line, text: replayText(summary) };
}

/** What one would search reports by: names as in JUnit's properties, values as text. */
export function propertiesOf({ summary }: SessionReport): [string, string][] {
  const { session, misses, failures, unused } = summary;
  const { id, mode, testId, appVersion, branch, recordingId, counters, toxics, link } = session;
  const properties: [string, string | number | undefined][] = [
    ['session', id],
    ['mode', mode],
    ['test_id', testId],
    ['app_version', appVersion],
    ['branch', branch],
    ['recording', recordingId],
    ['requests', counters.exchanges],
    ['failures', failures.length],
    ['misses', mode === 'replay' ? misses.length : undefined],
    ['unused', mode === 'replay' ? unused.length : undefined],
    ['toxics', toxics.length === 0 ? undefined : toxics.map(({ name }) => name).join(', ')],
    ['link', link === undefined ? undefined : (link.profile ?? 'own values')],
    ['seed', link?.seed],
  ];
  return properties.flatMap(([name, value]) => (value === undefined ? [] : [[`proxyctl.${name}`, String(value)]]));
}
