import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../core/make-folder.js';
import type { SessionSummary } from '../../api/schemas.js';
import { formatLogEntry, type LogEntry } from '../../core/logger.js';
import { messageOf, ProxyctlError, systemCode } from '../../errors/index.js';
import type { Har } from '../../har/har.js';
import { redactHar, type Redactor } from '../../har/redaction/index.js';
import { escapeSegment } from '../../store/recording-key.js';
import type { Output } from '../shared/output.js';
import type { CommandSession } from '../shared/with-session.js';
import { writeAllureResult } from './allure.js';
import { junitXml } from './junit.js';
import { redactSummary, reportRedactor } from './redact-summary.js';
import type { SessionReport } from './session-report.js';

export interface ReportFlags {
  reportDir?: string | undefined;
  allure?: string | undefined;
}

type About = Pick<SessionReport, 'title' | 'exitCode'> & { allowMisses?: boolean };

/** What a session needs for its reports: that it keeps its exchanges. */
export function forReport({ reportDir, allure }: ReportFlags): { history?: true } {
  return reportDir === undefined && allure === undefined ? {} : { history: true };
}

/**
 * Ends a session, and writes the reports on it that were asked for. Throws `PROXYCTL_USAGE` when one cannot be written.
 */
export async function endWithReport(
  open: CommandSession,
  flags: ReportFlags,
  { title, exitCode, allowMisses = false }: About,
  output: Output,
): Promise<SessionSummary> {
  const { reportDir, allure } = flags;
  if (reportDir === undefined && allure === undefined) return open.end();
  const redactor = reportRedactor(open.session);
  const [har, logs] = [await harOf(open, redactor), await logsOf(open)];
  const summary = await open.end();
  const shown = redactSummary(summary, redactor);
  const shownLogs =
    redactor === undefined
      ? logs
      : new Map([...logs].map(([source, text]) => [source, redactor.text(text, 'text/plain')]));
  const startedAt = new Date(summary.session.createdAt);
  const report = { title, exitCode, allowMisses, startedAt, endedAt: new Date(), summary: shown, har, logs: shownLogs };
  if (reportDir !== undefined) {
    const folder = await written(reportDir, '--report-dir', () => writeReportFolder(reportDir, report));
    output.note(`The report is in ${folder}`);
  }
  if (allure !== undefined) await written(allure, '--allure', () => writeAllureResult(allure, report));
  return summary;
}

/** Undefined for a session that keeps no history. */
async function harOf({ stack, session }: CommandSession, redactor: Redactor | undefined): Promise<Har | undefined> {
  try {
    const har = await stack.har(session.id);
    return redactor === undefined ? har : redactHar(har, redactor);
  } catch (error) {
    if (error instanceof ProxyctlError && error.code === 'PROXYCTL_USAGE') return undefined;
    throw error;
  }
}

/** Since the session began, by source. */
async function logsOf({ stack, session }: CommandSession): Promise<ReadonlyMap<string, string>> {
  const logs = new Map<string, LogEntry[]>();
  for await (const entry of stack.logs()) {
    if (entry.time >= session.createdAt) logs.set(entry.source, [...(logs.get(entry.source) ?? []), entry]);
  }
  return new Map([...logs].map(([source, entries]) => [source, entries.map((e) => `${formatLogEntry(e)}\n`).join('')]));
}

/** Writes `summary.json`, `traffic.har`, `junit.xml` and `logs/` into a new folder of `reportDir`. Returns it. */
async function writeReportFolder(reportDir: string, report: SessionReport): Promise<string> {
  const { title, summary, har, logs } = report;
  const folder = await newFolder(join(reportDir, escapeSegment(`${title} ${summary.session.mode}`)));
  const files = new Map([
    ['summary.json', `${JSON.stringify({ title, exitCode: report.exitCode, summary }, null, 2)}\n`],
    ...(har === undefined ? [] : [['traffic.har', `${JSON.stringify(har, null, 2)}\n`] as const]),
    ...[...logs].map(([source, text]) => [`logs/${escapeSegment(source)}.log`, text] as const),
  ]);
  for (const [name, content] of files) {
    const path = join(folder, name);
    await makeFolder(dirname(path));
    await writeFile(path, content);
  }
  await writeFile(
    join(folder, 'junit.xml'),
    junitXml(
      report,
      [...files.keys()].map((name) => join(folder, name)),
    ),
  );
  return folder;
}

/** This one, or the first of `NAME-2`, `NAME-3`, … that is not there yet: what an earlier run left is kept. */
async function newFolder(wanted: string): Promise<string> {
  await makeFolder(dirname(wanted));
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
}

async function written<T>(place: string, flag: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new ProxyctlError('PROXYCTL_USAGE', `The report in ${place} cannot be written: ${messageOf(error)}`, {
      cause: error,
      hint: `Give ${flag} a folder that you can write to.`,
    });
  }
}
