import { missText } from '../shared/replay-summary.js';
import { failureOf, missesOf, propertiesOf, type SessionReport } from './session-report.js';

/**
 * A session as JUnit XML: the command as one test case, for a replay a second one that fails with the misses, and one
 * that fails for each miss, by its request and with what differs from the recorded one that comes nearest. `files`:
 * what lies beside it, told as Jenkins' and GitLab's attachments (`[[ATTACHMENT|path]]`).
 */
export function junitXml(report: SessionReport, files: readonly string[] = []): string {
  const { title, summary, startedAt, endedAt } = report;
  const { mode } = summary.session;
  const seconds = ((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(3);
  const missed = missesOf(report);
  const cases = [testCase(title, mode, seconds, failureOf(report), undefined, files)];
  if (mode === 'replay')
    cases.push(testCase(`${title}: every request is in the recording`, mode, '0', missed?.line, missed?.text, []));
  const misses = missed === undefined ? [] : summary.misses;
  for (const miss of misses) {
    const name = `${title}: request ${miss.index}, ${miss.method} ${miss.url}`;
    cases.push(testCase(name, mode, '0', miss.reason, missText(miss), []));
  }
  const failures = [failureOf(report), missed].filter((each) => each !== undefined).length + misses.length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="proxyctl" ${counts}>`,
    `  <testsuite name="${escaped(`proxyctl ${mode}`)}" ${counts} timestamp="${startedAt.toISOString().slice(0, 19)}">`,
    '    <properties>',
    ...propertiesOf(report).map(([name, value]) => `      <property name="${name}" value="${escaped(value)}"/>`),
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(
  name: string,
  mode: string,
  seconds: string,
  failure: string | undefined,
  text: string | undefined,
  files: readonly string[],
): string {
  const inside = [
    ...(failure === undefined
      ? []
      : [`      <failure message="${escaped(failure)}" type="proxyctl">${escaped(text ?? failure)}</failure>`]),
    ...(files.length === 0
      ? []
      : [`      <system-out>${files.map((file) => `[[ATTACHMENT|${escaped(file)}]]`).join('\n')}</system-out>`]),
  ];
  const head = `    <testcase name="${escaped(name)}" classname="proxyctl.${mode}" time="${seconds}"`;
  return inside.length === 0 ? `${head}/>` : [`${head}>`, ...inside, '    </testcase>'].join('\n');
}

/** Characters that XML 1.0 does not have (§2.2) become U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => `&${entities[character] ?? ''};`);
}

/** By name: readers that take no numbers are about. */
const entities: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
